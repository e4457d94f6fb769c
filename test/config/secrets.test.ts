import fs from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { PROFILES } from '../../src/clients/built-in.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { configOf, linesOf, load, shortConfig } from './write-config.ts';

const MARKER = 's3cr3t-marker';

function passwordOf(result: ReturnType<typeof load>): string | undefined {
  return configOf(result).sites[0]?.password?.reveal();
}

test.each([
  ['as it is', ' a b\u00e9 ', ' a b\u00e9 '],
  ['without one newline', 'secret\n', 'secret'],
  ['without one newline of Windows', 'secret\r\n', 'secret'],
  ['without a byte order mark', '\ufeffsecret\n', 'secret'],
  ['of a thousand characters', 'x'.repeat(1000), 'x'.repeat(1000)],
])("a secret's file is taken %s", (_how, content, secret) => {
  const result = load(shortConfig('    password_file: secret'), { files: { secret: content } });
  expect(passwordOf(result)).toBe(secret);
});

test("a secret's file and a certificate's are looked for in the config's folder", () => {
  const text = shortConfig('    password_file: nowhere/secret');
  const result = load(text);
  expect(linesOf(result)).toEqual([
    `config.yml:11: sites.site1.password_file: the file it names can't be read (relative to ${result.folder}): no such file`,
  ]);
});

test('a secret of the environment, whose variable is named for hiding it from children', () => {
  const result = load(shortConfig('    password_env: VPN_PASSWORD'), {
    env: { VPN_PASSWORD: 'secret', OTHER: 'x' },
  });
  expect(passwordOf(result)).toBe('secret');
  expect(result).toMatchObject({ ok: true, secretVariables: ['VPN_PASSWORD'] });
});

test('who only looks at results needs none of what the config names', () => {
  const text = `${shortConfig('    password_file: nowhere')}  site2:
    external_ip: a
    vpn_gw: b
    profile: nowhere.ovpn
    username: c
    password_env: NOWHERE
    internal_ip: d
    client: openvpn
`.replace('file: result }', 'file: result, email: { server: a, ca: nowhere.pem, from: b@c, to: d@e } }');
  expect(linesOf(load(text, { clients: PROFILES }))).toHaveLength(4);
  const loaded = load(text, { clients: PROFILES, configOnly: true });
  expect(loaded).toMatchObject({ ok: true, secretFiles: [path.join(loaded.folder, 'nowhere')] });
  const config = configOf(loaded);
  expect(config.sites.map((site) => site.password?.reveal())).toEqual(['', '']);
  expect(linesOf(load(`${text}x: 1\n`, { clients: PROFILES, configOnly: true }))).toEqual([
    'config.yml:20: x: unknown key',
  ]);
});

test('only what an environment holds itself is a variable of it', () => {
  const result = load(shortConfig('    password_env: constructor'));
  expect(linesOf(result)).toEqual([
    'config.yml:11: sites.site1.password_env: the environment variable it names is not set',
  ]);
});

test('secrets that are not there yet are no fault of the config, beside others they are', () => {
  const text = shortConfig('    password_env: NOT_SET');
  expect(load(text)).toMatchObject({ ok: false, retry: true });
  expect(load(text.replace('600', '0'))).toMatchObject({ ok: false, retry: false });
});

test.each([
  ['a password', shortConfig('    password: ge #heim'), 'sites.site1.password'],
  [
    'one that stands elsewhere',
    `x-p: &p ge\t#heim\n${shortConfig('    password: *p')}`,
    'sites.site1.password',
  ],
  [
    "the mail server's",
    shortConfig().replace(
      '{ dir: results, file: result }',
      '\n dir: results\n file: result\n email:\n  server: a\n  from: b@c\n  to: d@e\n  username: u\n  password: ge #heim',
    ),
    'logging.email.password',
  ],
])('%s that a comment cuts off is said, without a word of it', (_whose, text, path) => {
  const { warnings } = configOf(load(text));
  expect(warnings).toContain(`${path}: what follows # is a comment: put the password in quotes`);
  expect(warnings.join()).not.toContain('heim');
});

