import { expect, test } from 'vitest';
import { PROFILES } from '../../src/clients/built-in.ts';
import { secretsOf } from '../../src/config/config.ts';
import { configOf, linesOf, load } from './write-config.ts';

const FILES = { 'user.pem': '', 'user-key.pem': '', 'a.ovpn': '', phrase: 'pass phrase\n' };

/** A config with one site of a client. */
function siteOf(client: string, lines: string, more = ''): string {
  return `frequency: 600
logging: { dir: results, file: result }
sites:
  site1:
    external_ip: 192.0.2.10
    vpn_gw: gw
    internal_ip: 10.0.0.1
    client: ${client}
${lines}${more}`;
}

const read = (text: string) =>
  load(text, { files: FILES, env: { PHRASE: 'pass phrase' }, clients: PROFILES });

test.each([
  ['openconnect', '    certificate: user.pem\n    key: user-key.pem\n    key_password_file: phrase\n', 1],
  ['openconnect', '    certificate: user.pem\n    key_password: pass phrase\n    username: u\n', 0],
  ['openconnect', '    username: u\n    totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n', 0],
  ['openvpn', '    profile: a.ovpn\n    key_password_env: PHRASE\n', 1],
])('%s without what it does not need: %j', (client, lines, places) => {
  const result = read(siteOf(client, lines));
  const config = configOf(result);
  const [site] = config.sites;
  expect(site?.password).toBeUndefined();
  const phrase = site?.clientSecrets?.get('key_password')?.reveal();
  expect(phrase).toBe(lines.includes('key_password') ? 'pass phrase' : undefined);
  expect(secretsOf(config).map((secret) => secret.reveal())).toEqual(
    expect.arrayContaining(phrase === undefined ? [] : [phrase]),
  );
  expect(site?.clientKeys.has('key_password')).toBe(false);
  expect(result.ok && result.secretFiles.length + result.secretVariables.length).toBe(places);
});

test.each([
  ['openconnect', '    username: u\n', ['sites.site1.password: missing (or password_file or password_env)']],
  [
    'openconnect',
    '',
    ['sites.site1.username: missing', 'sites.site1.password: missing (or password_file or password_env)'],
  ],
  [
    'openconnect',
    '    certificate: user.pem\n    key_password: a\n    key_password_env: PHRASE\n',
    [
      'key_password_env: expected only one of key_password, key_password_file, key_password_env: key_password is there as well',
    ],
  ],
  [
    'startct',
    '    username: u\n    password: p\n    realm: r\n    key_password_env: PHRASE\n',
    [
      'sites.site1.key_password_env: unknown key for the client startct (it is for openconnect, openvpn or openfortivpn)',
    ],
  ],
])('%s: %j', (client, lines, messages) => {
  expect(linesOf(read(siteOf(client, lines)))).toEqual(
    messages.map((message) => expect.stringContaining(message)),
  );
});

const OWN = `clients:
  own:
    command: own
    success: { expect: up }
    keys: { pin: secret }
    args: ["{vpn_gw}"]
    dialogue: [{ expect: "^PIN:", send: "{pin}" }, { expect: "^User:", send: "{username}", with: username }]
`;

test('a client of the user with a secret of its own, and without a name and a password', () => {
  const [site] = configOf(read(siteOf('own', '    pin_env: PHRASE\n', OWN))).sites;
  expect(site?.clientSecrets?.get('pin')?.reveal()).toBe('pass phrase');
  expect([site?.username, site?.password]).toEqual([undefined, undefined]);
  expect(linesOf(read(siteOf('own', '', OWN)))).toEqual([
    expect.stringContaining('sites.site1.pin: missing (or pin_file or pin_env)'),
  ]);
  const shown = OWN.replace('{vpn_gw}', '{pin}');
  expect(linesOf(read(siteOf('own', '    pin: x\n', shown)))).toEqual([
    expect.stringContaining(
      'args[0]: holds something in braces that is not a key: expected {vpn_gw} or {username}',
    ),
  ]);
});
