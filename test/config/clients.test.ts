import path from 'node:path';
import { expect, test } from 'vitest';
import { PROFILES } from '../../src/clients/built-in.ts';
import { AnySiteSchema } from '../../src/config/schema/site-schema.ts';
import { CLIENTS, configOf, linesOf, load, shortConfig } from './write-config.ts';

/** A config with one more client; `site` are lines of its only site. */
function withClient(lines: string, site = '    password: secret'): string {
  return `${shortConfig(site)}clients:\n  own:\n${lines.replaceAll(/^(?=.)/gm, '    ')}\n`;
}

/** A config whose only site is the client's. */
function withSite(lines: string, site: string): string {
  const text = withClient(lines, `    password: secret\n    client: own\n${site}`);
  return text.replace('    realm: corp\n', '').replace('    timeout: 60\n', '');
}

const FULL = String.raw`command: bin/my-vpn
args: ["--gateway={vpn_gw}", "--group={realm}", "--cert={cert}", "--literal={}"]
keys: { realm: optional, cert: file, token: required, other: optional-file, x-note: 1 }
dialogue:
  - { expect: "^Username:", send: "{username}" }
  - { prompt: Password, expect: '/pass(word)?:\s*$/i', send: "{password}{token}", optional: true }
  - { expect: Continue, send: "" }
success: { expect: "Configured .*", unless: "/not|never/si" }
failures:
  - { expect: /login failed/i, cause: credentials-rejected, after: Password }
  - { expect: "bad certificate", cause: tls }
logout: { line: quit }
own: [my-vpn, my-vpn-helper]
tunnel: device
tls: { port: 4433 }
setuid: true
host_service: true
dns: { mark: "# my-vpn" }`;

test('a client of the user is a profile like the built-in ones', () => {
  const files = { 'a.pem': '' };
  const result = load(withSite(FULL, '    cert: a.pem\n    token: t'), { files });
  const config = configOf(result);
  expect(config.clients.get('own')).toEqual({
    name: 'own',
    described: true,
    command: path.join(result.folder, 'bin/my-vpn'),
    args: ['--gateway={vpn_gw}', '--group={realm}', '--cert={cert}', '--literal={}'],
    keys: {
      realm: { required: false, file: false },
      cert: { required: true, file: true },
      token: { required: true, file: false },
      other: { required: false, file: true },
    },
    dialogue: [
      { prompt: '^Username:', expect: /^Username:/m, send: '{username}', optional: false },
      { prompt: 'Password', expect: /pass(word)?:\s*$/im, send: '{password}{token}', optional: true },
      { prompt: 'Continue', expect: /Continue/m, send: '', optional: false },
    ],
    success: { expect: /Configured .*/m, unless: /not|never/ims },
    failures: [
      { expect: /login failed/im, cause: 'credentials-rejected', after: 'Password' },
      { expect: /bad certificate/m, cause: 'tls' },
    ],
    logout: { line: 'quit' },
    own: { by: 'name', processes: [{ name: 'my-vpn' }, { name: 'my-vpn-helper' }] },
    tunnel: 'device',
    tls: { port: 4433 },
    setuid: true,
    hostService: true,
    dns: { mark: '# my-vpn' },
  });
  expect(config.sites[0]?.clientKeys).toEqual(
    new Map([
      ['cert', path.join(result.folder, 'a.pem')],
      ['token', 't'],
    ]),
  );
});

test.each([
  ['with auto', 'nxcli', 'auto', 'none'],
  ['on the host', 'nxcli', 'none', 'none'],
  ['but another program of that name', 'nxcli\nhost_service: false', 'cell', 'cell'],
])(
  'a client that only asks a service of the host is tested on the host: %s',
  (_, command, wanted, isolation) => {
    const lines = `command: ${command}\nsuccess: { expect: up }`;
    expect(configOf(load(withSite(lines, `    isolation: ${wanted}`))).sites[0]?.isolation).toBe(isolation);
  },
);

test('a client of the user can ask, warn and end as the built-in ones do', () => {
  const lines = String.raw`command: a
keys: { pins: optional, cert: optional }
args: ["{vpn_gw}", [--cert, "{cert}"], "--insecure{!pins}"]
dialogue:
  - { expect: "OK\\?", within: "(?<pin>[0-9]+)", send: "{button:OK|1}", limit: 2, permission: terms, listed: { group: pin, key: pins, send: "no", cause: tls, words: "{pin}" } }
success: { expect: connected }
failures:
  - { expect: "Code:", cause: second-factor, within: token, words: "asks {line}", before: 'OK\?', unless: none, vague: true, rejects: true, permission: terms }
notices: [{ expect: "(?<days>[0-9]+) days", kind: password-expires }]
ends: [kicked]`;
  expect(configOf(load(withClient(lines))).clients.get('own')).toMatchObject({
    args: ['{vpn_gw}', ['--cert', '{cert}'], '--insecure{!pins}'],
    dialogue: [
      {
        prompt: 'OK\\?',
        within: /(?<pin>[0-9]+)/m,
        send: '{button:OK|1}',
        optional: false,
        limit: 2,
        permission: 'terms',
        listed: { group: 'pin', key: 'pins', otherwise: { send: 'no', cause: 'tls', words: '{pin}' } },
      },
    ],
    failures: [
      {
        expect: /Code:/m,
        cause: 'second-factor',
        within: /token/m,
        words: 'asks {line}',
        before: 'OK\\?',
        unless: /none/m,
        vague: true,
        rejects: true,
        permission: 'terms',
      },
    ],
    notices: [{ expect: /(?<days>[0-9]+) days/m, kind: 'password-expires' }],
    ends: [/kicked/m],
  });
});

