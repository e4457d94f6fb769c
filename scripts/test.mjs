// Runs the tests. The last line of the output is always `N passed, N failed, N skipped`, alone on its line.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const args = process.argv.slice(2);
// A part of the tests says nothing about the coverage of the whole.
const coverage = args.length === 0 ? ['--coverage'] : [];

const folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-test-'));
const countsFile = path.join(folder, 'counts.json');
const { status, signal } = spawnSync('node_modules/.bin/vitest', ['run', ...coverage, ...args], {
  stdio: 'inherit',
  env: { ...process.env, VPN_MONITOR_TEST_COUNTS: countsFile },
});
const counts = readCounts();
rmSync(folder, { recursive: true, force: true });

const lines = [''];
if (counts.coverage) {
  lines.push('Left out of coverage:');
  for (const [files, reason] of Object.entries(counts.leftOut)) lines.push(`  ${files}: ${reason}`);
  if (Object.keys(counts.leftOut).length === 0) lines.push('  nothing');
}
// The reason is the note given to ctx.skip, or stands in the test's name. Of a part that was asked for (-t) only the
// former are listed: there every test that does not match is skipped.
const skipped = counts.skipped.filter(({ note }) => args.length === 0 || note !== undefined);
if (skipped.length > 0) lines.push('Skipped:');
for (const { name, note } of skipped) lines.push(`  ${name}${note === undefined ? '' : `: ${note}`}`);
if (counts.passed === 0) lines.push('No test has passed.');
else if (status !== 0 && counts.failed === 0)
  lines.push(`No test failed, but vitest did (${signal ?? `status ${status}`}): see above.`);
lines.push(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped`);
console.log(lines.join('\n'));

process.exitCode = status === 0 && counts.passed > 0 && counts.failed === 0 ? 0 : 1;

function readCounts() {
  try {
    return JSON.parse(readFileSync(countsFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: [], leftOut: {}, coverage: false };
  }
}
