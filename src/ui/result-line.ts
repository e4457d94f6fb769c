import { type SiteResult, STAGE_NAMES, stageValue, succeeded } from '../model/test-result.ts';
import { printable } from '../words/printable.ts';
import { padded } from './columns.ts';
import type { Screen } from './screen.ts';

/** Describes the failed stages of a result, printable: `log in: Login failed.` Stages with the same description share a line. */
export function failuresInWords(result: SiteResult): readonly string[] {
  const failures = new Map<string, string[]>();
  for (const [index, stage] of result.stages.entries()) {
    if (stage.outcome === 'ok') continue;
    const names = failures.get(stage.detail) ?? [];
    failures.set(stage.detail, [...names, STAGE_NAMES[index] ?? '']);
  }
  return [...failures].map(([detail, names]) => `${names.join(', ')}: ${printable(detail)}`);
}

/** `SUCCESS` or `FAILURE`, as in the CSV, coloured. */
export function summaryWord(result: SiteResult, screen: Screen): string {
  return succeeded(result) ? screen.paint('good', 'SUCCESS') : screen.paint('bad', 'FAILURE');
}

/** The values of the stages with their unit: `5.213 ms`, TIMEOUT or ERROR. */
export function valuesWithUnit({ stages }: SiteResult): readonly string[] {
  return stages.map((stage) => (stage.outcome === 'ok' ? `${stageValue(stage)} ms` : stageValue(stage)));
}

/** Width of a value, in columns. */
const VALUE_WIDTH = 13;

/** Formats a finished test as one line, with another line for each failure. `nameWidth` is in columns. */
export function resultLines(result: SiteResult, time: string, nameWidth: number, screen: Screen): string {
  const values = valuesWithUnit(result).map((value) => padded(value, VALUE_WIDTH, 'right'));
  const line = `${time}  ${padded(result.site, nameWidth, 'left')}  ${summaryWord(result, screen)}${values.join('')}`;
  const failures = failuresInWords(result).map((words) => screen.paint('dim', `    ${words}`));
  return [line, ...failures].join('\n');
}