test.each(['"ge #heim"', "'ge #heim'", '"ge"  # not the password', 'ge#heim', 'ge\n    # not the password'])(
  'nothing is cut off of the password %s',
  (password) => {
    const { warnings } = configOf(load(shortConfig(`    password: ${password}`)));
    expect(warnings.join()).not.toContain('comment');
  },
);

test.each([
  [0o600, false],
  [0o400, false],
  [0o620, false],
  [0o640, true],
  [0o644, true],
  [0o604, true],
])('mode %o of a config with a password', (mode, warned) => {
  const { warnings } = configOf(load(shortConfig(), { mode }));
  const octal = `0${mode.toString(8)}`;
  expect(warnings.some((line) => line.includes(`its mode is ${octal} and should be 0600`))).toBe(warned);
});

test.each([
  [0o600, false],
  [0o440, false],
  [0o640, false],
  [0o644, true],
  [0o604, true],
])('mode %o of the file of a password', (mode, warned) => {
  const folder = temporaryFolder();
  const text = shortConfig('    password_file: secret');
  fs.writeFileSync(path.join(folder, 'secret'), 's3cr3t');
  fs.chmodSync(path.join(folder, 'secret'), mode);
  const said = `sites.site1.password_file: everybody may read the file it names: its mode is 0${mode.toString(8)} and should be 0600`;
  expect(configOf(load(text, { folder })).warnings.includes(said)).toBe(warned);
});

test.each([
  [0o600, false],
  [0o644, false],
  [0o620, true],
  [0o602, true],
])('mode %o of a config, whoever may write to it', (mode, warned) => {
  const { warnings, file } = configOf(load(shortConfig(), { mode }));
  const said = `others may write to ${file} and so choose what is run: its mode is 0${mode.toString(8)}, chmod go-w it`;
  expect(warnings.includes(said)).toBe(warned);
});

test('the mode of a config without a password in it is all the same', () => {
  const text = shortConfig('    password_env: VPN_PASSWORD');
  const { warnings } = configOf(load(text, { mode: 0o644, env: { VPN_PASSWORD: 'secret' } }));
  expect(warnings).toEqual(['logging.email is left out: no mail is sent']);
});

test('a config that is printed shows no secret', () => {
  const result = load(shortConfig(`    password: ${MARKER}`), { mode: 0o644 });
  for (const text of [
    inspect(result, { depth: 9 }),
    JSON.stringify(result),
    String(configOf(result).warnings),
  ]) {
    expect(text).not.toContain(MARKER);
  }
});

// What a password does to the line it stands on without quotes, wherever it stands.
const AWKWARD = [
  '"',
  "'",
  '*',
  '&',
  '!',
  '!!',
  '@',
  '`',
  '%',
  '{',
  '[',
  ']',
  '}',
  ',',
  '|',
  '>',
  '- ',
  '? ',
  ': ',
  '#',
];

test.each(AWKWARD.flatMap((sign) => [`${sign}${MARKER}`, `${MARKER}${sign}`, `${MARKER}${sign}${MARKER}`]))(
  'no message holds the password %s',
  (password) => {
    const lines = [
      `    password: ${password}`,
      `    password: ${password}\n    password: "${MARKER}"`,
      `    password:${password}`,
      `    passwort: ${password}`,
      `    realm: -${password}`,
      `    timeout: ${password}`,
      `    ${password}: 1`,
      `    password: { ${password} }`,
      `    - ${password}`,
    ];
    for (const line of lines) {
      const result = load(shortConfig(line));
      if (result.ok) continue;
      // A word with a value is taken for a mistyped key.
      const shown = linesOf(result).map((line) => line.replace(/\.s3cr3t[\w-]*: unknown key$/, ''));
      expect(shown.join('\n')).not.toContain('s3cr3t');
    }
  },
);
