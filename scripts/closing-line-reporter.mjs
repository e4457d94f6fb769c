import { writeFileSync } from 'node:fs';

/** How many of the slowest tests are named. */
const SLOWEST = 10;

/**
 * Counts what a run of vitest did and writes it, as JSON, to the file that VPN_MONITOR_TEST_COUNTS names:
 * scripts/test.mjs prints it, since vitest prints its coverage table after every reporter's last word.
 */
export default class ClosingLineReporter {
  /** @param {{ leftOut?: Record<string, string> }} options what coverage leaves out, and why */
  constructor(options = {}) {
    this.leftOut = options.leftOut ?? {};
  }

  onInit(vitest) {
    this.vitest = vitest;
  }

  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.VPN_MONITOR_TEST_COUNTS;
    if (!file) return;
    const counts = { passed: 0, failed: 0, skipped: [], slowest: [], leftOut: this.leftOut, coverage: false };
    counts.coverage = this.vitest?.config.coverage.enabled ?? false;
    for (const module of modules) {
      // A file or a group that could not even begin has failed, although none of its tests did.
      counts.failed += [module, ...module.children.allSuites()].filter(
        (suite) => suite.errors().length > 0,
      ).length;
      for (const test of module.children.allTests()) count(counts, test);
    }
    counts.failed += unhandledErrors.length;
    counts.slowest = counts.slowest.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
    writeFileSync(file, JSON.stringify(counts));
  }
}

function count(counts, test) {
  const result = test.result();
  const name = `${test.module.relativeModuleId} > ${test.fullName}`;
  if (result.state === 'skipped') {
    counts.skipped.push({ name, note: result.note ?? reasonOf(test) });
    return;
  }
  counts[result.state === 'passed' ? 'passed' : 'failed'] += 1;
  counts.slowest.push({ name, ms: test.diagnostic()?.duration ?? 0 });
}

/** Why a test did not run that was given no reason; `undefined` if nothing says it. */
function reasonOf(test) {
  if (test.options.mode === 'todo') return 'still to be written';
  for (let group = test.parent; group !== undefined; group = group.parent)
    if (group.errors().length > 0) return 'what sets it up has failed';
  return undefined;
}
