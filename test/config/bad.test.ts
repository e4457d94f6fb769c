import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/yaml/problem.ts';
import { CLIENTS } from './write-config.ts';

const FOLDER = path.join(import.meta.dirname, 'bad');
/** Stands wherever a secret may stand, and where it should not. */
const SECRET = /s3cr3t/i;
const ENV = { EMPTY_SECRET: '', CONTROL_SECRET: 's3cr3t-marker\n' };
/** The exit status that goes with a config whose only fault is a secret that is not there yet is another. */
const MAY_PASS = ['secrets-not-there-yet'];

function linesOf(name: string): { lines: string[]; retry: boolean } {
  const result = loadConfig(path.join(FOLDER, `${name}.yml`), {
    files: fs,
    env: ENV,
    clients: CLIENTS,
  });
  if (result.ok) throw new Error(`${name}.yml is taken for good`);
  const lines = formatProblems(`${name}.yml`, result.errors).map((line) => line.replaceAll(FOLDER, 'FOLDER'));
  return { lines, retry: result.retry };
}

const names = fs
  .readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => path.basename(name, '.yml'));

test.each(names)('%s', (name) => {
  const { lines, retry } = linesOf(name);
  const expected = fs.readFileSync(path.join(FOLDER, `${name}.txt`), 'utf8');
  expect(`${lines.join('\n')}\n`).toBe(expected);
  expect(retry).toBe(MAY_PASS.includes(name));
  for (const line of lines) expect(line).not.toMatch(SECRET);
});
