import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

// `npm run test:real` runs the files in test/real, `npm test` all others. A file in the wrong group is found here.

const TEST = import.meta.dirname;
/** Finds out whether a program is here that scripts/test-packages.mjs installs: a test that needs one asks it. */
const ASKS = 'support/missing-programs.ts';
/** Tests {@link ASKS} itself, and needs no such program. */
const ITS_TEST = 'scripts/test-packages.test.ts';

const SOURCES = readdirSync(TEST, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.(ts|mjs)$/.test(file),
);
const isReal = (file: string) => file.startsWith('real/');
const read = (file: string) => readFileSync(path.join(TEST, file), 'utf8');
const testFiles = SOURCES.filter((file) => file.endsWith('.test.ts'));

/** The files of test that are loaded with a file, and itself. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file) || !SOURCES.includes(file)) return seen;
  seen.add(file);
  for (const [, from = ''] of read(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g))
    loadedWith(path.join(path.dirname(file), from), seen);
  return seen;
}

/** The programs of the table in scripts/test-packages.mjs. */
const script = readFileSync(path.join(TEST, '../scripts/test-packages.mjs'), 'utf8');
const table = /^const PROGRAMS = \{\n(.*?)^\};/ms.exec(script)?.[1] ?? '';
const PROGRAMS = Array.from(table.matchAll(/^ {2}'?([\w-]+)'?: '/gm), ([, name = '']) => name);

/** The programs of the table that a source starts by name: as a word of its own, or first in a shell command. */
function startedBy(source: string): readonly string[] {
  const name = `(${PROGRAMS.join('|')})`;
  const word = new RegExp(
    `\\b(?:spawn|spawnSync|execFile|execFileSync|start|openTypedTerminal)\\(\\s*\\[?\\s*['"\`](?:[\\w/]*/)?${name}['"\`]`,
    'g',
  );
  const command = new RegExp(
    `\\b(?:run|exec|execSync)\\(\\s*['"\`](?:[^'"\`]*[;&|(\\n])?\\s*${name}(?=[ ;&|)'"\`])`,
    'g',
  );
  return [word, command].flatMap((pattern) =>
    Array.from(source.matchAll(pattern), ([, found = '']) => found),
  );
}

test('the tests and the programs are found', () => {
  expect(testFiles.filter(isReal).length).toBeGreaterThan(15);
  expect(testFiles.filter((file) => !isReal(file)).length).toBeGreaterThan(150);
  expect(PROGRAMS).toEqual(expect.arrayContaining(['ocserv', 'ip', 'systemd-analyze', 'strace']));
  expect([...loadedWith('real/e2e/real-gateways.test.ts')]).toContain(ASKS);
});

describe('npm run test:real', () => {
  test.each(testFiles.filter(isReal))(
    '%s asks for a program that scripts/test-packages.mjs installs',
    (file) => {
      expect(
        [...loadedWith(file)],
        'move it out of test/real, or let it ask for its programs with missingPrograms',
      ).toContain(ASKS);
    },
  );
});

describe('npm test', () => {
  const others = testFiles.filter((file) => !isReal(file) && file !== ITS_TEST);

  test('asks for none of these programs, and loads nothing of test/real', () => {
    const wrong = others.filter((file) =>
      [...loadedWith(file)].some((loaded) => loaded === ASKS || isReal(loaded)),
    );
    expect(wrong, 'move these to test/real').toEqual([]);
  });

  test('starts none of them without asking either', () => {
    const wrong = SOURCES.filter((file) => !isReal(file) && file !== 'groups.test.ts').flatMap((file) =>
      startedBy(read(file)).map((program) => `${file} starts ${program}`),
    );
    expect(wrong, 'move these to test/real').toEqual([]);
  });

  test.each([
    ["spawn('strace', ['-f'])", ['strace']],
    ["spawnSync('/usr/bin/openssl', ['version'])", ['openssl']],
    ["world.start(['ocserv', '-f'])", ['ocserv']],
    ["world.run('ip link; echo')", ['ip']],
    ['world.run(`set -e\n  mkdir x && nft list tables`)', ['nft']],
    ["world.run('ping -c 1 127.0.0.1'); spawn('ipcalc'); config({ client: 'openconnect' })", []],
  ])('what a test starts is noticed: %s', (source, programs) => {
    expect(startedBy(source)).toEqual(programs);
  });
});
