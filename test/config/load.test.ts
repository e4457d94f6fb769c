import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { secretsOf } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { CLIENTS, configOf, linesOf, load, shortConfig } from './write-config.ts';

const OPTIONS = { files: fs, env: {}, clients: CLIENTS };

const mailbox = (address: string, name = '') => ({ name, address });

function good(name: string) {
  return configOf(loadConfig(path.join(import.meta.dirname, 'good', name), OPTIONS));
}

test("the script's config works unchanged", () => {
  const folder = path.join(import.meta.dirname, 'good');
  const { warnings: _warnings, ...config } = good('of-the-script.yml');
  const [site1, site2] = config.sites;
  expect(config).toEqual({
    file: path.join(folder, 'of-the-script.yml'),
    frequency: 600,
    concurrency: 1,
    logging: {
      dir: path.join(folder, 'results'),
      file: 'result',
      log: path.join(folder, 'results/monitoring.log'),
      level: 'debug',
      keepDays: 0,
      email: {
        key: 'logging.email',
        host: 'smtp.domain1.com',
        port: 25,
        security: 'auto',
        ca: undefined,
        auth: undefined,
        from: mailbox('vpn-monitor@domain1.com'),
        to: [mailbox('noc@domain1.com'), mailbox('duty@domain1.com')],
      },
    },
    sites: [site1, site2],
    clients: CLIENTS,
    channels: [],
    maintenance: [],
    uplink: [],
    controlGroup: null,
    alerts: {
      after: 2,
      recoverAfter: 1,
      remindHours: 24,
      expiryDays: 14,
      recovery: true,
      groupSeconds: 300,
      flap: { changes: 6, hours: 3 },
      subjects: 'cause',
    },
    ping: { count: 5, timeout: 20, family: 'auto', maxLoss: 100 },
    login: { stepTimeout: 30, quitTimeout: 30, rejectedRetryMinutes: 0, allow: [] },
    cleanup: { settleSeconds: 10 },
    dns: { file: '/etc/resolv.conf', restore: ['sudo', '-n', 'resolvconf', '-u'] },
  });
  expect({ ...site1, password: site1?.password?.reveal() }).toEqual({
    name: 'site1',
    externalIp: '192.0.2.10',
    vpnGw: 'site1.domain1.com',
    username: 'monitor',
    password: 'pass word',
    inside: [],
    internalIp: '10.0.0.1',
    client: CLIENTS.get('startct'),
    clientKeys: new Map([
      ['realm', 'domain1'],
      ['timeout', '60'],
    ]),
    slowMs: [null, null, null],
    enabled: true,
    isolation: 'none',
  });
  expect(site2?.clientKeys.get('timeout')).toBe('60');
});

test('every key says what it should', () => {
  const config = good('full.yml');
  expect(config.logging).toMatchObject({
    dir: '/var/lib/vpn-monitor',
    log: '/var/lib/vpn-monitor/monitor.log',
    level: 'warning',
    keepDays: 400,
  });
  expect(config.logging.email).toMatchObject({
    host: '2001:db8::25',
    port: 465,
    security: 'tls',
    auth: { username: 'monitor' },
    from: mailbox('vpn-monitor@example.com', 'VPN monitor'),
    to: [
      mailbox('noc@example.com'),
      mailbox('john@example.com', 'Doe, John'),
      mailbox('a@example.com'),
      mailbox('b@example.com'),
    ],
  });
  expect(config.alerts).toEqual({
    after: 3,
    recoverAfter: 2,
    remindHours: 0.5,
    expiryDays: 7,
    recovery: false,
    groupSeconds: 60,
    flap: { changes: 8, hours: 3 },
    subjects: 'classic',
  });
  expect(config.controlGroup).toBe('vpnops');
  expect(config.uplink).toEqual([
    { kind: 'ping', host: '192.0.2.1' },
    { kind: 'https', host: '192.0.2.2', port: 443, path: '/', status: 204, text: undefined, ca: undefined },
  ]);
  expect(config.ping).toEqual({ count: 1, timeout: 2, family: 'auto', maxLoss: 100 });
  expect(config.login).toEqual({ stepTimeout: 1.5, quitTimeout: 20, rejectedRetryMinutes: 30, allow: [] });
  expect(config.cleanup).toEqual({ settleSeconds: 0 });
  expect(config.dns).toEqual({
    file: path.join(import.meta.dirname, 'good', 'resolv.conf'),
    restore: ['/sbin/resolvconf'],
  });
  expect(config.metrics).toEqual({
    listen: { host: 'fe80::1%eth0', port: 9469 },
    textfile: path.join(import.meta.dirname, 'good', 'vpn.prom'),
  });
  expect(config.clients.get('startct')).toEqual({
    ...CLIENTS.get('startct'),
    command: path.join(import.meta.dirname, 'good', 'bin/startct'),
  });
  expect(config.clients.get('openconnect')).toEqual({
    ...CLIENTS.get('openconnect'),
    command: 'openconnect-9',
  });
  expect(config.sites[0]).toMatchObject({
    externalIp: 'fe80::1%eth0',
    client: config.clients.get('openconnect'),
    enabled: false,
    slowMs: [200, 30_000, 400],
    clientKeys: new Map([['realm', 'corp -y 1 -s evil']]),
  });
  expect(secretsOf(config).map((secret) => secret.reveal())).toEqual(['0123', 'smtp-secret']);
});

