// Prints what failed in several runs of scripts/test.mjs, and one closing line for all of them: `node scripts/sum-test-counts.mjs COUNTS...` with the
// files that VPN_MONITOR_TEST_COUNTS named. Exit status 1 if a run has no counts.
import { closingLine, failureLines, readCounts } from './test-counts.mjs';

const runs = process.argv.slice(2).map(readCounts);
console.log([...runs.flatMap(failureLines), closingLine(runs)].join('\n'));
process.exitCode = runs.length > 0 && !runs.includes(undefined) ? 0 : 1;
