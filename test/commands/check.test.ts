import fs, { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkSites } from '../../src/check/check-sites.ts';
import { openconnect } from '../../src/clients/openconnect.ts';
import { startct } from '../../src/clients/startct.ts';
import { check } from '../../src/commands/check.ts';
import { acquireResults } from '../../src/lock/lock.ts';
import { failed } from '../../src/model/result.ts';
import type { System } from '../../src/system/system.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { PATH } from '../support/paths.ts';
import { PROFILE, probeConfig } from '../support/probe.ts';
import { startRealServer } from '../support/real-smtp-server.ts';
import { freePort } from '../support/scripted-smtp-server.ts';
import { simulatedSite } from '../support/site.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import {
  common,
  createHome,
  createShell,
  type Home,
  type Keys,
  type RecordingShell,
  type ShellOptions,
} from './support.ts';

/** Checks a config with the sites and keys; `lines` are the findings, remedies joined to them by ` -> `. */
async function checked(more: Keys = {}, options: ShellOptions = {}, sites: Keys = { site1: 'works' }) {
  const home = createHome(sites, more);
  const shell = createShell(home, options);
  const status = await check(common(home), shell);
  return { home, status, lines: findings(shell) };
}

/** Without those about where this checkout and node lie. */
function findings(shell: RecordingShell): string[] {
  return shell.screen
    .stdout()
    .trimEnd()
    .replaceAll(/\n {9}/g, ' -> ')
    .split('\n')
    .filter((line) => !/^warning {2}exposed: (?:the program|node) |^\w+ +node: /.test(line));
}