test("sites are in the file's order: numbers, merged ones and names of objects' own too", () => {
  const config = good('order.yml');
  expect(config.sites.map((site) => site.name)).toEqual([
    'zulu',
    '10',
    'constructor',
    '2',
    '007',
    '__proto__',
    'toString',
    'alpha',
  ]);
});

test('sites share by anchors, merge keys and lists of them; what stands in the site itself wins', () => {
  const [first, second, third] = good('shared.yml').sites;
  const keys = (timeout: string) =>
    new Map([
      ['realm', 'corp'],
      ['timeout', timeout],
    ]);
  expect(first).toMatchObject({ username: 'monitor', clientKeys: keys('60'), vpnGw: 'a.example.com' });
  expect(second).toMatchObject({ username: 'other', clientKeys: keys('90'), vpnGw: 'b.example.com' });
  expect(third).toMatchObject({ name: 'third', username: 'other', vpnGw: 'b.example.com' });
  expect(first?.password?.reveal()).toBe('secret');
});

test.each([
  [60, '60'],
  ['"060"', '060'],
  ['0', '0'],
])('timeout: %s', (written, timeout) => {
  const result = load(shortConfig('    password: secret').replace('timeout: 60', `timeout: ${written}`));
  expect(configOf(result).sites[0]?.clientKeys.get('timeout')).toBe(timeout);
});

test.each(['\r\n', '\r'])('lines may end in %j, and a byte order mark may come first', (end) => {
  const text = `\ufeff${shortConfig('    password: 5')}`.replaceAll('\n', end);
  expect(linesOf(load(text))).toEqual([
    'config.yml:11: sites.site1.password: expected a string, got a number: put it in quotes',
  ]);
  expect(configOf(load(text.replace('5', 'secret'))).sites).toHaveLength(1);
});

test('keys that begin with x- are ignored everywhere', () => {
  const config = configOf(
    load(`x-top: { a: [1, { b: ~ }] }
${shortConfig('    password: secret\n    x-note: 5\n  x-site: { vpn_gw: a, external_ip: b }')}
ping: { x-why: slow, count: 3 }
clients: { x-other: 1 }
`),
  );
  expect(config.ping.count).toBe(3);
  expect(config.sites).toHaveLength(1);
  expect(config.warnings).toContain(
    'sites.x-site looks like a site and is not tested: names that begin with x- are ignored',
  );
});

test('no config: the remedy is said, and it is no matter of waiting', () => {
  const file = path.join(temporaryFolder(), 'config.yml');
  const result = loadConfig(file, OPTIONS);
  expect(linesOf(result)).toEqual([
    'config.yml: no such file: make one with vpn-monitor init, or name another with --config FILE',
  ]);
  expect(result).toMatchObject({ ok: false, retry: false });
});

test('what stands in the place of the config is said', () => {
  const folder = temporaryFolder();
  const said = (file: string) => linesOf(loadConfig(file, OPTIONS));
  expect(said(folder)).toEqual([
    `config.yml: it is a folder: name the file in it, ${path.join(folder, 'config.yml')}`,
  ]);
  expect(said('/dev/null')).toEqual(['config.yml: not a regular file']);
  const link = path.join(folder, 'link.yml');
  fs.symlinkSync('nowhere.yml', link);
  expect(said(link)).toEqual(["config.yml: can't be read: it is a link to a file that is not there"]);
  fs.rmSync(link);
  fs.symlinkSync('link.yml', link);
  expect(said(link)).toEqual(["config.yml: can't be read: its links lead in a circle"]);
});

test('a config that may not be read', () => {
  const openSync = () => {
    throw Object.assign(new Error('s3cr3t'), { code: 'EACCES' });
  };
  const result = loadConfig('config.yml', { ...OPTIONS, files: { ...fs, openSync } });
  expect(linesOf(result)).toEqual(["config.yml: can't be read: permission denied"]);
});

test('no mail and nothing to do are said', () => {
  const text = shortConfig('    password: secret\n    enabled: false');
  expect(configOf(load(text)).warnings).toEqual([
    'logging.email is left out: no mail is sent',
    'no site is enabled: nothing is tested',
  ]);
});

test('of a file of certificates only those are kept, not a key that is in it as well', () => {
  const pem = fs.readFileSync(path.join(import.meta.dirname, 'good/ca.pem'), 'utf8');
  const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n';
  const text = shortConfig().replace(
    'file: result',
    'file: result, email: { server: smtp, from: a@b, to: c@d, ca: ca.pem }',
  );
  const { email } = configOf(load(text, { files: { 'ca.pem': `${key}${pem}${pem}` } })).logging;
  expect(email?.ca?.match(/-----BEGIN [A-Z ]+-----/g)).toEqual([
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN CERTIFICATE-----',
  ]);
});

test.each([
  ['log.txt', 'results/log.txt'],
  ['./monitoring.log', 'monitoring.log'],
  ['logs/monitoring.log', 'logs/monitoring.log'],
  ['/var/log/vpn-monitor/monitoring.log', '/var/log/vpn-monitor/monitoring.log'],
  // Of the same name as a CSV file, but elsewhere.
  ['./result_261123.csv', 'result_261123.csv'],
])('logging.log: %s is %s', (log, expected) => {
  const { file, logging } = configOf(
    load(shortConfig().replace('file: result', `file: result, log: ${log}`)),
  );
  expect(logging.log).toBe(path.resolve(path.dirname(file), expected));
});
