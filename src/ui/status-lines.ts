import type { SiteStatus } from '../history/site-status.ts';
import { durationInWords } from '../words/time.ts';
import { columnWidths, padded, shortened, tableRow, widthOf } from './columns.ts';
import {
  failureInWords,
  lastValues,
  lossesOf,
  type StatusTableOptions,
  shareOfDay,
  stateWord,
  trend,
  unknownInWords,
  warningsOf,
} from './status-words.ts';

/** The columns of every site, and those that only a site without a failure has. */
const HEADS = ['SITE', 'NOW', 'FOR'];
const UP_HEADS = ['LOG IN', '24 H'];
const TREND_HEAD = 'LOG-IN TIMES, 24 H';
/** Columns of a trend. */
const TREND_WIDTH = 24;
/** A longer name is cut if the line has no room for it, in columns. */
const MIN_NAME = 12;
/** What a failure's words need to be of use, in columns. */
const MIN_WORDS = 40;

/**
 * Formats the state of the sites as one line each, at most `columns` wide: how long the site has its state; why it is down; of
 * others the last log-in time, the availability of 24 hours and their trend, or what the gateway warns of or the packet loss.
 */
export function statusLines(
  sites: readonly SiteStatus[],
  columns: number,
  { now, screen }: StatusTableOptions,
): string {
  const first = sites.map((site) => [site.name, site.now.toUpperCase(), forHowLong(site, now)]);
  const figures = sites.map((site) => [lastValues(site)[1] ?? '', shareOfDay(site)]);
  const [longest = 0, ...firstWidths] = columnWidths([HEADS, ...first]);
  const reasons = sites.map((site) =>
    site.now === 'down' ? failureInWords(site) : unknownReason(site, now),
  );
  const widths = columnWidths([UP_HEADS, ...figures.filter((_, index) => reasons[index] === '')]);
  const rest = firstWidths.reduce((sum, width) => sum + width + 2, 0);
  const name = Math.min(longest, Math.max(MIN_NAME, columns - rest - 2 - MIN_WORDS));
  const used = name + rest + 2;
  const left = columns - used;
  const figuresWidth = widths.reduce((sum, width) => sum + width + 2, 0);
  const line = ([site = '', ...cells]: readonly string[]) =>
    tableRow([shortened(site, name), ...cells], [name, ...firstWidths], HEADS.length);
  const tail = (site: SiteStatus, index: number) => {
    const why = reasons[index];
    if (why) return screen.paint('dim', shortened(why, left));
    const numbers = tableRow(figures[index] ?? [], widths, 0);
    const [remark] = [...warningsOf(site, now), ...lossesOf(site)];
    const room = left - figuresWidth;
    if (remark !== undefined) return `${numbers}  ${screen.paint('warning', shortened(remark, room))}`;
    return room < TREND_WIDTH ? numbers : `${numbers}  ${trend(site, screen)}`;
  };
  const heads = `${line(HEADS)}  ${tableRow(UP_HEADS, widths, 0)}`;
  const withTrend = columns - widthOf(heads) - 2 >= TREND_WIDTH ? `${heads}  ${TREND_HEAD}` : heads;
  return [
    screen.paint('strong', shortened(withTrend, columns)),
    ...sites.map((site, index) => {
      const [siteName = '', word = '', since = ''] = first[index] ?? [];
      const state = stateWord(site, screen) + padded('', (firstWidths[0] ?? 0) - widthOf(word), 'left');
      return `${line([siteName, state, since])}  ${tail(site, index)}`.trimEnd();
    }),
  ].join('\n');
}

function unknownReason(site: SiteStatus, now: number): string {
  return site.unknown === null ? '' : unknownInWords(site, now);
}

function forHowLong({ since, earlier }: SiteStatus, now: number): string {
  if (earlier) return 'over 30 d';
  return since === null ? '-' : durationInWords(now - since);
}