test('a key of a client can have listed values, and steps and failures that concern only some of them', () => {
  const lines = `command: a
keys: { realm: optional, mode: [fast, slow] }
dialogue: [{ expect: "Code:", send: "1", where: { mode: [slow] } }]
success: { expect: connected }
failures: [{ expect: denied, cause: refused, where: { mode: [fast, slow] } }]`;
  const config = configOf(load(withSite(lines, '    mode: slow')));
  expect(config.clients.get('own')).toMatchObject({
    keys: { realm: { required: false }, mode: { required: false, file: false, choices: ['fast', 'slow'] } },
    dialogue: [{ where: { mode: ['slow'] } }],
    failures: [{ where: { mode: ['fast', 'slow'] } }],
  });
  expect(config.sites[0]?.clientKeys.get('mode')).toBe('slow');
});

test('a client of the user can return at once, be shown by a command and logged out by another', () => {
  const lines = `command: up
keys: { realm: optional, name: required }
success: { expect: yes, shown_by: { command: show, args: ["{name}"], wakes: true, cause: refused, words: "no {line}" } }
logout: { run: { command: /bin/down, args: ["{name}"] } }
returns: true
device: "{name}"`;
  expect(configOf(load(withSite(lines, '    name: a'))).clients.get('own')).toMatchObject({
    success: {
      expect: /yes/m,
      shownBy: {
        command: 'show',
        args: ['{name}'],
        wakes: true,
        otherwise: { cause: 'refused', words: 'no {line}' },
      },
    },
    logout: { command: '/bin/down', args: ['{name}'] },
    returns: true,
    device: '{name}',
  });
});

test('a client that was not built in before may still be described under its name', () => {
  const text = shortConfig('    password: secret\n    client: wireguard')
    .replace('    realm: corp\n', '')
    .replace('    timeout: 60\n', '');
  const own = `${text}clients: { wireguard: { command: ./session, success: { expect: "^up" } } }\n`;
  expect(configOf(load(own, { clients: PROFILES })).sites[0]?.client).toMatchObject({
    described: true,
    success: { expect: /^up/m },
  });
  const command = `${text}clients: { wireguard: { command: /opt/wg-quick } }\n`;
  expect(linesOf(load(command, { clients: PROFILES }))).toEqual([
    'config.yml:4: sites.site1.interface: missing',
  ]);
});

test('a client says no more than its command and its success', () => {
  const config = configOf(load(withClient('command: my-vpn\nsuccess: { expect: connected }')));
  expect(config.clients.get('own')).toEqual({
    name: 'own',
    described: true,
    command: 'my-vpn',
    args: [],
    keys: {},
    insteadOf: { username: [], password: [] },
    dialogue: [],
    success: { expect: /connected/m },
    failures: [],
    logout: { signal: 'SIGTERM' },
    own: { by: 'mark' },
    tunnel: 'unknown',
  });
  expect([...config.clients.keys()]).toEqual([...CLIENTS.keys(), 'own']);
});

test("the demo's client is taken, but neither it nor its keys are offered to who has mistyped", () => {
  const site = (lines: string) => linesOf(load(shortConfig(lines), { clients: PROFILES }));
  expect(site('    password: secret\n    client: dem')).toEqual([
    'config.yml:12: sites.site1.client: expected startct, openconnect, openvpn, wireguard, charon-cmd, vpnc or openfortivpn',
  ]);
  expect(site('    password: secret\n    client: openvpn\n    profile: /etc/hostname')).toEqual([
    'config.yml:7: sites.site1.realm: unknown key for the client openvpn (it is for startct, openconnect or openfortivpn)',
    'config.yml:10: sites.site1.timeout: unknown key for the client openvpn (it is for startct)',
  ]);
  expect(linesOf(load(`${shortConfig()}clients: { startc: }\n`, { clients: PROFILES }))[0]).toContain(
    'expected startct, openconnect, openvpn, wireguard, charon-cmd, vpnc or openfortivpn, did you mean startct?',
  );
  const demo = load(shortConfig('    password: secret\n    client: demo'), { clients: PROFILES });
  expect(configOf(demo).sites[0]?.client.name).toBe('demo');
});

