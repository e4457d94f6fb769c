import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { judge, type Sample } from '../../bench/soak-report.mjs';
import { ROOT } from '../support/paths.ts';
import { worldUnavailable } from '../support/world.ts';

/** How many tests of sites decide: as few as soak.mjs takes in `npm test`; CI asks for more. */
const { SOAK_TESTS = '200' } = process.env;

const MB = 2 ** 20;
const WELL = { status: 0, left: 0 };

/** Looks at 10,000 tests of a monitor that does not grow, though no two looks are alike. */
function samples(changed: (tests: number, look: number) => Partial<Sample> = () => ({})): Sample[] {
  return Array.from({ length: 100 }, (_, look) => {
    const tests = 100 * (look + 1);
    const noise = (look * 7919) % 13;
    const warmUp = 4 * MB * Math.min(1, tests / 3000);
    const heap = 15 * MB + warmUp + noise * 20_000;
    const state = 13_000 + 300 * noise;
    const between = { files: 25 + (noise % 3), resources: 2 + (noise % 2), zombies: 0 };
    return { tests, heap, rss: 80 * MB + noise * 500_000, ...between, state, ...changed(tests, look) };
  });
}

const failing = (given: readonly Sample[], end: Parameters<typeof judge>[1] = WELL) =>
  judge(given, end)
    .filter(({ holds }) => !holds)
    .map(({ what }) => what);

test('a monitor that does not grow is flat, whatever a single look sees', () => {
  expect(failing(samples())).toEqual([]);
  const odd = (tests: number) =>
    tests % 1000 === 0 ? { files: 40, zombies: 1, heap: 60 * MB, state: 90_000 } : {};
  expect(failing(samples(odd))).toEqual([]);
});

test.each<[string, (tests: number) => Partial<Sample>, string]>([
  [
    '0.3 KB a test',
    (tests) => ({ heap: 15 * MB + 300 * tests }),
    'heap in use after a collection, buffers too',
  ],
  ['2 KB a test outside of the heap', (tests) => ({ rss: 80 * MB + 2000 * tests }), 'memory (RSS)'],
  ['a file in 1000 tests', (tests) => ({ files: 25 + Math.floor(tests / 1000) }), 'open files'],
  [
    'a timer in 1000 tests',
    (tests) => ({ resources: 2 + Math.floor(tests / 1000) }),
    'timers and other handles',
  ],
  ['a zombie in 1000 tests', (tests) => ({ zombies: Math.floor(tests / 1000) }), 'zombies'],
  [
    '1 KB of state in 1000 tests',
    (tests) => ({ state: 13_000 + tests }),
    'state, without waiting messages and flapping',
  ],
])('a monitor that grows is found out: %s', (_, changed, what) => {
  expect(failing(samples(changed))).toEqual([what]);
});

test('so is one that does not end well', () => {
  expect(failing(samples(), { status: 70, left: 0 })).toEqual(['exit status at SIGTERM']);
  expect(failing(samples(), { status: 0, left: 2 })).toEqual(["the client's processes left then"]);
});

test(`${SOAK_TESTS} tests: the monitor does not grow`, { timeout: 1_800_000 }, async ({
  skip,
  onTestFinished,
}) => {
  const reason = worldUnavailable();
  skip(reason !== undefined, reason);
  const soak = spawn(process.execPath, [path.join(ROOT, 'bench/soak.mjs'), '--tests', SOAK_TESTS], {
    cwd: ROOT,
  });
  onTestFinished(() => void soak.kill());
  let output = '';
  soak.stdout.on('data', (data) => (output += data));
  soak.stderr.on('data', (data) => (output += data));
  const status = await new Promise((resolve) => soak.once('close', resolve));
  expect(status, output).toBe(0);
  const [, tests] = / in the second half of (\d+) tests /.exec(output) ?? [];
  expect(Number(tests)).toBeGreaterThanOrEqual(Number(SOAK_TESTS));
});
