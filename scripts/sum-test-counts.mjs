// Prints one closing line for several runs of scripts/test.mjs: `node scripts/sum-test-counts.mjs COUNTS...` with the
// files that VPN_MONITOR_TEST_COUNTS named. Exit status 1 if a run has no counts.
import { closingLine, readCounts } from './test-counts.mjs';

const runs = process.argv.slice(2).map(readCounts);
console.log(closingLine(runs));
process.exitCode = runs.length > 0 && !runs.includes(undefined) ? 0 : 1;
