import {
  insideIsOutside,
  lossPercent,
  type SiteResult,
  STAGE_NAMES,
  type StageResult,
  stageValue,
  succeeded,
} from '../model/test-result.ts';
import { printable } from '../words/printable.ts';
import { padded, wrapped } from './columns.ts';
import type { Screen } from './screen.ts';

/** Describes the failed stages of a result, printable: `log in: Login failed.` Stages with the same description share a line. */
export function failuresInWords(result: SiteResult): readonly string[] {
  return inWords(result, (stage) => (stage.outcome === 'ok' ? undefined : stage.detail));
}

/** The packet loss of the stages that have a number, in words: `ping inside: packet loss 20 %`. Nothing where none was lost. */
export function lossInWords(result: SiteResult): readonly string[] {
  return inWords(result, (stage) =>
    stage.outcome === 'ok' && stage.loss ? `packet loss ${lossPercent(stage.loss)} %` : undefined,
  );
}

/** Says that the number of stage 3 is no answer through the tunnel; nothing where it is. */
export function insideInWords(result: SiteResult): readonly string[] {
  return insideIsOutside(result) ? [`${STAGE_NAMES[2]}: outside the tunnel`] : [];
}

/** What each target of `inside` came to: `inside tcp://10.0.0.1:443: 12.345 ms`. One alone is stage 3 itself. */
export function targetsInWords({ inside = [] }: SiteResult): readonly string[] {
  if (inside.length < 2) return [];
  return inside.map(({ target, result }) => {
    const value = result.outcome === 'ok' ? `${stageValue(result)} ms` : stageValue(result);
    return printable(`inside ${target}: ${value} (${result.detail})`);
  });
}

function inWords(
  { stages }: SiteResult,
  wordsOf: (stage: StageResult) => string | undefined,
): readonly string[] {
  const found = new Map<string, string[]>();
  for (const [index, stage] of stages.entries()) {
    const words = wordsOf(stage);
    if (words === undefined) continue;
    found.set(words, [...(found.get(words) ?? []), STAGE_NAMES[index] ?? '']);
  }
  return [...found].map(([words, names]) => `${names.join(', ')}: ${printable(words)}`);
}

/** What the gateway warned of during the log-in, printable: `warning: Your password will expire in 5 days.` */
export function warningsInWords({ warnings = [] }: SiteResult): readonly string[] {
  return warnings.map(({ words }) => `warning: ${printable(words)}`);
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
/** Width of a time such as `Nov 14 05:18:02`, in columns. */
const TIME_WIDTH = 15;

/** Formats a finished test as one line, with another line for each failure. `nameWidth` is in columns. */
export function resultLines(result: SiteResult, time: string, nameWidth: number, screen: Screen): string {
  const values = valuesWithUnit(result).map((value) => padded(value, VALUE_WIDTH, 'right'));
  const line = `${time}  ${padded(result.site, nameWidth, 'left')}  ${summaryWord(result, screen)}${values.join('')}`;
  const failures = failuresInWords(result)
    .flatMap((words) => wrapped(`    ${words}`, screen.columns))
    .map((words) => screen.paint('dim', words));
  return [line, ...failures].join('\n');
}

/** Returns the column heads of {@link resultLines}, with the number of the cycle above the times. */
export function resultHeads(cycle: number, nameWidth: number): string {
  const values = STAGE_NAMES.map((name) => padded(name.toUpperCase(), VALUE_WIDTH, 'right')).join('');
  return `${padded(`CYCLE ${cycle}`, TIME_WIDTH, 'left')}  ${padded('SITE', nameWidth, 'left')}  SUMMARY${values}`;
}
