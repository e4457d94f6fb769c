import { DAY_MS, HOUR_MS } from '../words/time.ts';
import { type Availability, sumOf } from './availability.ts';
import { AvailabilityParts } from './availability-parts.ts';
import { bySite } from './measurement.ts';
import type { DayRows } from './read-days.ts';
import { intervalOf, type Range, spansOf } from './spans.ts';

const HOURS = 24;
const DAYS = 30;

/** The availability of a site up to now, the oldest part first. */
export interface SiteBars {
  /** The last 24 hours, one by one. */
  readonly hours: readonly Availability[];
  /** The last 30 times 24 hours. */
  readonly days: readonly Availability[];
}

/** What {@link barsOf} needs besides the rows. */
export interface BarsOptions {
  readonly sites: readonly string[];
  /** In ms since the epoch. */
  readonly now: number;
  readonly frequencyMs: number;
}

/** Returns the bars of each site, by its name. `days`: at least the last 30, in order. */
export function barsOf(
  days: Iterable<DayRows>,
  { sites, now, frequencyMs }: BarsOptions,
): ReadonlyMap<string, SiteBars> {
  const range = { from: now - DAYS * DAY_MS, to: now };
  const ranges = [...slices(range.from, DAYS - 1, DAY_MS), ...slices(now - HOURS * HOUR_MS, HOURS, HOUR_MS)];
  const found = new Map(
    sites.map((name) => {
      const parts = new AvailabilityParts(ranges);
      return [name, { parts, spans: spansOf(range, (span) => parts.add(span)), interval: frequencyMs }];
    }),
  );
  for (const { rows } of days) {
    for (const [name, ofSite] of bySite(rows)) {
      const site = found.get(name);
      if (site === undefined) continue;
      const times = ofSite.map(({ time }) => time);
      site.interval = intervalOf(times, frequencyMs, site.interval);
      for (const row of ofSite) if (row.time <= now) site.spans.add(row, site.interval);
    }
  }
  return new Map(
    [...found].map(([name, { parts, spans }]) => {
      spans.end();
      const hours = parts.parts.slice(DAYS - 1);
      return [name, { hours, days: [...parts.parts.slice(0, DAYS - 1), sumOf(hours)] }];
    }),
  );
}

function slices(from: number, count: number, length: number): readonly Range[] {
  return Array.from({ length: count }, (_, index) => ({
    from: from + index * length,
    to: from + (index + 1) * length,
  }));
}
