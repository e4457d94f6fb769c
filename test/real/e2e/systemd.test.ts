import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { unlessSaid } from '../../support/unless-said.ts';
import { until } from '../../support/until.ts';
import {
  createSystemdWorld,
  PACKAGE,
  type SystemdWorld,
  systemdUnavailable,
} from '../support/systemd-world.ts';

const STARTCT = readFileSync(fileURLToPath(new URL('../../fixtures/startct', import.meta.url)), 'utf8');
const PASSWORD = 'Gl0b#rt-Pa55/w"rd';
const USER = 'vpnmon';
/** Connect Tunnel's dialogue, by a client that needs no rights but those of the service. */
const CLIENT = `{ command: /opt/simulated/client, args: [-s, '{vpn_gw}', -r, corp, -y, '5'], tunnel: none,
    dialogue: [{ expect: 'Username:', send: '{username}' }, { expect: 'Password:', send: '{password}' },
      { expect: 'Enter your choice', send: '1' }], success: { expect: CONNECTED }, logout: { line: quit } }`;

const reason = systemdUnavailable();
let world: SystemdWorld;

beforeAll(async () => {
  if (reason !== undefined) return;
  world = await createSystemdWorld();
  world.write('/opt/simulated/client', STARTCT, 0o755);
  world.write('/opt/simulated/startct', STARTCT, 0o755);
  world.run(`useradd --system --shell /usr/sbin/nologin ${USER}`);
});
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterAll(() => world?.end());

/** What is special about a service; its config has one site, which works. */
interface Special {
  readonly sites?: Readonly<Record<string, string>>;
  /** Keys of the config. */
  readonly more?: string;
  readonly user?: string;
  /** Lines of its drop-in. */
  readonly dropIn?: string;
  /** Where config and results lie: /srv/NAME. */
  readonly folder?: string;
  readonly clients?: string;
}

const site = (gateway: string, more = `password: '${PASSWORD}'`) =>
  `{ external_ip: 127.0.0.1, internal_ip: 127.0.0.1, vpn_gw: ${gateway}, username: monitor, client: simulated, ${more} }`;

/** Writes the config of a service. */
function configure(
  name: string,
  { sites = { site1: site('works') }, more = '', ...special }: Special = {},
): string {
  const { folder = `/srv/${name}`, clients = `{ simulated: ${CLIENT} }`, user } = special;
  const defaults = unlessSaid(
    [
      'frequency: 600',
      'logging: { dir: results, file: result }',
      'ping: { count: 1, timeout: 30 }',
      'login: { step_timeout: 60, quit_timeout: 20 }',
      'cleanup: { settle_seconds: 0 }',
    ],
    more,
  );
  const list = Object.entries(sites).map(([site, keys]) => `  ${site}: ${keys}`);
  const text = ['sites:', ...list, `clients: ${clients}`, ...defaults, more, ''].join('\n');
  world.write(`${folder}/config.yml`, text, 0o600);
  world.run(`mkdir -p '${folder}/results'${user === undefined ? '' : ` && chown -R ${user} '${folder}'`}`);
  return `${folder}/config.yml`;
}

/** Prints the unit of a service, and installs it as the README does. Returns its text. */
function install(name: string, special: Special = {}): string {
  const config = configure(name, special);
  const { user, folder = `/srv/${name}`, dropIn = '' } = special;
  const unit = `/etc/systemd/system/${name}.service`;
  const option = user === undefined ? '' : ` --user ${user}`;
  world.run(`node ${PACKAGE}/dist/main.js systemd -c '${config}'${option} >${unit}`);
  // The simulated client notes what is typed at it.
  const common = `[Unit]\nStartLimitIntervalSec=0\n[Service]\nEnvironment=SIM_TYPED=/srv/${name}/typed\nReadWritePaths=/srv/${name}\nRestartSec=100ms\n`;
  world.write(`${unit}.d/test.conf`, `${common}${dropIn}\n`);
  world.run(`mkdir -p /srv/${name} '${folder}'`);
  return world.read(unit);
}

const start = (name: string, options = '') =>
  world.run(`systemctl daemon-reload && systemctl start ${options} ${name}`);
const is = (name: string, state: string) => world.show(name, 'ActiveState').ActiveState === state;
const status = (name: string) => world.show(name, 'StatusText').StatusText;
const rows = (name: string) =>
  world
    .attempt(`cat /srv/${name}/results/*.csv`)
    .said.split('\n')
    .filter((line) => /,(?:SUCCESS|FAILURE),/.test(line));
const typed = (name: string) => world.read(`/srv/${name}/typed`);
const logged = (name: string) => world.read(`/srv/${name}/results/monitoring.log`);
const main = (name: string) => Number(world.show(name, 'MainPID').MainPID);
/** For {@link until} where each look is a process or two: none oftener than needed. */
const SELDOM = { everyMs: 200 };
/** READY, RELOADING and STOPPING as systemd has got them. */
const states = (name: string) =>
  [...world.journal(name).matchAll(/Got notification message from PID \d+ \((.*)\)$/gm)].flatMap(
    ([, said = '']) => /(?:READY|RELOADING|STOPPING)=1/.exec(said)?.[0] ?? [],
  );

