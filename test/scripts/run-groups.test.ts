import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { ROOT } from '../support/paths.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// scripts/test.mjs in a tree of its own, whose tests pass, fail and skip on purpose.
vi.setConfig({ testTimeout: 120_000 });

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  for (const name of ['scripts', 'vitest.config.ts'])
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  write('package.json', '{ "type": "module" }');
  write('src/one.ts', 'export const one = (): number => 1;\n');
});

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

/** Writes a test file of the small tree. */
function testFile(name: string, ...tests: string[]): void {
  const imports =
    "import { beforeAll, describe, expect, test } from 'vitest';\nimport { one } from 'ONE/src/one.ts';\n";
  write(name, `${imports.replace('ONE', folder)}expect(one()).toBe(1);\n${tests.join('\n')}\n`);
}

interface Result {
  readonly status: number | null;
  /** The lines of stdout. */
  readonly lines: readonly string[];
}

function runScript(
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> {
  const outer = Object.entries(process.env).filter(([key]) => !/^(VITEST|VPN_MONITOR|TEST$)/.test(key));
  const child = spawn(process.execPath, [`scripts/${script}`, ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(outer), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  child.stderr.on('data', () => undefined);
  return new Promise((resolve) =>
    child.on('close', (status) => resolve({ status, lines: said.trimEnd().split('\n') })),
  );
}

const PASSES = "test('passes', () => {});";
const FAILS = "test('fails', () => expect(1).toBe(2));";
const SKIPPED = "test('is skipped', ({ skip }) => skip(true, 'needs the moon'));";
const NO_SET_UP =
  "describe('a group', () => { beforeAll(() => expect(1).toBe(2)); test('never runs', () => {}); });";

test('npm test runs all but test/real, with coverage, npm run test:real runs test/real; one closing line for both', async () => {
  testFile('test/one.test.ts', PASSES);
  testFile('test/deep/er/two.test.ts', PASSES);
  testFile('test/real/three.test.ts', PASSES, FAILS);
  testFile('test/real/deep/four.test.ts', PASSES, SKIPPED, "test.todo('is to come');", NO_SET_UP);
  write('test/real/broken.test.ts', "import './nowhere.ts';\n");
  const plainCounts = path.join(folder, 'plain.json');
  const realCounts = path.join(folder, 'real.json');
  const plain = await runScript('test.mjs', ['plain'], { VPN_MONITOR_TEST_COUNTS: plainCounts });
  expect(plain.lines.at(-1)).toBe('2 passed, 0 failed, 0 skipped');
  expect(plain.lines).toContain('Left out of coverage:');
  expect(plain.status).toBe(0);
  const real = await runScript('test.mjs', ['real'], { VPN_MONITOR_TEST_COUNTS: realCounts });
  // A file that does not even load is a failure too.
  const skipped = real.lines.indexOf('Skipped:');
  const failed = real.lines.indexOf('Failed:');
  expect([...real.lines.slice(skipped, failed), real.lines.at(-1)]).toEqual([
    'Skipped:',
    '  test/real/deep/four.test.ts > is skipped: needs the moon',
    '  test/real/deep/four.test.ts > is to come: still to be written',
    '  test/real/deep/four.test.ts > a group > never runs: what sets it up has failed',
    '2 passed, 3 failed, 3 skipped',
  ]);
  const failures = real.lines.slice(failed, -1);
  expect(failures.filter((line) => /^ {0,2}\S/.test(line)).sort()).toEqual([
    '  test/real/broken.test.ts',
    '  test/real/deep/four.test.ts > a group',
    '  test/real/three.test.ts > fails',
    'Failed:',
  ]);
  expect(failures).toContain('    expected 1 to be 2 // Object.is equality');
  expect(real.lines.join('\n')).not.toMatch(/coverage/i);
  expect(real.status).toBe(1);
  expect(await runScript('sum-test-counts.mjs', [plainCounts, realCounts])).toEqual({
    status: 0,
    lines: [...failures, '4 passed, 3 failed, 3 skipped'],
  });
});

test('a run that does not come to its end is a failure, and shows no counts of an earlier one', async () => {
  const old = path.join(folder, 'counts.json');
  write('counts.json', JSON.stringify({ passed: 5, failures: [], skipped: [] }));
  write('vitest.config.ts', 'this is no config');
  const { status, lines } = await runScript('test.mjs', ['real'], { VPN_MONITOR_TEST_COUNTS: old });
  expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  expect(status).toBe(1);
  expect(existsSync(old)).toBe(false);
  expect(await runScript('sum-test-counts.mjs', [old])).toEqual({
    status: 1,
    lines: ['0 passed, 1 failed, 0 skipped'],
  });
});

test('package.json names both groups, each after its own set-up', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  expect(scripts).toMatchObject({
    test: 'node scripts/setup.mjs && node scripts/test.mjs plain',
    'test:real': 'node scripts/setup.mjs && node scripts/test-packages.mjs && node scripts/test.mjs real',
  });
});

test('a test that is skipped without a reason is a fault, unless a part was asked for', async () => {
  testFile('test/one.test.ts', PASSES, "describe.skip('a group', () => { test('is skipped', () => {}); });");
  const whole = await runScript('test.mjs', ['plain']);
  expect(whole.lines.slice(-3)).toEqual([
    'Skipped without a reason, which is a fault (context.skip takes one):',
    '  test/one.test.ts > a group > is skipped',
    '1 passed, 0 failed, 1 skipped',
  ]);
  expect(whole.status).toBe(1);
  const part = await runScript('test.mjs', ['plain', 'test/one.test.ts', '-t', 'passes']);
  expect(part.lines.at(-1)).toBe('1 passed, 0 failed, 1 skipped');
  expect(part.status).toBe(0);
});

test('a run in which no test passed has failed', async () => {
  testFile('test/real/one.test.ts', SKIPPED);
  const { status, lines } = await runScript('test.mjs', ['real']);
  expect(lines.slice(-2)).toEqual(['No test has passed.', '0 passed, 0 failed, 1 skipped']);
  expect(status).toBe(1);
});

test('the ten slowest tests are named with their seconds, the slowest first', async () => {
  const tests = Array.from({ length: 12 }, (_, n) => `test('test ${n}', () => {});`);
  const slow = (name: string, ms: number) =>
    `test('${name}', () => new Promise((resolve) => setTimeout(resolve, ${ms})));`;
  testFile('test/real/one.test.ts', ...tests, slow('slow', 400), slow('slower', 1200));
  const { lines } = await runScript('test.mjs', ['real']);
  const from = lines.indexOf('Slowest:') + 1;
  const named = lines.slice(from, -1);
  expect(named).toHaveLength(10);
  expect(named[0]).toMatch(/^ {5}\d\.\d s {2}test\/real\/one\.test\.ts > slower$/);
  expect(named[1]).toMatch(/ s {2}test\/real\/one\.test\.ts > slow$/);
});
