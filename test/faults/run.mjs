// Plays schedules of faults: npm run faults -- [--schedules 30] [--seed 1] [--jobs 8] [--at-once]. Each has a seed, the
// first --seed, then one more each. --at-once: all sites at the same time, in cells. A seed that breaks an invariant is told at once, with all that is needed
// to play it again.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '8' },
    'at-once': { type: 'boolean', default: false },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (typeof value === 'string' && !/^[1-9]\d{0,9}$/.test(value)) {
    console.error(`faults: --${name}: expected a number above 0, got ${value}`);
    process.exit(2);
  }
}
const { schedules, seed, jobs, 'at-once': atOnce } = values;
const file = atOnce ? 'test/real/faults/faults-in-cells.test.ts' : 'test/faults/faults.test.ts';
const began = Date.now();
const child = spawn('node_modules/.bin/vitest', ['run', file, '--reporter=verbose'], {
  env: {
    ...process.env,
    FAULTS_SEED: seed,
    [atOnce ? 'FAULTS_IN_CELLS' : 'FAULTS_SCHEDULES']: schedules,
    FAULTS_JOBS: jobs,
    NO_COLOR: '1',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let passed = 0;
/** Rows, kills, stops, mails, and how often they were sent. */
const sums = [0, 0, 0, 0, 0];
const broken = new Set();
let rest = '';
child.stdout.setEncoding('utf8').on('data', (text) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    const [, told] = /^seed (\d+) breaks:/.exec(line) ?? [];
    if (told !== undefined) broken.add(Number(told));
    const [, figures] = /^seed \d+ holds: (.*)/.exec(line) ?? [];
    if (figures !== undefined) {
      passed += 1;
      for (const [index, figure] of (figures.match(/\d+/g) ?? []).entries()) sums[index] += Number(figure);
    }
    // The rest is vitest's own.
    if (/^seed \d+ |^ {2}(?: {2})?\S|^(?:=|Play it again|What it was)/.test(line)) console.log(line);
  }
});
child.on('exit', (code, signal) => {
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  const [rows, kills, stops, mails, sent] = sums;
  console.log(`${passed} of ${schedules} schedules hold, ${broken.size} do not, ${minutes} min`);
  console.log(`${rows} rows, ${kills} kills, ${stops} stops, ${mails} mails sent ${sent} times`);
  for (const each of [...broken].sort((a, b) => a - b)) {
    console.log(`  npm run faults -- --schedules 1 --seed ${each}${atOnce ? ' --at-once' : ''}`);
  }
  process.exitCode = code === 0 && signal === null ? 0 : 1;
});
