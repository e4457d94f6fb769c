import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ROOT } from '../support/paths.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

// .ci/run in a tree of its own, whose npm runs a few lines of shell.
vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let ci: ChildProcess | undefined;
const at = (name: string) => path.join(folder, name);

beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(at('.ci'));
  mkdirSync(at('scripts'));
  for (const name of ['.ci/run', 'scripts/sum-test-counts.mjs', 'scripts/test-counts.mjs'])
    cpSync(path.join(ROOT, name), at(name));
  for (const name of ['setup', 'test-packages']) writeFileSync(at(`scripts/${name}.mjs`), '');
  mkdirSync(at('bin'));
  program('npm', 'exec sh "$2.sh"');
  // What others install on this machine meanwhile is nothing that these tests left behind.
  program(
    'find',
    '[ "$1" = /etc ] || PATH=/usr/bin:/bin exec find "$@"\n[ ! -e outside ] || echo /etc/outside',
  );
});
afterEach(() => ci?.kill('SIGKILL'));

function program(name: string, script: string): void {
  writeFileSync(at(`bin/${name}`), `#!/bin/sh\n${script}\n`);
  chmodSync(at(`bin/${name}`), 0o755);
}

/** What a group of tests writes that comes to its end. */
const counts = (passed: number, failed: number, skipped: number) =>
  `echo '${JSON.stringify({
    passed,
    failures: Array(failed).fill({ name: 'test/one.test.ts > fails', lines: ['expected 1 to be 2'] }),
    skipped: Array(skipped).fill({}),
  })}' >$VPN_MONITOR_TEST_COUNTS; echo '${passed} passed, ${failed} failed, ${skipped} skipped'`;
const GOOD = { check: 'true', plain: counts(3, 0, 1), real: counts(2, 0, 4) };

interface Result {
  readonly status: number | null;
  readonly stdout: readonly string[];
  readonly stderr: string;
}

/** Starts .ci/run; the scripts are those of `npm run check`, `npm test` and `npm run test:real`. */
function start({ check, plain, real }: typeof GOOD): Promise<Result> {
  for (const [name, script] of Object.entries({ check, test: plain, 'test:real': real }))
    writeFileSync(at(`${name}.sh`), script);
  const child = spawn(at('.ci/run'), {
    env: { ...process.env, PATH: `${at('bin')}:${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ci = child;
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  return new Promise((resolve) =>
    child.on('close', (status) => resolve({ status, stdout: stdout.trimEnd().split('\n'), stderr })),
  );
}

test('the groups run side by side; their output comes in order, and last one closing line for both', async () => {
  const meets = (other: string, own: string) => `touch ${own}; until [ -e ${other} ]; do sleep 0.05; done;`;
  const { status, stdout, stderr } = await start({
    ...GOOD,
    plain: `${meets('two', 'one')} echo first; ${GOOD.plain}`,
    real: `${meets('one', 'two')} echo second >&2; ${GOOD.real}`,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout.at(-1)).toBe('5 passed, 0 failed, 5 skipped');
  expect(stdout.filter((line) => /^\d+ passed/.test(line))).toHaveLength(1);
  expect(stdout.filter((line) => / \| (\w+|\d .*)$/.test(line))).toEqual([
    'test      | first',
    'test      | 3 passed, 0 failed, 1 skipped',
    'test:real | second',
    'test:real | 2 passed, 0 failed, 4 skipped',
  ]);
});

test.each([
  [
    'a test fails',
    { plain: `${counts(3, 2, 0)}; exit 1` },
    '5 passed, 2 failed, 4 skipped',
    'npm test failed (status 1)',
  ],
  [
    'a real test fails',
    { real: `${counts(1, 1, 0)}; exit 1` },
    '4 passed, 1 failed, 1 skipped',
    'npm run test:real failed (status 1)',
  ],
  [
    'one group cannot run',
    { real: 'exit 7' },
    '3 passed, 1 failed, 1 skipped',
    'npm run test:real failed (status 7)',
  ],
  ['a group has no counts, whatever its status', { plain: 'true' }, '2 passed, 1 failed, 4 skipped', ''],
  ['lint fails', { check: 'exit 2' }, '5 passed, 0 failed, 5 skipped', 'npm run check failed (status 2)'],
  [
    'a file is left',
    { plain: `touch $TMPDIR/stays; ${GOOD.plain}` },
    '5 passed, 0 failed, 5 skipped',
    '/t/plain/stays',
  ],
  [
    'a file is left outside',
    { real: `touch outside; ${GOOD.real}` },
    '5 passed, 0 failed, 5 skipped',
    'file: /etc/outside',
  ],
])('it fails, and both groups have run, if %s', async (_, special, closing, said) => {
  const { status, stdout, stderr } = await start({ ...GOOD, ...special });
  expect(stdout.at(-1)).toBe(closing);
  expect(stderr).toContain(said);
  expect(status).toBe(1);
});

test('it fails if a process is left', async () => {
  const { status, stdout, stderr } = await start({
    ...GOOD,
    real: `sleep 300 >/dev/null 2>&1 & echo $! >pid; ${GOOD.real}`,
  });
  const pid = Number(readFileSync(at('pid'), 'utf8'));
  // 0 would be our own process group.
  expect(pid).toBeGreaterThan(1);
  process.kill(pid);
  expect(stderr).toContain(': sleep 300');
  expect(stdout.at(-1)).toBe('5 passed, 0 failed, 5 skipped');
  expect(status).toBe(1);
});

test('a group is ended at its limit', async () => {
  const text = readFileSync(at('.ci/run'), 'utf8');
  writeFileSync(at('.ci/run'), text.replace('limit_plain=3000', 'limit_plain=10'));
  const { status, stdout, stderr } = await start({ ...GOOD, plain: 'echo begins; sleep 300' });
  expect(stdout).toContain('test      | begins');
  expect(stdout.at(-1)).toBe('2 passed, 1 failed, 4 skipped');
  expect(stderr).toContain('npm test was ended at its time limit');
  expect(status).toBe(1);
});

test('whoever ends it ends the groups too, and nothing stays', async () => {
  const hangs = (name: string) => `echo "$TMPDIR" >${name}.tmp; echo $$ >${name}.pid; sleep 300`;
  const ended = start({ ...GOOD, plain: hangs('plain'), real: hangs('real') });
  const pids = await until('both groups run', () => {
    const files = ['plain.pid', 'real.pid'].map(at);
    const found = files.map((file) => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0));
    return found.every((pid) => pid > 0) && found;
  });
  const own = path.join(readFileSync(at('plain.tmp'), 'utf8').trim(), '../..');
  expect(readdirSync(own)).toContain('plain.log');
  ci?.kill('SIGTERM');
  await ended;
  await until('the groups have ended', () => !pids.some((pid) => existsSync(`/proc/${pid}`)));
  expect(existsSync(own)).toBe(false);
});
