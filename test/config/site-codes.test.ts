import { expect, test } from 'vitest';
import { secretsOf } from '../../src/config/config.ts';
import { configOf, linesOf, load, shortConfig } from './write-config.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const site = (lines: string) => shortConfig(`    password: secret\n${lines}`);

test.each([
  ['totp_secret', `    totp_secret: ${SECRET}`],
  ['totp_secret_file', '    totp_secret_file: secret'],
  ['totp_secret_env', '    totp_secret_env: SECRET'],
])('%s: the secret is read, is redacted, and no child gets it', (_key, lines) => {
  const written = 'jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp';
  const result = load(site(lines), { files: { secret: `${written}\n` }, env: { SECRET: written } });
  const config = configOf(result);
  expect(config.sites[0]?.totp).toMatchObject({
    digits: 6,
    period: 30,
    algorithm: 'SHA1',
    withPassword: false,
  });
  expect(config.sites[0]?.totp?.secret.reveal()).toBe(SECRET);
  const secrets = secretsOf(config).map((secret) => secret.reveal());
  expect(secrets).toEqual(expect.arrayContaining(['secret', SECRET]));
  if (lines.includes('_')) expect(JSON.stringify(config)).not.toContain(SECRET);
  expect(result.ok && [...result.secretFiles, ...result.secretVariables].length).toBe(
    lines.includes('_file') || lines.includes('_env') ? 1 : 0,
  );
});

test('without the secret of a file, as status reads a config', () => {
  const text = site('    totp_secret_file: missing\n    totp_with_password: true');
  const config = configOf(load(text, { configOnly: true }));
  expect(config.sites[0]?.totp).toMatchObject({ period: 30, withPassword: true });
});

test.each([
  [
    '    totp_secret: 0123456789',
    'config.yml:12: sites.site1.totp_secret: expected a string, got a number: put it in quotes',
  ],
  [
    '    totp_secret: "not base32!"',
    'config.yml:12: sites.site1.totp_secret: expected base32 (A to Z and 2 to 7) or an otpauth:// URI',
  ],
  [
    '    totp_secret_file: secret',
    'config.yml:12: sites.site1.totp_secret_file: the file it names is no secret of one-time codes: expected a secret of 16 to 256 characters of base32',
  ],
  [
    '    totp_secret_env: NOT_SET',
    'config.yml:12: sites.site1.totp_secret_env: the environment variable it names is not set',
  ],
  [
    `    totp_secret: ${SECRET}\n    totp_secret_env: SECRET`,
    'config.yml:13: sites.site1.totp_secret_env: expected only one of totp_secret, totp_secret_file, totp_secret_env: totp_secret is there as well',
  ],
  [
    '    totp_with_password: true',
    'config.yml:12: sites.site1.totp_with_password: expected a totp_secret as well',
  ],
])('%s', (lines, message) => {
  expect(linesOf(load(site(lines), { files: { secret: 'SHORT' } }))).toEqual([message]);
});

const OWN = `clients:
  own:
    command: own
    success: { expect: up }
`;
const ofOwn = (client: string, lines = '') =>
  `${site(`    client: own\n${lines}`).replace('    realm: corp\n', '').replace('    timeout: 60\n', '')}${OWN}${client}`;

test('a client of the user that declares totp_secret as its own key: that is a plain value, as before', () => {
  const declared =
    '    args: ["--otp={totp_secret}", "{totp}"]\n    keys: { totp_secret: file, totp: optional }\n';
  const lines = '    totp_secret: secret.hex\n    totp: abc';
  const result = load(ofOwn(declared, lines), { files: { 'secret.hex': 'x' } });
  const [first] = configOf(result).sites;
  expect(first?.totp).toBeUndefined();
  expect(first?.clientKeys.get('totp_secret')).toBe(`${result.folder}/secret.hex`);
  const more = load(ofOwn(declared, `${lines}\n    totp_with_password: true`), {
    files: { 'secret.hex': 'x' },
  });
  expect(linesOf(more)).toEqual([expect.stringContaining('sites.site1.totp_with_password: unknown key')]);
});

test('a client of the user types codes and knows the sites that have them', () => {
  const dialogue = `    dialogue: [{ expect: "^Code:", send: "{password}{totp}", with: totp }]
    failures: [{ expect: "^Code:", cause: second-factor, without: totp }]
    args: [["--retry{?realm}", now]]
    keys: { realm: optional }
`;
  const config = configOf(load(ofOwn(dialogue, `    totp_secret: ${SECRET}`)));
  expect(config.clients.get('own')).toMatchObject({
    dialogue: [{ send: '{password}{totp}', with: 'totp' }],
    failures: [{ without: 'totp' }],
  });
  const wrong = dialogue.replace('without: totp', 'without: totpp').replace('{?realm}', '{?relm}{totp}');
  expect(linesOf(load(ofOwn(wrong)))).toEqual([
    expect.stringContaining(
      'failures[0].without: expected totp, username, password or one of the keys of this client',
    ),
    expect.stringContaining('args[0][0]: holds something in braces that is not a key'),
  ]);
});
