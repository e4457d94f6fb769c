import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { hostState } from '../lab/client.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';
import { unpackPackages } from '../support/unpack-packages.ts';

// Programs that manage resolv.conf, as Debian has them, and openconnect, which tells them its name servers and dies.

const PACKAGES = ['resolvconf', 'openresolv', 'systemd-resolved'];
const OURS = 'nameserver 10.77.1.1';

/** How resolvconf, or what stands for it, is restored by hand: the default of `dns.restore`. */
const RESTORE = 'dns: { restore: [sudo, -n, resolvconf, -u] }';

/** A program of Debian that manages resolv.conf. */
interface Manager {
  readonly name: string;
  readonly package: string;
  /** Makes it manage the world's resolv.conf. */
  readonly prepare: string;
  /** Prints what it knows of its devices, which must be the same after a test. */
  readonly shows: string;
}

const SYSTEMD = (link: string) => `
  mkdir -p /run/dbus /run/systemd/resolve
  grep -q '^systemd-resolve:' /etc/passwd || echo 'systemd-resolve:x:992:992::/:/usr/sbin/nologin' >>/etc/passwd
  grep -q '^systemd-resolve:' /etc/group || echo 'systemd-resolve:x:992:' >>/etc/group
  chown systemd-resolve:systemd-resolve /run/systemd/resolve
  dbus-daemon --system --fork
  setsid -f /usr/lib/systemd/systemd-resolved >/run/resolved.log 2>&1 </dev/null
  ln -sfn ../run/systemd/resolve/${link} /etc/resolv.conf
  until resolvectl dns wan 10.77.1.1 2>/dev/null; do sleep 0.1; done`;

const MANAGERS: readonly Manager[] = [
  {
    name: 'resolvconf',
    package: 'resolvconf',
    prepare: `
      mkdir -p /run/resolvconf/interface
      touch /run/resolvconf/enable-updates
      ln -sfn ../run/resolvconf/resolv.conf /etc/resolv.conf
      echo '${OURS}' | resolvconf -a wan.dhclient`,
    shows: 'ls /run/resolvconf/interface',
  },
  {
    name: 'openresolv',
    package: 'openresolv',
    prepare: `echo '${OURS}' | resolvconf -a wan`,
    shows: 'ls /run/resolvconf/interfaces',
  },
  {
    name: 'systemd-resolved and its stub',
    package: 'systemd-resolved',
    prepare: SYSTEMD('stub-resolv.conf'),
    shows: 'resolvectl dns',
  },
  {
    name: 'systemd-resolved and its list of name servers',
    package: 'systemd-resolved',
    prepare: SYSTEMD('resolv.conf'),
    shows: 'resolvectl dns',
  },
];

const reason = labUnavailable();
const packages = temporaryFolder(afterAll);
let whyNot: string | undefined;
beforeAll(() => {
  if (reason !== undefined) return;
  try {
    for (const name of PACKAGES) {
      mkdirSync(path.join(packages, name));
      unpackPackages(path.join(packages, name), [name]);
    }
  } catch (error) {
    whyNot = `needs Debian's packages ${PACKAGES.join(', ')}: ${String(error)}`;
  }
});
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip((reason ?? whyNot) !== undefined, reason ?? whyNot));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

test.for(MANAGERS)(
  '$name: as it was after a log-out, and after a client that was killed',
  async (manager) => {
    lab = await createLab([{ kind: 'ocserv' }], createMonitoredWorld());
    const { world, gateways } = lab;
    const [gateway] = gateways;
    if (gateway === undefined) throw new Error('no gateway');
    const unpacked = path.join(packages, manager.package);
    world.run(`set -e
    mount -t overlay -o lowerdir=${unpacked}/usr:/usr overlay /usr
    cp -a ${unpacked}/etc/. /etc
    ${manager.prepare}
    grep -q nameserver /etc/resolv.conf`);
    world.config(
      { gw: siteSettings(gateway) },
      `ping: { count: 6, timeout: 60 }\nlogin: { step_timeout: 60, quit_timeout: 20 }\n${RESTORE}`,
    );
    const look = () => ({
      ...hostState(world),
      link: world.run('readlink /etc/resolv.conf || echo none'),
      mode: world.run('stat -Lc %a /etc/resolv.conf'),
      shown: world.run(manager.shows),
    });
    const before = look();
    const noted = () => JSON.parse(world.read('results', '.state', 'host.json')).dns.content;

    const tested = world.monitor(['once', '--json', 'gw']);
    await until('the tunnel is up', () => world.run('ip -br link').includes('tun0'));
    await until('the manager knows it', () => world.run(manager.shows).includes('tun0'));
    expect(await tested.ended).toBe(0);
    expect(look()).toEqual(before);
    expect(world.log()).not.toContain('CRITICAL');

    const killed = world.monitor(['once', '--json', 'gw']);
    await until(
      'the manager knows the tunnel',
      () =>
        /tun0/.test(world.run(manager.shows)) &&
        /Running internal/.test(world.log().split('Stages results').at(-1) ?? ''),
    );
    world.run('kill -KILL $(pgrep -x openconnect)');
    await killed.ended;
    const [{ summary, cause }] = JSON.parse(killed.stdout()).sites;
    expect([summary, cause]).toEqual(['FAILURE', 'client-exited']);
    expect(look()).toEqual(before);
    expect(noted()).toBe(before.resolvConf);
    expect(readFileSync(`${world.view}/etc/resolv.conf`, 'utf8')).not.toContain('10.77.101.1');
  },
);
