import type { SiteStatus } from '../history/site-status.ts';
import { columnWidths, tableRow } from './columns.ts';
import type { Screen } from './screen.ts';
import { statusLines } from './status-lines.ts';
import {
  lastValues,
  remarks,
  type StatusTableOptions,
  shares,
  sinceInWords,
  stateWord,
  trend,
} from './status-words.ts';

const HEADS = ['SITE', 'NOW', 'SINCE', 'PING OUTSIDE', 'LOG IN', 'PING INSIDE', '24 H', '7 D', '30 D'];
const TREND = 'LOG-IN TIMES, 24 H';
/** Columns whose cells begin at the left. */
const LEFT = 3;

/** Formats the state of the sites as a table; on a terminal too narrow for it, as {@link statusLines}. */
export function statusTable(
  sites: readonly SiteStatus[],
  options: StatusTableOptions & { readonly screen: Pick<Screen, 'columns' | 'paint'> },
): string {
  const { now, screen } = options;
  const rows = sites.map((site) => [
    site.name,
    site.now.toUpperCase(),
    sinceInWords(site, now),
    ...lastValues(site),
    ...shares(site),
  ]);
  const widths = columnWidths([HEADS, ...rows]);
  const line = (cells: readonly string[]) => tableRow(cells, widths, LEFT);
  const whole = widths.reduce((sum, width) => sum + width + 2, TREND.length);
  if (screen.columns !== null && screen.columns < whole) return statusLines(sites, screen.columns, options);
  return [
    screen.paint('strong', `${line(HEADS)}  ${TREND}`),
    ...sites.flatMap((site, index) => {
      const [name = '', , ...rest] = rows[index] ?? [];
      return [
        `${line([name, stateWord(site, screen), ...rest])}  ${trend(site, screen)}`,
        ...remarks(site, options),
      ];
    }),
  ].join('\n');
}