/** Checks that a service was stopped well and that nothing of it runs any more. */
function expectStopped(name: string) {
  expect(world.show(name, 'ActiveState', 'Result', 'ExecMainStatus')).toEqual({
    ActiveState: 'inactive',
    Result: 'success',
    ExecMainStatus: '0',
  });
  expect(logged(name)).toMatch(/INFO - Stopped\n$/);
  expect(world.attempt('pgrep -f /opt/simulated').said).toBe('');
}

test('systemd finds nothing wrong with a unit, and its rating is as good as a VPN client bears', () => {
  const device = {
    clients: `{ simulated: ${CLIENT.replace('none', 'device').replace('success', 'dns: { mark: VPNC }, success')} }`,
  };
  const startct = {
    clients: '{ startct: { command: /opt/simulated/startct } }',
    sites: {
      site1: site('works', 'password: x, realm: corp, timeout: 5').replace(
        'client: simulated',
        'client: startct',
      ),
    },
  };
  const rated: Record<string, Special> = {
    root: {},
    user: { user: USER },
    'device-root': device,
    'device-user': { ...device, user: USER },
  };
  const units = { ...rated, 'startct-root': startct, 'startct-user': { ...startct, user: USER } };
  for (const [name, special] of Object.entries(units)) install(`rated-${name}`, special);
  const files = Object.keys(units).map((name) => `/etc/systemd/system/rated-${name}.service`);
  expect(world.attempt(`systemd-analyze verify ${files.join(' ')}`)).toEqual({ status: 0, said: '' });
  const names = Object.keys(rated).map((name) => `rated-${name}.service`);
  const said = world.run(
    `cd /etc/systemd/system && systemd-analyze security --no-pager --offline=true ${names.join(' ')}`,
  );
  const ratings = [...said.matchAll(/Overall exposure level for (\S+): (\S+) /g)];
  expect(ratings.map(([, name]) => name)).toEqual(names);
  for (const [words, , rating] of ratings) expect(Number(rating), words).toBeLessThanOrEqual(4.5);
});

test('a service that starts, is told to read a good and a bad config, and stops', async () => {
  install('life');
  world.run(`chown ${USER} /srv/life/results`);
  // What is told to systemd stands in the journal then. Not yet at the reload: thousands of lines would come, and some be lost.
  world.run('systemctl daemon-reload && systemctl log-level debug && systemctl start life');
  expect(is('life', 'active')).toBe(true);
  expect(logged('life')).toContain('started: 1 of 1 sites');
  await until(
    'the cycle is over',
    () => /^next cycle at \d\d:\d\d; last: site1 SUCCESS at /.test(status('life')),
    SELDOM,
  );

  configure('life', { sites: { site1: site('works'), site2: site('rejects') } });
  world.run('systemctl reload life');
  await until('it is read', () => logged('life').includes('Config read again: 2 of 2 sites'));
  configure('life', { more: 'frequency: 0' });
  world.run('systemctl reload life');
  await until('it is refused', () => logged('life').includes('Config not read again, the old one stays'));
  await until('systemd has heard of it', () => states('life').length === 5, SELDOM);
  expect(is('life', 'active')).toBe(true);

  world.run('systemctl stop life');
  expectStopped('life');
  expect(states('life')).toEqual([
    'READY=1',
    'RELOADING=1',
    'READY=1',
    'RELOADING=1',
    'READY=1',
    'STOPPING=1',
  ]);
  world.run('systemctl log-level info');
  expect(rows('life')).toHaveLength(1);
  expect(world.run('stat -c %U /srv/life/results/*.csv').trim()).toBe(USER);
});

test('a stop in the middle of a log-in: the client is gone, there is no row, and it was no failure', async () => {
  install('midway', { sites: { site1: site('hangs-after-password') } });
  start('midway');
  await until('the client has its password', () => typed('midway').includes('password='));
  expect(status('midway')).toBe('testing site1');
  // What systemd gave to the monitor is for the monitor alone.
  const environment = world.run(
    'tr "\\0" "\\n" </proc/$(pgrep -f "^/bin/bash /opt/simulated/client")/environ',
  );
  expect(environment).toContain('SIM_TYPED=');
  expect(environment).not.toMatch(/NOTIFY_SOCKET|WATCHDOG/);
  expect(world.run(`grep NoNewPrivs /proc/${main('midway')}/status`)).toContain('\t1');
  world.run('systemctl stop midway');
  expectStopped('midway');
  expect(rows('midway')).toEqual([]);
});

test('a stop after the log-in: the client logs out', async () => {
  install('inside', { more: 'ping: { count: 3, timeout: 600 }' });
  start('inside');
  await until('it pings inside', () => logged('inside').includes('Running internal delay test'));
  world.run('systemctl stop inside');
  expectStopped('inside');
  expect(typed('inside')).toMatch(/line=quit\n$/);
});

