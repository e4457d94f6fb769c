import { execFile } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { shortConfig } from './write-config.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const COPIED = [
  'src',
  'scripts',
  'package.json',
  'tsconfig.json',
  'config.example.yml',
  'config.schema.json',
];
const SCHEMA = 'src/config/schema/login-schema.ts';

/** A program of the copy that uses the key. It prints the value that a config gives it. */
const USER = `import fs from 'node:fs';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load.ts';

function newKey({ login }: Config): number {
  // @ts-expect-error: it is a number
  const text: string = login.newKeyMinutes;
  // @ts-expect-error: it has no other name
  void [text, login.new_key_minutes];
  return login.newKeyMinutes;
}

const loaded = loadConfig(process.argv[2] ?? '', { files: fs, env: {}, clients: new Map() });
console.log(loaded.ok ? newKey(loaded.config) : loaded.errors.map(({ path, text }) => \`\${path}: \${text}\`).join());
`;

test('a key that is added to the schema of login is in the Config, config.schema.json and the example', async () => {
  const folder = temporaryFolder();
  const at = (name: string) => path.join(folder, name);
  for (const name of COPIED) cpSync(path.join(ROOT, name), at(name), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), at('node_modules'));
  const run = (program: string, ...args: string[]) => promisify(execFile)(program, args, { cwd: folder });

  const schema = readFileSync(at(SCHEMA), 'utf8');
  const section = 'export const LoginSchema = mapping({';
  expect(schema).toContain(section);
  const key = "new_key_minutes: withDefault(minutes(0, 60), 7, 'Minutes of the new key.'),";
  writeFileSync(at(SCHEMA), schema.replace(section, `${section}\n${key}`));
  writeFileSync(at('src/uses-new-key.ts'), USER);
  await run('node_modules/.bin/tsc', '-p', 'tsconfig.json');
  await run(process.execPath, 'scripts/schema.mjs');

  const { properties } = JSON.parse(readFileSync(at('config.schema.json'), 'utf8'));
  expect(properties.login.properties.new_key_minutes).toEqual({
    type: 'number',
    minimum: 0,
    maximum: 60,
    description: 'Minutes of the new key. Default: 7.',
    default: 7,
  });
  const example = readFileSync(at('config.example.yml'), 'utf8');
  expect(example).toContain('\n#login:\n  # Minutes of the new key.\n  #new_key_minutes: 7\n');

  const printed = async (config: string) => {
    writeFileSync(at('config.yml'), config);
    return (await run(process.execPath, 'dist/uses-new-key.js', 'config.yml')).stdout.trim();
  };
  const config = shortConfig().replace(/^ {4}(?:realm|timeout).*\n/gm, '');
  const withClient = `${config}    client: own\nclients: { own: { command: a, success: { expect: b } } }\n`;
  expect(await printed(withClient)).toBe('7');
  expect(await printed(`${withClient}login: { new_key_minutes: 9 }\n`)).toBe('9');
  expect(await printed(`${withClient}login: { new_key_minutes: 99 }\n`)).toBe(
    'login.new_key_minutes: expected a number of minutes from 0 to 60',
  );
});
