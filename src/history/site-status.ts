import type { SiteState, State } from '../state/format.ts';
import { DAY_MS, HOUR_MS } from '../words/time.ts';
import { type Availability, addSpan, createAvailability } from './availability.ts';
import { bySite, type Measurement } from './measurement.ts';
import type { DayRows } from './read-days.ts';
import { intervalOf, isGap, type Range, type SpanState, type Spans, spansOf } from './spans.ts';
import { quantile } from './values.ts';

/** The times that availability is given for, in ms. */
export const WINDOWS = [DAY_MS, 7 * DAY_MS, 30 * DAY_MS] as const;
/** Hours of the trend. */
const TREND_HOURS = 24;

/** One hour of a site's log-in times. */
export interface TrendHour {
  /** When it begins, in ms since the epoch. */
  readonly from: number;
  /** Median in ms; `null`: no log-in succeeded. */
  readonly ms: number | null;
  readonly tests: number;
  readonly failed: number;
}

/** How a site is now, and was. */
export interface SiteStatus {
  readonly name: string;
  /** What its last test said; `unknown` if there was none within three intervals, or only such as say nothing about the site. */
  readonly now: SpanState;
  /** Why it is unknown: never tested within 30 days, not lately, or this host itself could not test. */
  readonly unknown: 'never' | 'old' | 'host' | null;
  /** Since when it is up or down, in ms since the epoch; `null` where unknown. */
  readonly since: number | null;
  /** It was so already when the 30 days began. */
  readonly earlier: boolean;
  readonly last: Measurement | null;
  /** Failures in a row: as the monitor counts them, without those of `once`; where it counts none, those of the rows. */
  readonly failures: number;
  /** When it was said that it is down, by a mail where one is configured; in ms since the epoch; `null`: not yet. */
  readonly announced: number | null;
  /** What became of that mail; `none`: none was configured; `null`: nothing was said yet. */
  readonly mail: 'sent' | 'waits' | 'none' | null;
  /** One for each of {@link WINDOWS}, up to now. */
  readonly availability: readonly Availability[];
  /** The last 24 hours, the oldest first. */
  readonly trend: readonly TrendHour[];
}

/** What {@link statusOf} needs beside the rows. */
export interface StatusOptions {
  /** Names, in the order in which they are shown. */
  readonly sites: readonly string[];
  /** In ms since the epoch. */
  readonly now: number;
  readonly frequencyMs: number;
  readonly state: Pick<State, 'sites' | 'host' | 'outbox'>;
}

/**
 * How the sites are: DOWN is a site whose last test failed, also below `alerts.after`. Rows of other sites, and from after
 * now, are passed over.
 *
 * @param days at least the last 30, in order
 */
export function statusOf(days: Iterable<DayRows>, options: StatusOptions): readonly SiteStatus[] {
  const collectors = new Map(options.sites.map((name) => [name, collector(name, options)]));
  for (const { rows } of days) {
    for (const [name, ofSite] of bySite(rows)) {
      collectors.get(name)?.add(ofSite.filter((row) => row.time <= options.now));
    }
  }
  return [...collectors.values()].map((each) => each.finish());
}

function collector(name: string, { now, frequencyMs, state }: StatusOptions) {
  const range: Range = { from: now - Math.max(...WINDOWS), to: now };
  const availability = WINDOWS.map(createAvailability);
  const recent: Measurement[] = [];
  let last: Measurement | null = null;
  let interval = frequencyMs;
  let failures = 0;
  let lastSuccess = Number.NEGATIVE_INFINITY;
  /** When what the last test says began. */
  let began = now;
  const spans: Spans = spansOf(range, (span) => {
    for (const [index, ms] of WINDOWS.entries()) {
      addSpan(availability[index] ?? createAvailability(), span, { from: now - ms, to: now });
    }
  });
  return {
    add: (rows: readonly Measurement[]) => {
      interval = intervalOf(
        rows.map((row) => row.time),
        frequencyMs,
        interval,
      );
      for (const row of rows) {
        spans.add(row, interval);
        const goesOn = last?.failed === row.failed && !isGap(row.time - last.time, interval);
        if (!goesOn) began = row.time;
        last = row;
        failures = row.failed ? failures + 1 : 0;
        if (!row.failed) lastSuccess = row.time;
        if (row.time > now - TREND_HOURS * HOUR_MS) recent.push(row);
      }
    },
    finish: (): SiteStatus => {
      spans.end();
      const known = state.sites.get(name);
      const unknown = whyUnknown(last, isGap(now - (last?.time ?? now), interval), state, name);
      const isDown = last?.failed === true;
      // The state knows of a streak that began before the first row here, or before a gap.
      const streak = time(known?.since);
      const isStreak = isDown && streak !== null && streak > lastSuccess;
      const since = isStreak ? Math.min(streak, began) : began;
      return {
        name,
        now: unknown !== null ? 'unknown' : isDown ? 'down' : 'up',
        unknown,
        since: unknown === null ? since : null,
        earlier: unknown === null && since < range.from && !isStreak,
        last,
        failures: isStreak ? (known?.consecutiveFailures ?? failures) : failures,
        announced: isStreak ? time(known?.announced?.at) : null,
        mail: isStreak ? mailOf(known?.announced ?? null, state) : null,
        availability,
        trend: trendOf(recent, now),
      };
    },
  };
}

function whyUnknown(
  last: Measurement | null,
  old: boolean,
  { sites, host }: StatusOptions['state'],
  name: string,
): SiteStatus['unknown'] {
  if (last === null) return 'never';
  if (old) return 'old';
  // The rows have whole seconds. A failure that did not count says that this host was unfit to test.
  const counted = (time(sites.get(name)?.lastResult) ?? 0) >= last.time;
  const unfit = host?.faults.some(({ kind }) => kind !== 'records') === true;
  return last.failed && unfit && !counted ? 'host' : null;
}

function mailOf(announced: SiteState['announced'], { outbox }: StatusOptions['state']): SiteStatus['mail'] {
  if (announced === null) return null;
  const keys = Object.values(announced.first);
  if (keys.length === 0) return 'none';
  // One that waits for some of its recipients only was sent.
  return outbox.some(({ key, delivered }) => keys.includes(key) && !delivered) ? 'waits' : 'sent';
}

function time(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Date.parse(text);
}

function trendOf(rows: readonly Measurement[], now: number): readonly TrendHour[] {
  return Array.from({ length: TREND_HOURS }, (_, index) => {
    const from = now - (TREND_HOURS - index) * HOUR_MS;
    const ofHour = rows.filter((row) => row.time > from && row.time <= from + HOUR_MS);
    const logins = ofHour.map((row) => row.stages[1]).filter((value) => typeof value === 'number');
    return {
      from,
      ms: quantile(
        logins.toSorted((a, b) => a - b),
        0.5,
      ),
      tests: ofHour.length,
      failed: ofHour.filter((row) => row.failed).length,
    };
  });
}
