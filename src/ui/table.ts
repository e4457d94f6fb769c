import type { SiteResult } from '../probe/result.ts';
import { failuresInWords, summaryWord, valuesWithUnit } from './result-line.ts';
import type { Screen } from './screen.ts';

const HEADS = ['PING OUTSIDE', 'LOG IN', 'PING INSIDE'];

/** The results of `once` as a table: the values, the summary, and under each failure its cause in words. */
export function resultTable(results: readonly SiteResult[], screen: Screen): string {
  const rows = results.map((result) => ({ result, values: valuesWithUnit(result) }));
  const nameWidth = Math.max(4, ...results.map(({ site }) => site.length));
  const widths = HEADS.map((head, index) =>
    Math.max(head.length, ...rows.map(({ values }) => values[index]?.length ?? 0)),
  );
  const columns = (values: readonly string[]) =>
    values.map((value, index) => `  ${value.padStart(widths[index] ?? 0)}`).join('');
  return [
    screen.paint('strong', `${'SITE'.padEnd(nameWidth)}  SUMMARY${columns(HEADS)}`),
    ...rows.flatMap(({ result, values }) => [
      `${result.site.padEnd(nameWidth)}  ${summaryWord(result, screen)}${columns(values)}`,
      ...failuresInWords(result).map((words) => `  ${screen.paint('dim', words)}`),
    ]),
  ].join('\n');
}
