import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROFILES } from '../../src/clients/built-in.ts';
import { readConfigText } from '../../src/config/load.ts';
import { controlIn } from '../../src/config/yaml/scalar.ts';
import type { Answers, Given, Place } from '../../src/init/answers.ts';
import { composeConfig } from '../../src/init/compose-config.ts';
import { addAfter, commentOut, setValue, yamlString } from '../../src/init/yaml-lines.ts';
import { configOf } from '../config/write-config.ts';

const EXAMPLE = fs.readFileSync(path.resolve(import.meta.dirname, '../../config.example.yml'), 'utf8');
const load = (text: string) =>
  readConfigText(
    text,
    { file: '/nowhere/config.yml', mode: 0o600 },
    { files: fs, env: {}, clients: PROFILES },
  );
const textOf = (...sites: readonly Given[]) => composeConfig(EXAMPLE, answersOf(MAIL, ...sites));
const compose = (...sites: readonly Given[]) => configOf(load(textOf(...sites)));
/** The answers about mail and about sites. */
function answersOf(mail: Given, ...sites: readonly Given[]): Answers {
  const last = sites.length - 1;
  return new Map<Place, Given>([
    ['mail', mail],
    ...sites.map((site, index): [Place, Given] => [index, { ...site, more: index < last ? 'yes' : 'no' }]),
  ]);
}
/** The comment lines for people, without keys. */
const prose = (text: string) => text.split('\n').filter((line) => /^ *#(?: |$)/.test(line));

const SITE: Given = {
  name: 'main office',
  client: 'startct',
  vpn_gw: 'vpn.example.org:4433',
  external_ip: '2001:db8::1',
  realm: 'Corp Users',
  username: 'EXAMPLE\\probe',
  password: '0123',
  internal_ip: '10.20.30.40',
};
const MAIL: Given = {
  server: '[2001:db8::25]:465',
  from: 'Monitor <monitor@example.org>',
  to: 'noc@example.org, "Doe, John" <john@example.org>',
};

test('without answers the config is the example', () => {
  expect(composeConfig(EXAMPLE, new Map())).toBe(EXAMPLE);
});

/** The comment above the check of the certificate, which a new config has and the example has not. */
const CHECKED =
  '# Only a certificate that the client trusts. If a log-in fails with the cause tls, its message has the line to write here.';

test('the answers replace the values, and all comments stay', () => {
  const text = textOf(SITE);
  const { sites, logging } = configOf(load(text));
  expect(sites).toHaveLength(1);
  expect(sites[0]).toMatchObject({
    name: 'main office',
    client: PROFILES.get('startct'),
    vpnGw: 'vpn.example.org:4433',
    externalIp: '2001:db8::1',
    clientKeys: new Map([
      ['realm', 'Corp Users'],
      ['server_cert', 'verify'],
    ]),
    username: 'EXAMPLE\\probe',
    internalIp: '10.20.30.40',
    enabled: true,
  });
  expect(sites[0]?.password?.reveal()).toBe('0123');
  expect(logging.email).toMatchObject({
    host: '2001:db8::25',
    port: 465,
    from: { name: 'Monitor', address: 'monitor@example.org' },
    to: [
      { name: '', address: 'noc@example.org' },
      { name: 'Doe, John', address: 'john@example.org' },
    ],
  });
  expect(logging.dir).toBe('/nowhere/results');
  expect(prose(text).filter((line) => line.trim() !== CHECKED)).toEqual(prose(EXAMPLE));
  // Nothing but the answers differs.
  const differs = text.split('\n').filter((line) => !EXAMPLE.split('\n').includes(line));
  expect(differs.map((line) => line.trim())).toEqual([
    'server: "[2001:db8::25]:465"',
    'from: "Monitor <monitor@example.org>"',
    '- noc@example.org',
    String.raw`- "\"Doe, John\" <john@example.org>"`,
    '"main office":',
    'external_ip: "2001:db8::1"',
    'vpn_gw: "vpn.example.org:4433"',
    CHECKED,
    'server_cert: verify',
    'realm: "Corp Users"',
    String.raw`username: "EXAMPLE\\probe"`,
    'password: "0123"',
    'internal_ip: 10.20.30.40',
  ]);
  expect(text).toContain('    #timeout: 60\n');
});

test('a client has its own keys; the others are commented out', () => {
  const profile = path.resolve(import.meta.dirname, '../../package.json');
  const keysOf = (given: Given) => {
    const [site] = compose({ ...SITE, ...given }).sites;
    return [site?.client.name, ...(site?.clientKeys ?? [])];
  };
  expect(keysOf({ client: 'openconnect', realm: 'Staff' })).toEqual(['openconnect', ['realm', 'Staff']]);
  expect(keysOf({ client: 'openconnect', realm: '' })).toEqual(['openconnect']);
  expect(keysOf({ client: 'openvpn', profile })).toEqual(['openvpn', ['profile', profile]]);
  const text = textOf({ ...SITE, client: 'openvpn', profile });
  expect(text).toContain('    #realm: corp\n');
  expect(text).toContain('    #timeout: 60\n');
  expect(prose(text)).toEqual(prose(EXAMPLE));
});

test('OpenConnect: the commented pin is in the site, the first in the file', () => {
  const text = textOf({ ...SITE, client: 'openconnect', realm: '' });
  expect(configOf(load(text)).sites[0]?.clientKeys).toEqual(new Map());
  expect(text).toMatch(/^ {4}vpn_gw: .*\n {4}# .*pin.*\n {4}#server_cert: pin-sha256:\.\.\.$/m);
  const said = text.replace('#server_cert: pin-sha256:...', 'server_cert: pin-sha256:abc=');
  expect(configOf(load(said)).sites[0]?.clientKeys).toEqual(new Map([['server_cert', 'pin-sha256:abc=']]));
});

test('several sites: in their order, those after the first one without comments', () => {
  const text = textOf(
    SITE,
    {
      name: 'b',
      client: 'openconnect',
      vpn_gw: 'b.example.org',
      realm: '',
      server_cert: 'pin-sha256:abc=',
      password: 'x y',
    },
    {
      name: 'site1',
      client: 'startct',
      server_cert: 'verify',
      realm: 'other',
      totp_secret: 'JBSWY3DPEHPK3PXP',
    },
  );
  const { sites } = configOf(load(text));
  expect(
    sites.map(({ name, client, clientKeys }) => [name, client.name, Object.fromEntries(clientKeys)]),
  ).toEqual([
    ['main office', 'startct', { realm: 'Corp Users', server_cert: 'verify' }],
    ['b', 'openconnect', { server_cert: 'pin-sha256:abc=' }],
    ['site1', 'startct', { realm: 'other', server_cert: 'verify' }],
  ]);
  expect(sites[2]?.totp?.secret.reveal()).toBe('JBSWY3DPEHPK3PXP');
  // All comments of the example are there once, and the sites follow each other.
  expect(prose(text).filter((line) => line.trim() !== CHECKED)).toEqual(prose(EXAMPLE));
  expect(text).toContain(
    [
      '  b:',
      '    external_ip: 192.0.2.10',
      '    vpn_gw: b.example.org',
      '    server_cert: "pin-sha256:abc="',
      '    username: monitor',
      '    password: "x y"',
      '    internal_ip: 10.0.0.1',
      '    client: openconnect',
      '  site1:',
      '',
    ].join('\n'),
  );
});

test('the secret of one-time codes, and where the code is typed', () => {
  const secret = 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&digits=8';
  const [apart, together, none] = compose(
    { ...SITE, totp_secret: secret, totp_with_password: 'no' },
    { ...SITE, name: 'b', totp_secret: secret, totp_with_password: 'yes' },
    { ...SITE, name: 'c', totp_secret: '' },
  ).sites;
  expect(apart?.totp).toMatchObject({ digits: 8, withPassword: false });
  expect(together?.totp).toMatchObject({ digits: 8, withPassword: true });
  expect(none?.totp).toBeUndefined();
});

test('no mail: the email part is commented out and can be restored', () => {
  const text = composeConfig(EXAMPLE, answersOf({ server: 'none', from: 'x@y', to: 'x@y' }, SITE));
  expect(configOf(load(text)).logging.email).toBeUndefined();
  // A maintenance window has a from and a to as well.
  const [part = '', ...rest] = text.split('\nsites:\n');
  const restored = part.replaceAll(/^( *)#(?=email:|server:|from:|to:|- noc@)/gm, '$1');
  const back = [restored, ...rest].join('\nsites:\n');
  expect(configOf(load(back)).logging.email).toMatchObject({ host: 'smtp.example.com' });
});

/** A text that a keyboard can type and a config may contain. */
const line = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 40 })
  .filter((text) => controlIn(text) === undefined);

test('any password and username is read as it was typed', () => {
  fc.assert(
    fc.property(line, line, (password, username) => {
      const [site] = compose({ ...SITE, password, username }).sites;
      expect(site?.password?.reveal()).toBe(password);
      expect(site?.username).toBe(username);
    }),
    { numRuns: 300 },
  );
});

test.each([
  'yes',
  'null',
  '~',
  '0123',
  '1e3',
  '0x1f',
  '.inf',
  '-',
  '- a',
  'a: b',
  'a #b',
  '#a',
  '&a',
  '*a',
  '!a',
  '|',
  '>',
  '%a',
  '@a',
  '`a`',
  '{a}',
  '[a]',
  '"a"',
  "'a'",
  '\\n',
  ' a ',
  '---',
  '...',
  '<<',
  '{password}',
  '$&',
  '\ufeff',
  '\u{e0001}',
  '東京',
])('%j is read as it was typed', (text) => {
  const [site] = compose({ ...SITE, username: text, password: text, realm: `r${text}` }).sites;
  expect([site?.username, site?.password?.reveal(), site?.clientKeys.get('realm')]).toEqual([
    text,
    text,
    `r${text}`,
  ]);
});

test('the loader reports a wrong answer at its own key', () => {
  const said = (given: Given, mail = MAIL) => {
    const loaded = load(composeConfig(EXAMPLE, answersOf(mail, { ...SITE, name: 'a', ...given })));
    return loaded.ok ? [] : loaded.errors.map(({ path, text }) => `${path}: ${text}`);
  };
  expect(said({ vpn_gw: '-x' })).toEqual([
    'sites.a.vpn_gw: expected a gateway, without spaces or a leading -',
  ]);
  expect(said({ password: '' })).toEqual(['sites.a.password: expected a password that is not empty']);
  expect(said({ username: 'a\tb' })).toEqual(['sites.a.username: holds a control character']);
  expect(said({}, { ...MAIL, to: 'nobody@' })).toEqual([
    expect.stringMatching(/^logging\.email\.to\[0\]: expected mail addr/),
  ]);
  expect(said({ name: '=a' })).toEqual([
    expect.stringMatching(/^sites.*: expected a name that does not begin/),
  ]);
});

test('lines are changed at a key; a missing key throws', () => {
  const lines = ['a:', '  #b: 1', 'c: 2', '  b: 3'];
  expect(setValue(lines, ['a', 'b'], '4')).toEqual(['a:', '  b: 4', 'c: 2', '  b: 3']);
  expect(addAfter(lines, ['a', 'b'], 'd: 5', '#e: 6')).toEqual([
    'a:',
    '  #b: 1',
    '  d: 5',
    '  #e: 6',
    'c: 2',
    '  b: 3',
  ]);
  expect(commentOut(lines, ['c'])).toEqual(['a:', '  #b: 1', '#c: 2', '  #b: 3']);
  expect(() => setValue(lines, ['a', 'c'], '4')).toThrow('the example has no a.c');
  expect(yamlString('a.b-c')).toBe('a.b-c');
});
