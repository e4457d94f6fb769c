import { writeFileSync } from 'node:fs';

/**
 * Counts what a run of vitest did and leaves it, as JSON, in the file that VPN_MONITOR_TEST_COUNTS names:
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
    const counts = { passed: 0, failed: 0, skipped: [], leftOut: this.leftOut, coverage: false };
    counts.coverage = this.vitest?.config.coverage.enabled ?? false;
    for (const module of modules) {
      // A file or a group that could not even begin has failed, although none of its tests did.
      counts.failed += [module, ...module.children.allSuites()].filter(
        (suite) => suite.errors().length > 0,
      ).length;
      for (const test of module.children.allTests()) count(counts, test);
    }
    counts.failed += unhandledErrors.length;
    writeFileSync(file, JSON.stringify(counts));
  }
}

function count(counts, test) {
  const result = test.result();
  if (result.state === 'passed') counts.passed += 1;
  else if (result.state === 'skipped') {
    const note = result.note ?? (test.options.mode === 'todo' ? 'still to be written' : undefined);
    counts.skipped.push({ name: `${test.module.relativeModuleId} > ${test.fullName}`, note });
  } else counts.failed += 1;
}
