import type { SiteResult } from '../model/test-result.ts';
import { columnWidths, tableRow, wrapped } from './columns.ts';
import {
  failuresInWords,
  insideInWords,
  lossInWords,
  summaryWord,
  targetsInWords,
  valuesWithUnit,
  warningsInWords,
} from './result-line.ts';
import type { Screen, Style } from './screen.ts';

const HEADS = ['SITE', 'SUMMARY', 'PING OUTSIDE', 'LOG IN', 'PING INSIDE'];
/** Columns whose cells begin at the left. */
const LEFT = 2;

/** Formats the results of `once` as a table, with a line for each failure, packet loss and warning of a gateway. */
export function resultTable(results: readonly SiteResult[], screen: Screen): string {
  const rows = results.map((result) => [result.site, summaryWord(result, screen), ...valuesWithUnit(result)]);
  const widths = columnWidths([HEADS, ...rows]);
  const line = (cells: readonly string[]) => tableRow(cells, widths, LEFT);
  const below = (words: string, style: Style) =>
    wrapped(`  ${words}`, screen.columns)
      .map((part) =>
        part.replace(/^( *)(.*)$/s, (_, indent: string, text: string) => indent + screen.paint(style, text)),
      )
      .join('\n');
  return [
    screen.paint('strong', line(HEADS)),
    ...results.flatMap((result, index) => [
      line(rows[index] ?? []),
      ...[
        ...failuresInWords(result),
        ...lossInWords(result),
        ...insideInWords(result),
        ...targetsInWords(result),
      ].map((words) => below(words, 'dim')),
      ...warningsInWords(result).map((words) => below(words, 'warning')),
    ]),
  ].join('\n');
}