/** A folder with scripts, as a PATH in front of the real one, or alone. */
function scripts(texts: Keys): string {
  const folder = createHome().at('bin');
  fs.mkdirSync(folder);
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(path.join(folder, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  }
  return folder;
}

/** A real mail server on a free port of loopback. */
async function mailServer(options?: Parameters<typeof startRealServer>[0]): Promise<number> {
  const server = await startRealServer(options);
  onTestFinished(server.close);
  return server.port;
}

const email = (server: string, security = 'none') =>
  `{ dir: results, file: result, email: { server: '${server}', security: ${security}, from: monitor@example.com, to: noc@example.com } }`;
/** Sites of the real client, which is not installed here. */
const STARTCT = { real: 'gw.example.com, client: startct' };

test('a host that is ready', async () => {
  const port = await mailServer();
  const { home, status, lines } = await checked({ logging: email(`127.0.0.1:${port}`) });
  expect(status).toBe(0);
  expect(lines).toEqual([
    `ok       config: ${home.config}, 1 of 1 sites enabled`,
    `ok       client demo: ${home.at('simulated-client')}`,
    'ok       ping: works (127.0.0.1 answers)',
    expect.stringMatching(/^ok {7}ps: works \(\d+ processes\)$/),
    expect.stringContaining(`ok       results: ${home.at('results')} can be written`),
    'ok       monitor: none is running on this results folder',
    'ok       DNS: no client of this config changes it',
    expect.stringMatching(new RegExp(`^ok {7}mail server 127\\.0\\.0\\.1:${port}: ready \\(.+\\)$`)),
    expect.stringMatching(
      /^ok {7}site site1: 127\.0\.0\.1 answers pings: avg [\d.]+ ms, .*packet loss 0 % \(127\.0\.0\.1\)$/,
    ),
    expect.stringMatching(/^\d+ ok, \d+ warnings?, 0 missing$/),
    'Ready to run.',
  ]);
  // Nothing of the looking is left.
  expect(fs.readdirSync(home.folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a risk in the config is a warning; the host is still ready', async () => {
  const home = createHome({ site1: 'works', off: 'works, enabled: false' });
  fs.chmodSync(home.config, 0o644);
  const shell = createShell(home);
  expect(await check(common(home), shell)).toBe(0);
  const warnings = findings(shell).filter((line) => line.startsWith('warning'));
  expect(warnings).toEqual([
    expect.stringMatching(/^warning {2}config: .*0600/),
    expect.stringContaining('logging.email'),
  ]);
  expect(findings(shell)[0]).toContain('1 of 2 sites enabled');
});

test.each([
  [
    'no client',
    { clients: '{ startct: { command: /opt/startct } }' },
    'missing  client startct: /opt/startct is not there or may not be run -> install it, or say where it is: clients: { startct: { command: /path/to/startct } }',
  ],
  [
    'no client in PATH',
    {},
    'missing  client startct: startct is not there or may not be run -> install it, or say where it is: clients: { startct: { command: /path/to/startct } }',
  ],
  [
    'a restore command that is not there',
    { dns: '{ file: /nowhere/resolv.conf, restore: [nowhere, -u] }' },
    'missing  DNS: nowhere was not found -> install it, or name what restores resolv.conf on this host: dns.restore',
  ],
])('%s is printed with its remedy', async (_, more: Keys, finding) => {
  const { status, lines } = await checked(more, {}, STARTCT);
  expect(status).toBe(1);
  expect(lines).toContain(finding);
  expect(lines.at(-1)).toBe('Not ready to run: fix what is missing above.');
});

test('a missing ping is printed with the package to install', async () => {
  const { status, lines } = await checked({}, { env: { PATH: '/nowhere' } });
  expect(status).toBe(1);
  expect(lines).toContain(
    'missing  ping: the command ping is not in PATH -> Debian, Ubuntu: apt-get install iputils-ping',
  );
});

test('a ping that this user may not use', async () => {
  const bin = scripts({ ping: 'echo "ping: socket: Operation not permitted"; exit 2' });
  const { status, lines } = await checked({}, { env: { PATH: `${bin}:${PATH}` } });
  expect(status).toBe(1);
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^missing {2}ping: ping is not permitted: .* -> may this user ping\? .*CAP_NET_RAW/,
    ),
  );
});

test('a ping that this host can not start', async () => {
  const spawnPty = () => failed('no terminal is left');
  const { status, lines } = await checked({}, { system: { spawnPty } });
  expect(status).toBe(1);
  expect(lines).toContainEqual(
    expect.stringMatching(/^missing {2}ping: .* could not be started: no terminal is left -> .*TasksMax=/),
  );
});

/** A ping that answers as its target says; what it is given is kept in the file `pings`. */
function pingOfNames(folder: string): string {
  return `target=\${@: -1}; echo "$*" >>'${folder}/pings'
case $target in
127.*) echo "1 packets transmitted, 1 received, 0% packet loss"; echo "rtt min/avg/max/mdev = 1.0/2.0/3.0/0.5 ms";;
10.*) echo "2 packets transmitted, 0 received, 100% packet loss"; exit 1;;
192.0.2.*) printf 'ping: sendmsg: Operation not permitted\\n2 packets transmitted, 0 received\\n'; exit 1;;
198.51.100.*) echo "ping: connect: Cannot assign requested address"; exit 2;;
*) echo "ping: $target: Name or service not known"; exit 2;;
esac`;
}

/** What is said of sites with these values of external_ip. */
async function checkedSites(externals: Keys, options: ShellOptions = {}) {
  const folder = temporaryFolder();
  const bin = scripts({ ping: pingOfNames(folder) });
  const sites = Object.entries(externals).map(([name, address]) => [name, `works, external_ip: ${address}`]);
  const env = { PATH: `${bin}:${PATH}` };
  const { status, lines } = await checked({}, { ...options, env }, Object.fromEntries(sites));
  const pings = fs.readFileSync(path.join(folder, 'pings'), 'utf8').trimEnd().split('\n');
  return { status, lines: lines.filter((line) => line.includes(' site ')), pings };
}

test('each enabled site is pinged, and what was found is said in the order of the config', async () => {
  const { status, lines, pings } = await checkedSites({
    up: 'localhost',
    down: '10.255.0.1',
    off: '10.255.0.2, enabled: false',
  });
  expect(status).toBe(0);
  expect(lines).toEqual([
    'ok       site up: localhost answers pings: avg 2.000 ms, max 3.000 ms, mdev 0.500 ms, packet loss 0 % (127.0.0.1)',
    'warning  site down: no reply to 2 echo requests to 10.255.0.1 -> is sites.down.external_ip right, and does the gateway answer pings? stage 1 has no number until it does',
  ]);
  expect(pings.sort()).toEqual(['-n -c 1 127.0.0.1', '-n -c 2 10.255.0.1', '-n -c 2 127.0.0.1']);
});

test.each([
  [
    'a name that nobody knows',
    'vpn.nowhere.example',
    'vpn.nowhere.example was not resolved: .*',
    'name server',
  ],
  ['an address that is none', '300.1.2.3', '300.1.2.3 was not resolved: .*', 'name server'],
  ['a firewall of this host', '192.0.2.7', 'ping is not permitted: .* \\(192.0.2.7\\)', 'firewall'],
  ['no source address', '198.51.100.7', "this host can't send the ping: .*", 'ip route get'],
])('%s is missing', async (_, external, words, remedy) => {
  const { status, lines } = await checkedSites({ good: '127.0.0.1', bad: external });
  expect(status).toBe(1);
  expect(lines[0]).toMatch(/^ok /);
  expect(lines[1]).toMatch(new RegExp(`^missing {2}site bad: ${words} -> .*${remedy}.*`));
  expect(lines[1]).toContain('sites.bad.external_ip');
});

test('the gateway of a built-in client is looked up, that of another is its own', async () => {
  const { system } = createShell(undefined, {
    env: { PATH: `${scripts({ ping: pingOfNames(temporaryFolder()) })}:${PATH}` },
  });
  const found = await checkSites(
    probeConfig({
      sites: [
        simulatedSite('vpn.nowhere.example', { name: 'unknown', externalIp: '127.0.0.1', client: startct }),
        simulatedSite('https://localhost/group', {
          name: 'url',
          externalIp: '127.0.0.1',
          client: openconnect,
        }),
        simulatedSite('vpn.nowhere.example', { name: 'own', externalIp: '127.0.0.1', client: PROFILE }),
        simulatedSite('vpn.nowhere.example', { name: 'both', externalIp: '10.255.0.1', client: startct }),
      ],
    }),
    system,
    never,
  );
  const lookAt = (key: string) =>
    `is sites.${key}.vpn_gw right, and does a name server of this host know it?`;
  expect(found).toEqual([
    {
      site: 'unknown',
      verdict: 'warning',
      words: expect.stringMatching(/^site unknown: .*; vpn_gw: vpn\.nowhere\.example was not resolved$/),
      remedy: lookAt('unknown'),
    },
    { site: 'url', verdict: 'ok', words: expect.stringContaining('site url: 127.0.0.1 answers pings') },
    { site: 'own', verdict: 'ok', words: expect.stringContaining('site own: 127.0.0.1 answers pings') },
    {
      site: 'both',
      verdict: 'warning',
      words:
        'site both: no reply to 2 echo requests to 10.255.0.1; vpn_gw: vpn.nowhere.example was not resolved',
      remedy: expect.stringMatching(/^is sites\.both\.external_ip right, .*; is sites\.both\.vpn_gw right/),
    },
  ]);
});

test('many sites are pinged beside each other, but not all at once, and not for longer than a minute', async () => {
  const machine = fakeMachine({ programs: { ping: () => [] } });
  const sites = Array.from({ length: 300 }, (_, index) =>
    simulatedSite('works', { name: `s${index}`, client: PROFILE }),
  );
  let most = 0;
  const spawnPty: System['spawnPty'] = (...args) => {
    const started = machine.system.spawnPty(...args);
    most = Math.max(most, machine.running());
    return started;
  };
  const system = { ...machine.system, spawnPty };
  const found = await checkSites(probeConfig({ sites }), system, never);
  expect(most).toBe(10);
  expect(found).toHaveLength(300);
  expect(found[0]?.words).toMatch(/^site s0: ping printed no summary within 4 s$/);
  const words = 'site s299: not checked within the time limit';
  expect(found[299]).toEqual({ verdict: 'warning', words, site: 's299' });
  expect(machine.system.monotonic()).toBeLessThan(61_000);
  expect(machine.running()).toBe(0);
});

test('a stop ends all pings', async () => {
  const machine = fakeMachine({ programs: { ping: () => [] } });
  const stop = new AbortController();
  const sites = Array.from({ length: 12 }, (_, index) =>
    simulatedSite('works', { name: `s${index}`, client: PROFILE }),
  );
  const ended = checkSites(probeConfig({ sites }), machine.system, stop.signal);
  machine.at(1000, () => stop.abort(new Error('stop')));
  await expect(ended).rejects.toThrow('stop');
  expect(machine.started).toHaveLength(10);
  expect(machine.running()).toBe(0);
});

test('a ps that can not be started is printed with the package to install', async () => {
  const listPids = () => Promise.reject(new Error('spawn ps ENOENT'));
  const { status, lines } = await checked({}, { system: { listPids } });
  expect(status).toBe(1);
  expect(lines).toContain('missing  ps: spawn ps ENOENT -> Debian, Ubuntu: apt-get install procps');
});

test('a ps that hangs', async () => {
  const { sleep } = createShell().system;
  const { status, lines } = await checked(
    {},
    {
      system: {
        listPids: () => new Promise(() => undefined),
        sleep: (ms, signal) => sleep(ms === 8000 ? 1 : ms, signal),
      },
    },
  );
  expect(status).toBe(1);
  expect(lines).toContainEqual(
    expect.stringMatching(/^missing {2}ps: did not answer within 8 s -> a process of this host is stuck/),
  );
});

test('a results folder that can not be written', async () => {
  const home = createHome({ site1: 'works' }, { logging: '{ dir: occupied, file: result }' });
  writeFileSync(home.at('occupied'), 'a file, not a folder');
  const shell = createShell(home);
  expect(await check(common(home), shell)).toBe(1);
  expect(findings(shell)).toContainEqual(
    expect.stringMatching(
      /^missing {2}results: .*occupied can't be written: .* -> give this user the folder/,
    ),
  );
  // Which monitor writes there can't be known.
  expect(findings(shell)).toContain('ok       monitor: none is running on this results folder');
});

test.each([
  ['ENOSPC', -28, /no space left on device \(ENOSPC\) -> free some space \(df -h .*logging\.dir$/],
  ['EDQUOT', -122, /-> free some space: the quota .*logging\.dir$/],
  ['EIO', -5, /-> give this user the folder \(chown\)/],
])('a results folder whose disk fails with %s: its remedy, and no file stays', async (code, errno, words) => {
  const writeSync = () => {
    throw Object.assign(new Error(code), { code, errno });
  };
  const files = { ...fs, writeSync } as unknown as typeof fs;
  const more = { metrics: '{ textfile: vpn.prom }' };
  const { status, lines, home } = await checked(more, { system: { files } });
  expect(status).toBe(1);
  expect(lines).toContainEqual(expect.stringMatching(words));
  const textfile = lines.find((line) => line.includes('vpn.prom')) ?? '';
  expect(textfile.includes('free some space')).toBe(code !== 'EIO');
  expect(fs.readdirSync(home.folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a results folder with little room is a warning', async () => {
  const statfsSync = () => ({ bavail: 5, bsize: 1024 * 1024 });
  const files = { ...fs, statfsSync } as unknown as typeof fs;
  const { status, lines, home } = await checked({}, { system: { files } });
  expect(status).toBe(0);
  expect(lines).toContain(`warning  results: only 5 MB are free in ${home.at('results')}`);
});

test('a running monitor is no problem, although it uses the address of the metrics', async () => {
  const port = await mailServer();
  const home = createHome({ site1: 'works' }, { metrics: `{ listen: '127.0.0.1:${port}' }` });
  const shell = createShell(home);
  fs.mkdirSync(home.at('results'));
  const holder = { pid: process.pid, what: 'vpn-monitor run', since: 'now' };
  const acquired = await acquireResults(home.at('results'), holder, shell.system);
  if (!acquired.ok) throw new Error(acquired.why);
  onTestFinished(() => acquired.value.release());
  expect(await check(common(home), shell)).toBe(0);
  expect(findings(shell)).toContain(
    `ok       monitor: running, held by process ${process.pid} (vpn-monitor run)`,
  );
  expect(findings(shell)).toContain(`ok       metrics: 127.0.0.1:${port} is in use, the monitor is running`);
});

/** what check prints about the right to restore DNS, for a user that is not root. */
async function dnsFinding(restore: string, texts: Keys, uid = 65_534) {
  const bin = scripts(texts);
  const options = { env: { PATH: `${bin}:${PATH}` }, system: { uid } };
  const { lines } = await checked({ dns: `{ restore: ${restore} }` }, options, STARTCT);
  return lines.find((line) => line.includes('DNS:'))?.replaceAll(`${bin}/`, 'BIN/');
}

test.each([
  [
    'a command of this user',
    '[resolvconf, -u]',
    { resolvconf: '' },
    'ok       DNS: restored by resolvconf -u',
  ],
  [
    'sudo that lets this user',
    '[sudo, -n, resolvconf, -u]',
    {
      sudo: `case $* in "-n -l resolvconf -u") echo /usr/sbin/resolvconf -u;; "-n -l") echo "    (root) NOPASSWD: /usr/sbin/resolvconf -u";; *) exit 1; esac`,
      resolvconf: '',
    },
    'ok       DNS: restored by sudo -n resolvconf -u',
  ],
  [
    'sudo that lets this user, but asks for a password',
    '[sudo, -n, resolvconf, -u]',
    { sudo: 'echo /usr/sbin/resolvconf -u; echo "    (ALL) ALL"', resolvconf: '' },
    'missing  DNS: nobody may not run resolvconf -u by sudo without a password -> a line for sudoers (visudo -f /etc/sudoers.d/vpn-monitor): nobody ALL=(root) NOPASSWD: BIN/resolvconf -u',
  ],
  [
    'sudo that does not',
    '[sudo, -n, resolvconf, -u]',
    { sudo: 'exit 1', resolvconf: '' },
    'missing  DNS: nobody may not run resolvconf -u by sudo without a password -> a line for sudoers (visudo -f /etc/sudoers.d/vpn-monitor): nobody ALL=(root) NOPASSWD: BIN/resolvconf -u',
  ],
  [
    'sudo without -n that does not, for a command without arguments that is not there',
    '[sudo, nowhere]',
    { sudo: 'exit 1' },
    'missing  DNS: nobody may not run nowhere by sudo without a password -> a line for sudoers (visudo -f /etc/sudoers.d/vpn-monitor): nobody ALL=(root) NOPASSWD: nowhere',
  ],
] as [string, string, Keys, string][])('DNS restored by %s', async (_, restore, texts, finding) => {
  expect(await dnsFinding(restore, texts)).toBe(finding);
});

test('clients without rights of root need no sudo for DNS, unless this user may write the file', async () => {
  const home = createHome({ real: 'works' });
  const client = 'keys: { realm: required, timeout: required }, success: { expect: x }, dns: { mark: x }';
  const finding = async (file: string) => {
    home.write(
      { real: 'works, client: own' },
      { clients: `{ own: { command: ./simulated-client, ${client} } }`, dns: `{ file: ${file} }` },
    );
    const shell = createShell(home, {
      env: { PATH: `${scripts({ sudo: 'exit 1' })}:${PATH}` },
      system: { uid: 65_534 },
    });
    await check(common(home), shell);
    return findings(shell).find((line) => line.includes('DNS:'));
  };
  expect(await finding('/nowhere/resolv.conf')).toBe(
    "ok       DNS: clients that run as this user can't change /nowhere/resolv.conf",
  );
  writeFileSync(home.at('resolv.conf'), '');
  expect(await finding('resolv.conf')).toContain('missing  DNS: nobody may not run resolvconf -u by sudo');
});

test('no restore command, but a file that can be written back', async () => {
  const home = createHome({ real: 'works' });
  const client = 'keys: { realm: required, timeout: required }, success: { expect: x }, dns: { mark: x }';
  writeFileSync(home.at('resolv.conf'), '');
  home.write(
    { real: 'works, client: own' },
    {
      clients: `{ own: { command: ./simulated-client, ${client} } }`,
      dns: '{ file: resolv.conf, restore: [nowhere] }',
    },
  );
  const shell = createShell(home);
  expect(await check(common(home), shell)).toBe(0);
  expect(findings(shell)).toContain(
    `warning  DNS: nowhere was not found; what a client leaves in ${home.at('resolv.conf')} is replaced by what was in it before -> if a program makes that file on this host, name its command: dns.restore`,
  );
});

test('root needs no sudo', async () => {
  const finding = await dnsFinding('[sudo, -n, resolvconf, -u]', { resolvconf: '' }, 0);
  expect(finding).toBe('ok       DNS: restored by resolvconf -u');
});

test('a mail server that is not there', async () => {
  const { status, lines } = await checked({ logging: email('127.0.0.1:1') });
  expect(status).toBe(1);
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^missing {2}mail server: 127\.0\.0\.1:1 [^:]+ -> is logging\.email\.server right, /,
    ),
  );
});

test('a mail server whose certificate can not be verified is a warning', async () => {
  const port = await mailServer({ disabledCommands: ['AUTH'] });
  const { status, lines } = await checked({ logging: email(`127.0.0.1:${port}`, 'auto') });
  expect(status).toBe(0);
  expect(lines.filter((line) => line.includes('mail server'))).toEqual([
    expect.stringMatching(/^ok .*: ready \(.*certificate not verified\)$/),
    expect.stringMatching(/^warning .*: the certificate of the mail server can't be verified/),
  ]);
});

test('a wrong config is status 2, and nothing is checked', async () => {
  const home = createHome({ site1: 'works' }, { frequency: '0' });
  const shell = createShell(home);
  expect(await check(common(home), shell)).toBe(2);
  expect(shell.screen.stdout()).toBe('');
  expect(shell.screen.stderr()).toContain('frequency');
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('interrupted by %s', async (signal, status) => {
  const home: Home = createHome();
  const bin = scripts({ ping: `touch ${home.at('pinging')}; sleep 1000` });
  const shell = createShell(home, { env: { PATH: `${bin}:${PATH}` } });
  const ended = check(common(home), shell);
  await until('ping runs', () => fs.existsSync(home.at('pinging')));
  shell.send(signal);
  expect(await ended).toBe(status);
  expect(shell.screen.stderr()).toBe('interrupted\n');
  expect(shell.signals.eventNames()).toEqual([]);
});

test('interrupted while ps hangs', async () => {
  const home = createHome();
  let asked = false;
  const listPids = () => {
    asked = true;
    return new Promise<number[]>(() => undefined);
  };
  const shell = createShell(home, { system: { listPids } });
  const ended = check(common(home), shell);
  await until('ps runs', () => asked);
  shell.send('SIGTERM');
  expect(await ended).toBe(143);
  expect(shell.screen.stderr()).toBe('interrupted\n');
});

test('interrupted while sudo waits', async () => {
  const home = createHome(STARTCT, { dns: '{ restore: [sudo, -n, resolvconf, -u] }' });
  const bin = scripts({ sudo: `touch ${home.at('asked')}; sleep 1000`, startct: '' });
  const shell = createShell(home, { env: { PATH: `${bin}:${PATH}` }, system: { uid: 65_534 } });
  const ended = check(common(home), shell);
  await until('sudo runs', () => fs.existsSync(home.at('asked')));
  shell.send('SIGTERM');
  expect(await ended).toBe(143);
  expect(findings(shell)).not.toContainEqual(expect.stringContaining('DNS'));
});

test('a bug is thrown', async () => {
  const home = createHome();
  const bug = new TypeError('a bug');
  const spawnPty = () => {
    throw bug;
  };
  await expect(check(common(home), createShell(home, { system: { spawnPty } }))).rejects.toBe(bug);
});

test('on a terminal the verdicts are coloured', async () => {
  const home = createHome();
  const shell = createShell(home, { columns: 200 });
  await check(common(home), shell);
  expect(shell.screen.stdout()).toContain('\x1b[32mok     \x1b[39m  ping: works');
  expect(shell.screen.stdout()).toContain('\x1b[33mwarning\x1b[39m  config: ');
});

test('the group that may silence: whether this host has it', async () => {
  const found = await checked({ control: '{ group: root }' });
  expect(found.lines).toContain('ok       control: members of root may silence and acknowledge');
  const none = await checked({ control: '{ group: no-such-group }' });
  expect(none.status).toBe(1);
  expect(none.lines).toContain(
    'missing  control: this host has no group no-such-group -> create it (groupadd no-such-group), or change control.group',
  );
});

test('the metrics: addresses and textfiles that can be used, and that can not', async () => {
  const port = await mailServer();
  const taken = await checked({ metrics: `{ listen: '127.0.0.1:${port}', textfile: missing/vpn.prom }` });
  expect(taken.status).toBe(0);
  expect(taken.lines.filter((line) => line.includes('metrics'))).toEqual([
    `warning  metrics: can't listen on 127.0.0.1:${port}: address already in use (EADDRINUSE) -> another program listens there: choose another port: metrics.listen`,
    `warning  metrics: ${taken.home.at('missing/vpn.prom')} can't be written: no such file or directory (ENOENT) -> its folder must be there, and this user may write into it (chown), or choose another one: metrics.textfile`,
  ]);
  const elsewhere = await checked({ metrics: "{ listen: '192.0.2.1:9469' }" });
  expect(elsewhere.lines).toContain(
    "warning  metrics: can't listen on 192.0.2.1:9469: address not available (EADDRNOTAVAIL) -> no interface of this host has this address: metrics.listen",
  );
  const free = await freePort();
  const good = await checked({ metrics: `{ listen: '127.0.0.1:${free}', textfile: vpn.prom }` });
  expect(good.status).toBe(0);
  expect(good.lines).toContain(`ok       metrics: can be served on 127.0.0.1:${free}`);
  expect(good.lines).toContain(`ok       metrics: ${good.home.at('vpn.prom')} can be written`);
  expect(fs.readdirSync(good.home.folder).filter((name) => /prom|check/.test(name))).toEqual([]);
});

test('the folder of a log that is elsewhere', async () => {
  const logging = (log: string) => ({ logging: `{ dir: results, file: result, log: ${log} }` });
  const { home, lines } = await checked(logging('logs/monitoring.log'));
  expect(lines).toContain(`ok       log: ${home.at('logs')} can be written, it will be made`);
  writeFileSync(home.at('logs'), 'a file, not a folder');
  const shell = createShell(home);
  expect(await check(common(home), shell)).toBe(1);
  expect(findings(shell)).toContainEqual(
    expect.stringMatching(/^missing {2}log: .*\/logs can't be written: .* -> .*another one: logging\.log$/),
  );
});
