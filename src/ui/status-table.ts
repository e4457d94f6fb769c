import { type Availability, shareInWords, shareUp } from '../history/availability.ts';
import type { StageValue } from '../history/measurement.ts';
import { type SiteStatus, WINDOWS } from '../history/site-status.ts';
import type { WarningEvent } from '../results/test-event.ts';
import { oneLine } from '../words/printable.ts';
import { clockTime, DAY_MS, durationInWords, HOUR_MS, MONTHS, shortMs } from '../words/time.ts';
import { columnWidths, tableRow } from './columns.ts';
import type { Screen, Style } from './screen.ts';
import { sparkline } from './sparkline.ts';

const HEADS = ['SITE', 'NOW', 'SINCE', 'PING OUTSIDE', 'LOG IN', 'PING INSIDE', '24 H', '7 D', '30 D'];
const TREND = 'LOG-IN TIMES, 24 H';
/** Columns whose cells begin at the left. */
const LEFT = 3;
const STATE_STYLES = { up: 'good', down: 'bad', unknown: 'warning' } as const satisfies Record<string, Style>;
/** A smaller share of a window is not shown. */
const MIN_SHARE = 0.005;

/** The options of {@link statusTable}. */
export interface StatusTableOptions {
  /** The current time, in ms since the epoch. */
  readonly now: number;
  readonly screen: Screen;
  /** Whether the state could be read, which says what was mailed. */
  readonly mailsKnown: boolean;
}

/** Formats the state of the sites as a table; or, on a narrow terminal, as several lines for each site. */
export function statusTable(sites: readonly SiteStatus[], options: StatusTableOptions): string {
  const { now, screen } = options;
  const rows = sites.map((site) => [site.name, site.now.toUpperCase(), since(site, now), ...numbers(site)]);
  const widths = columnWidths([HEADS, ...rows]);
  const line = (cells: readonly string[]) => tableRow(cells, widths, LEFT);
  const whole = widths.reduce((sum, width) => sum + width + 2, TREND.length);
  if (screen.columns !== null && screen.columns < whole) {
    return sites.map((site) => block(site, options)).join('\n\n');
  }
  return [
    screen.paint('strong', `${line(HEADS)}  ${TREND}`),
    ...sites.flatMap((site, index) => {
      const [name = '', , ...rest] = rows[index] ?? [];
      return [
        `${line([name, state(site, screen), ...rest])}  ${trend(site, screen)}`,
        ...remarks(site, options),
      ];
    }),
  ].join('\n');
}

function block(site: SiteStatus, options: StatusTableOptions): string {
  const { now, screen } = options;
  const [outside, login, inside, ...shares] = numbers(site);
  const windows = WINDOWS.map((window, index) => `${windowName(window)} ${shares[index]}`).join('   ');
  return [
    `${screen.paint('strong', site.name)}  ${state(site, screen)}  ${since(site, now)}`,
    ...remarks(site, options),
    `  ping outside ${outside}   log in ${login}   ping inside ${inside}`,
    `  ${windows}`,
    `  log-in times, 24 h  ${trend(site, screen)}`,
  ].join('\n');
}

function state(site: SiteStatus, screen: Screen): string {
  return screen.paint(STATE_STYLES[site.now], site.now.toUpperCase());
}

/** Since when the site has its state, or why that is unknown. */
function since(site: SiteStatus, now: number): string {
  if (site.unknown === 'never') return 'never tested';
  if (site.unknown === 'host') return 'this host cannot test';
  if (site.unknown === 'old') return `no result for ${durationInWords(now - (site.last?.time ?? now))}`;
  if (site.earlier) return 'more than 30 d ago';
  return site.since === null ? '' : `${dayAndTime(site.since)}, ${durationInWords(now - site.since)}`;
}

/** Lines about a site: its streak, why its last test failed, and what its gateway warned of. */
function remarks(site: SiteStatus, options: StatusTableOptions): readonly string[] {
  const { now, failure, warnings } = site;
  const why = now !== 'up' && failure !== null ? [`  ${failure.cause}: ${oneLine(failure.detail)}`] : [];
  return [
    ...[...streak(site, options), ...why].map((line) => options.screen.paint('dim', line)),
    ...warnings.map((warning) => options.screen.paint('warning', `  warning: ${warningInWords(warning)}`)),
  ];
}

function streak(site: SiteStatus, { now, mailsKnown }: StatusTableOptions): readonly string[] {
  const { failures } = site;
  if (site.now !== 'down') return [];
  const count = failures === 1 ? '1 failure' : `${failures} failures in a row`;
  return [`  ${count}${mailsKnown ? `, ${mailInWords(site, now)}` : ''}`];
}

/** Adds the date: the gateway's number of days was true at the time of the test. */
function warningInWords(warning: WarningEvent): string {
  const words = oneLine(warning.detail);
  if (warning.kind !== 'password-expires') return words;
  return `${words} (${dayAndTime(warning.expires.getTime())})`;
}

function mailInWords({ mail, announced }: SiteStatus, now: number): string {
  if (mail === null || announced === null) return 'no mail yet';
  if (mail === 'none') return 'no mail configured';
  if (mail === 'waits') return `mail waits for its server since ${dayAndTime(announced)}`;
  return `mail sent ${durationInWords(now - announced)} ago`;
}

/** The last values, and the availability of each window. */
function numbers({ last, availability }: SiteStatus): readonly string[] {
  const values = last?.stages ?? ['-', '-', '-'];
  return [...values.map(valueInWords), ...availability.map(availabilityInWords)];
}

function valueInWords(value: StageValue | '-'): string {
  return typeof value === 'number' ? shortMs(value) : value;
}

/** `99.95 %`, or `99.95 % of 4 d` where nothing was measured in the rest of the window. */
function availabilityInWords(availability: Availability): string {
  const { up, down, unknown } = availability;
  const share = shareUp(availability);
  const whole = shareInWords(share);
  if (share === null || unknown < MIN_SHARE * (up + down + unknown)) return whole;
  return `${whole} of ${roughly(up + down)}`;
}

/** Whole days or hours: `6 d`, `47 h`, `12 min`. */
function roughly(ms: number): string {
  if (ms < HOUR_MS) return durationInWords(ms);
  return ms < 48 * HOUR_MS ? `${Math.floor(ms / HOUR_MS)} h` : `${Math.floor(ms / DAY_MS)} d`;
}

/** The median of each hour; `×` where none succeeded, `·` where none was measured. */
function trend({ trend: hours }: SiteStatus, screen: Screen): string {
  const line = sparkline(
    hours.map(({ ms }) => ms),
    (index) => ((hours[index]?.tests ?? 0) > 0 ? '×' : '·'),
  );
  return [...line]
    .map((char, index) => {
      if (char === '·') return screen.paint('dim', char);
      return (hours[index]?.failed ?? 0) > 0 ? screen.paint('bad', char) : char;
    })
    .join('');
}

/** `Nov 14 05:18`, local time. */
function dayAndTime(time: number): string {
  const date = new Date(time);
  return `${MONTHS[date.getMonth()]} ${date.getDate()} ${clockTime(date)}`;
}

function windowName(ms: number): string {
  return ms <= DAY_MS ? '24 h' : `${ms / DAY_MS} d`;
}
