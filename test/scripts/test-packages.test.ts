import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { missingPrograms } from '../support/missing-programs.ts';
import { createWorld, installScript, type World, worldUnavailable } from '../support/world.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/test-packages.mjs', import.meta.url));
const POLICY = '/usr/sbin/policy-rc.d';
const UNPACKED = '/opt/vpn-monitor-test-packages';
const PACKAGES = 'postfix exim4-base exim4-daemon-light opensmtpd node-22 node-24';
const reason = process.getuid?.() === 0 ? worldUnavailable() : 'needs root: it installs packages';

let world: World;
beforeEach(({ skip }) => {
  skip(reason !== undefined, reason);
  world = createWorld();
  const { folder } = world;
  // A private copy, in which ocserv alone is missing; apt-get notes what it is asked for, and what policy it meets.
  world.run(`mkdir over && mount -t tmpfs tmpfs over && mkdir over/upper over/work
    mount -t overlay -o lowerdir=/usr/sbin,upperdir=over/upper,workdir=over/work overlay /usr/sbin
    rm -f /usr/sbin/ocserv ${POLICY}
    mkdir over/opt over/opt-work
    mount -t overlay -o lowerdir=/opt,upperdir=over/opt,workdir=over/opt-work overlay /opt
    for name in ${PACKAGES}; do mkdir -p ${UNPACKED}/$name; done`);
  for (const name of [
    'openconnect',
    'openvpn',
    'wg',
    'wireguard-go',
    'charon-cmd',
    'swanctl',
    'vpnc',
    'openfortivpn',
    'nft',
    'iptables-nft',
    'iptables-legacy',
    'ip',
    'openssl',
    'systemd-analyze',
    'chromium',
    'zsh',
    'promtool',
    'amtool',
    'sudo',
    'strace',
    'slirp4netns',
    'lintian',
  ])
    installScript(world, name, '#!/bin/sh\n');
  installScript(world, 'dpkg-query', '#!/bin/sh\necho install ok installed\n');
  installScript(world, 'systemctl', `#!/bin/sh\necho "systemctl $*" >>${folder}/asked\n`);
  installScript(
    world,
    'apt-get',
    `#!/bin/sh
echo "apt-get $1: policy $(${POLICY} ocserv start >/dev/null 2>&1; echo $?), $*" >>${folder}/asked
[ "$1" = update ] || [ -e ${folder}/broken ] || printf '#!/bin/sh\\n' | install -m 755 /dev/stdin ${folder}/bin/ocserv
[ ! -e ${folder}/broken ]
`,
  );
});
afterEach(() => world?.end());

const asked = () => {
  const file = `${world.folder}/asked`;
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
};
const install = async () => {
  const started = world.start([process.execPath, SCRIPT]);
  return { status: await started.ended, said: started.stdout() + started.stderr() };
};

test('installs what is missing, no service being started or enabled, and says so', async () => {
  expect(await install()).toEqual({ status: 0, said: 'set-up: installing ocserv (apt-get)\n' });
  expect(asked()).toEqual([
    'apt-get update: policy 101, update',
    expect.stringMatching(/^apt-get install: policy 101, install .*--no-install-recommends ocserv$/),
    'systemctl disable ocserv.service ocserv.socket',
  ]);
  expect(world.run(`ls ${POLICY}* 2>/dev/null || true`)).toBe('');
});

test('unpacks a mail server that is missing, since it can not be installed beside another', async () => {
  world.run(`rm -r ${UNPACKED}/postfix`);
  installScript(
    world,
    'apt-get',
    `#!/bin/sh
echo "$*" >>${world.folder}/asked
case "$*" in
  *install*) printf '#!/bin/sh\\n' | install -m 755 /dev/stdin ${world.folder}/bin/ocserv ;;
  *download*) touch postfix_3.7_amd64.deb ;;
esac
`,
  );
  installScript(world, 'dpkg', '#!/bin/sh\nmkdir "$3" && cp "$2" "$3"\n');
  const { status, said } = await install();
  expect([status, said]).toEqual([
    0,
    'set-up: installing ocserv (apt-get)\nset-up: unpacking postfix (apt-get download)\n',
  ]);
  expect(asked()).toContainEqual(expect.stringMatching(/ download postfix$/));
  expect(world.run(`ls ${UNPACKED} ${UNPACKED}/postfix`)).toContain('postfix_3.7_amd64.deb');
});

test("the host's own policy is the same again afterwards, also when apt-get fails", async () => {
  world.run(`printf '#!/bin/sh\\nexit 7\\n' >${POLICY} && chmod 755 ${POLICY} && touch broken`);
  const { status, said } = await install();
  expect(status).toBe(1);
  expect(said).toContain('apt-get could not install ocserv');
  expect(asked()[1]).toContain('policy 101');
  expect(world.run(`ls ${POLICY}*; cat ${POLICY}`)).toBe(`${POLICY}\n#!/bin/sh\nexit 7\n`);
});

test('with nothing missing it does nothing and says nothing', async () => {
  installScript(world, 'ocserv', '#!/bin/sh\n');
  expect(await install()).toEqual({ status: 0, said: '' });
  expect(asked()).toEqual([]);
});

test('without them the tests say what they need, and what to type', () => {
  expect(missingPrograms(['ocserv-nowhere', 'sh', 'promtool-nowhere'])).toMatch(
    /^needs ocserv-nowhere, promtool-nowhere: type `node scripts\/test-packages\.mjs` as root/,
  );
  expect(missingPrograms(['sh'])).toBeUndefined();
});