test('a monitor that was killed is started again, and its client does not outlive it', async () => {
  install('killed', { sites: { site1: site('hangs-after-password') } });
  start('killed');
  await until('the client has its password', () => typed('killed').includes('password='));
  const before = world.run('pgrep -f "^/bin/bash /opt/simulated/client"').trim();
  world.run(`kill -KILL ${main('killed')}`);
  await until('it tests again', () => typed('killed').match(/password=/g)?.length === 2);
  expect(world.show('killed', 'NRestarts', 'ActiveState')).toEqual({ NRestarts: '1', ActiveState: 'active' });
  expect(world.attempt(`kill -0 ${before}`).status).not.toBe(0);
  world.run('systemctl stop killed');
  expectStopped('killed');
});

test('the loop feeds the watchdog; one that hangs is ended and started again', async () => {
  // Too short for this config: the monitor asks for more.
  install('watched', { more: 'frequency: 1', dropIn: 'WatchdogSec=3' });
  start('watched');
  expect(world.show('watched', 'WatchdogUSec').WatchdogUSec).toMatch(/min/);
  const fed = () => Number(world.show('watched', 'WatchdogTimestampMonotonic').WatchdogTimestampMonotonic);
  const first = fed();
  await until('it is fed again, later than the unit says', () => fed() - first > 3_000_000, SELDOM);
  expect(world.show('watched', 'NRestarts').NRestarts).toBe('0');
  const pid = main('watched');
  world.run(
    `kill -STOP ${pid}; NOTIFY_SOCKET=/run/systemd/notify systemd-notify --pid=${pid} WATCHDOG_USEC=1000000`,
  );
  await until('it is started again', () => main('watched') !== pid && is('watched', 'active'), SELDOM);
  expect(world.journal('watched')).toContain('Watchdog timeout');
  world.run('systemctl stop watched');
  expectStopped('watched');
});

test('a wrong config is not tried again', async () => {
  install('wrong');
  configure('wrong', { more: 'frequency: 0' });
  expect(world.attempt('systemctl daemon-reload && systemctl start wrong').status).not.toBe(0);
  expect(world.show('wrong', 'ActiveState', 'ExecMainStatus', 'NRestarts')).toEqual({
    ActiveState: 'failed',
    ExecMainStatus: '2',
    NRestarts: '0',
  });
});

test('an ordinary user, with a password from systemd and one that comes late', async () => {
  world.write('/etc/vpn-monitor/site1.password', `${PASSWORD}\n`, 0o600);
  const unit = install('ordinary', {
    user: USER,
    sites: {
      site1: site('works', 'password_file: /run/credentials/ordinary.service/site1'),
      site2: site('works', 'password_file: late.password'),
    },
    dropIn: 'LoadCredential=site1:/etc/vpn-monitor/site1.password',
  });
  expect(unit).toContain(`#   chown -R ${USER} /srv/ordinary/results /srv/ordinary/config.yml\n`);
  start('ordinary', '--no-block');
  await until('it was tried again', () => Number(world.show('ordinary', 'NRestarts').NRestarts) >= 2, SELDOM);
  expect(world.journal('ordinary')).toContain('Main process exited, code=exited, status=3/');
  world.write('/srv/ordinary/late.password', `${PASSWORD}\n`, 0o644);
  await until('both are tested', () => rows('ordinary').length === 2, SELDOM);
  for (const row of rows('ordinary')) expect(row).toMatch(/,SUCCESS,[\d.]+,[\d.]+,[\d.]+$/);
  expect(world.run(`ps -o user= -p ${main('ordinary')}`).trim()).toBe(USER);
  world.run('systemctl stop ordinary');
  expectStopped('ordinary');
});

test('startct as an ordinary user: what has its rights by its file gets them', async () => {
  // A stand-in for AvConnect: it says who it is.
  world.run('install -m 4755 /usr/bin/id /opt/simulated/who');
  world.write('/opt/simulated/ct', `#!/bin/sh\n/opt/simulated/who -u >>/srv/setuid/typed\nexit 1\n`, 0o755);
  const keys = 'password: x, realm: corp, timeout: 5';
  const unit = install('setuid', {
    user: USER,
    sites: { site1: site('works', keys).replace('client: simulated', 'client: startct') },
    clients: '{ startct: { command: /opt/simulated/ct } }',
  });
  expect(unit).toContain(`#   ${USER} ALL=(root) NOPASSWD: /usr/sbin/resolvconf -u\n`);
  start('setuid');
  await until('it was started', () => typed('setuid') !== '');
  expect(typed('setuid')).toBe('0\n');
  world.run('systemctl stop setuid');
  expectStopped('setuid');
});

test('paths with all that means something to systemd', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable to systemd, which must not see one
  const folder = '/srv/odd %h $HOME ${X} "q" \\t; #';
  install('odd', { folder });
  expect(world.attempt('systemd-analyze verify /etc/systemd/system/odd.service')).toEqual({
    status: 0,
    said: '',
  });
  start('odd');
  const csv = () => world.attempt(`cat '${folder}'/results/*.csv`).said;
  await until('a row', () => csv().includes(',SUCCESS,'), SELDOM);
  world.run('systemctl stop odd');
  expect(world.show('odd', 'Result').Result).toBe('success');
});
