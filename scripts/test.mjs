// Runs one group of the tests, or a part of it: `node scripts/test.mjs plain|real [FILE...]` (docs/testing.md).
// The last line of the output is always `N passed, N failed, N skipped`, alone on its line. The counts are kept in the
// file that VPN_MONITOR_TEST_COUNTS names, if it names one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { closingLine, failureLines, readCounts } from './test-counts.mjs';

const NOTHING = { passed: 0, failures: [], skipped: [], slowest: [], leftOut: {} };

const [group, ...args] = process.argv.slice(2);
const whole = args.length === 0;
// A part of the tests says nothing about the coverage of the whole, and the real ones run the built program.
const coverage = whole && group === 'plain' ? ['--coverage'] : [];

const folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-test-'));
const countsFile = process.env.VPN_MONITOR_TEST_COUNTS || path.join(folder, 'counts.json');
// A run that does not come to its end must not show the counts of the one before.
rmSync(countsFile, { force: true });
const { status, signal } = spawnSync(
  'node_modules/.bin/vitest',
  ['run', '--project', group, ...coverage, ...args],
  { stdio: 'inherit', env: { ...process.env, VPN_MONITOR_TEST_COUNTS: countsFile } },
);
const counts = readCounts(countsFile);
rmSync(folder, { recursive: true, force: true });

const { passed, failures, skipped, slowest, leftOut } = counts ?? NOTHING;
const lines = [''];
if (counts?.coverage) {
  lines.push('Left out of coverage:');
  for (const [files, reason] of Object.entries(leftOut)) lines.push(`  ${files}: ${reason}`);
  if (Object.keys(leftOut).length === 0) lines.push('  nothing');
}
if (slowest.length > 0) lines.push('Slowest:');
for (const { name, ms } of slowest) lines.push(`${(ms / 1000).toFixed(1).padStart(8)} s  ${name}`);
const explained = skipped.filter(({ note }) => note !== undefined);
if (explained.length > 0) lines.push('Skipped:');
for (const { name, note } of explained) lines.push(`  ${name}: ${note}`);
// Of a part that was asked for (-t) every test that does not match is skipped, and has no reason.
const unexplained = whole ? skipped.filter(({ note }) => note === undefined) : [];
if (unexplained.length > 0)
  lines.push('Skipped without a reason, which is a fault (context.skip takes one):');
for (const { name } of unexplained) lines.push(`  ${name}`);
if (passed === 0) lines.push('No test has passed.');
else if (status !== 0 && failures.length === 0)
  lines.push(`No test failed, but vitest did (${signal ?? `status ${status}`}): see above.`);
lines.push(...failureLines(counts), closingLine([counts]));
console.log(lines.join('\n'));

process.exitCode = status === 0 && passed > 0 && failures.length === 0 && unexplained.length === 0 ? 0 : 1;
