import { readFileSync } from 'node:fs';

/** What closing-line-reporter.mjs has written to this file; `undefined` if the run did not come to its end. */
export function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** `N passed, N failed, N skipped`, the sum of several runs. One that did not come to its end counts as a failure. */
export function closingLine(runs) {
  const sum = (number) => runs.reduce((total, counts) => total + number(counts), 0);
  const passed = sum((counts) => counts?.passed ?? 0);
  const failed = sum((counts) => counts?.failures.length ?? 1);
  const skipped = sum((counts) => counts?.skipped.length ?? 0);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The failed tests of a run, each with what it said: `Failed:` and the lines below it; none if none failed. */
export function failureLines(counts) {
  const failures = counts?.failures ?? [];
  if (failures.length === 0) return [];
  return [
    'Failed:',
    ...failures.flatMap(({ name, lines }) => [`  ${name}`, ...lines.map((line) => `    ${line}`)]),
  ];
}