test('own: mark, a signal, and a pattern that begins with a slash', () => {
  const text = withClient(String.raw`command: /opt/my-vpn
success: { expect: '\/dev/tun' }
logout: { signal: SIGINT }
own: mark`);
  expect(configOf(load(text)).clients.get('own')).toMatchObject({
    command: '/opt/my-vpn',
    success: { expect: /\/dev\/tun/m },
    logout: { signal: 'SIGINT' },
    own: { by: 'mark' },
  });
});

test('a key that the site leaves out has no value, and one file may stand under an absolute path', () => {
  const keys = 'command: a\nsuccess: { expect: b }\nkeys: { realm: optional, profile: file }';
  const result = load(withSite(keys, '    profile: /etc/hostname'));
  expect(configOf(result).sites[0]?.clientKeys).toEqual(new Map([['profile', '/etc/hostname']]));
});

test('a file that a site names for its client must be there: waiting does not help', () => {
  const keys = 'command: a\nsuccess: { expect: b }\nkeys: { profile: file }';
  const result = load(withSite(keys, '    profile: site.ovpn'));
  expect(linesOf(result)).toEqual([
    `config.yml:11: sites.site1.profile: the file it names can't be read (relative to ${result.folder}): no such file`,
  ]);
  expect(result).toMatchObject({ ok: false, retry: false });
});

test.each([
  ['command: a\nsuccess: { expect: b }\nargs: ["{username}"]', false],
  ['command: a\nsuccess: { expect: b }\nargs: ["--user={username}"]', false],
  ['command: a\nsuccess: { expect: b }\ndialogue: [{ expect: c, send: "{username}" }]', true],
])('a username may begin with - unless it becomes an argument: %j', (client, good) => {
  const text = withSite(client, '').replace('username: monitor', 'username: -monitor');
  expect(load(text).ok).toBe(good);
});

test.each([
  ['args', 'a', 100, 'arguments'],
  ['dialogue', '{ prompt: "N", expect: a, send: b }', 20, 'steps'],
  ['failures', '{ expect: a, cause: tls }', 100, 'failures'],
  ['own', 'a', 20, 'process names'],
])('%s are bounded', (key, item, most, what) => {
  const config = (length: number) =>
    withClient(
      `command: a\nsuccess: { expect: b }\n${key}: [${Array.from({ length }, (_, index) => item.replace('N', `${index}`)).join(', ')}]`,
    );
  expect(load(config(most)).ok).toBe(true);
  expect(linesOf(load(config(most + 1)))).toEqual([
    `config.yml:16: clients.own.${key}: expected a list of at most ${most} ${what}`,
  ]);
});

test('keys and lengths are bounded', () => {
  const keys = Array.from({ length: 21 }, (_, index) => `k${index}: optional`).join(', ');
  const text = withClient(`command: a
keys: { ${keys} }
success: { expect: ${'x'.repeat(501)}, unless: ${'x'.repeat(500)} }
args: [${'x'.repeat(1001)}]
dialogue: [{ prompt: ${'x'.repeat(101)}, expect: a, send: ${'x'.repeat(1001)} }]`);
  expect(linesOf(load(text))).toEqual([
    'config.yml:15: clients.own.keys: expected at most 20 keys',
    'config.yml:16: clients.own.success.expect: expected a pattern of at most 500 characters',
    'config.yml:17: clients.own.args[0]: expected at most 1000 characters',
    'config.yml:18: clients.own.dialogue[0].prompt: expected at most 100 characters',
    'config.yml:18: clients.own.dialogue[0].send: expected at most 1000 characters',
  ]);
});

test('an anchor may hold what several clients have in common', () => {
  const text = `${shortConfig()}x-client: &client
  command: openconnect
  args: ["{vpn_gw}"]
  dialogue: [{ expect: "Password:", send: "{password}" }]
clients:
  one: { <<: *client, success: { expect: a } }
  two: { <<: *client, success: { expect: b }, command: ./two }
`;
  const { clients } = configOf(load(text));
  expect(clients.get('one')).toMatchObject({ command: 'openconnect', args: ['{vpn_gw}'] });
  expect(clients.get('two')?.command).toMatch(/^\/.*\/two$/);
});

test('editors know the keys of all built-in clients', () => {
  const keys = [...PROFILES.values()].flatMap((profile) => Object.keys(profile.keys));
  expect(Object.keys(AnySiteSchema.entries)).toEqual(expect.arrayContaining(keys));
});

test('an own client may have a key `inside`, as before it was a key of every site', () => {
  const site = '    password: secret\n    client: mine\n    inside: red';
  const client =
    'command: a\nsuccess: { expect: b }\nkeys: { realm: optional, timeout: optional, inside: optional }';
  const { sites } = configOf(
    load(`${shortConfig(site)}clients: { mine: { ${client.replaceAll('\n', ', ')} } }\n`),
  );
  expect(sites[0]).toMatchObject({ internalIp: '10.0.0.1', inside: [] });
  expect(sites[0]?.clientKeys.get('inside')).toBe('red');
});
