import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** How many of the slowest tests are named. */
const SLOWEST = 10;

/** How many lines of each failure are kept: its message and the differences that matter. */
const LINES_OF_A_FAILURE = 40;

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
    const counts = {
      passed: 0,
      failures: [],
      skipped: [],
      slowest: [],
      leftOut: this.leftOut,
      coverage: false,
    };
    counts.coverage = this.vitest?.config.coverage.enabled ?? false;
    for (const module of modules) {
      // A file or a group that could not even begin has failed, although none of its tests did.
      for (const suite of [module, ...module.children.allSuites()])
        if (suite.errors().length > 0)
          fail(counts, nameOf(module, suite === module ? undefined : suite.fullName), suite.errors());
      for (const test of module.children.allTests()) count(counts, test);
    }
    for (const error of unhandledErrors) fail(counts, 'an error that no test has caught', [error]);
    counts.slowest = counts.slowest.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
    writeFileSync(file, JSON.stringify(counts));
  }
}

function nameOf(module, fullName) {
  return [module.relativeModuleId, fullName].filter((part) => part !== undefined).join(' > ');
}

function fail(counts, name, errors) {
  const lines = errors.flatMap(({ message, stack, diff }) => [
    ...ends(message),
    ...ends(stack?.split('\n').find((line) => / at .*\btest\//.test(line))),
    ...ends(diff),
  ]);
  counts.failures.push({ name, lines: lines.slice(0, LINES_OF_A_FAILURE) });
}

/** The first and the last lines of a text, without its colours: a message may begin with a whole log. */
function ends(text = '') {
  const lines = stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line !== '');
  const half = LINES_OF_A_FAILURE / 4;
  return lines.length <= 2 * half ? lines : [...lines.slice(0, half), '...', ...lines.slice(-half)];
}

function count(counts, test) {
  const result = test.result();
  const name = nameOf(test.module, test.fullName);
  if (result.state === 'skipped') {
    counts.skipped.push({ name, note: result.note ?? reasonOf(test) });
    return;
  }
  if (result.state === 'passed') counts.passed += 1;
  else fail(counts, name, result.errors ?? []);
  counts.slowest.push({ name, ms: test.diagnostic()?.duration ?? 0 });
}

/** Why a test did not run that was given no reason; `undefined` if nothing says it. */
function reasonOf(test) {
  if (test.options.mode === 'todo') return 'still to be written';
  for (let group = test.parent; group !== undefined; group = group.parent)
    if (group.errors().length > 0) return 'what sets it up has failed';
  return undefined;
}
