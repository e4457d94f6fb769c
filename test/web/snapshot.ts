import type { Measurement } from '../../src/history/measurement.ts';
import { barsOf } from '../../src/history/site-bars.ts';
import { statusOf } from '../../src/history/site-status.ts';
import { dayOf } from '../../src/model/local-day.ts';
import { freshState } from '../../src/state/store.ts';
import type { Snapshot } from '../../src/web/live-status.ts';
import { DAY_MS } from '../../src/words/time.ts';

/** The time of every snapshot. */
export const NOW = new Date(2026, 10, 28, 12, 0, 0).getTime();

/** A test `minutes` before {@link NOW}: of a success that took `value` ms to log in, or of a failure with this cause. */
export function row(site: string, minutes: number, value: number | string): Measurement {
  const time = NOW - minutes * 60_000;
  if (typeof value === 'number') return { time, site, failed: false, stages: [5, value, 12] };
  const about = { version: 1 as const, time: new Date(time), site };
  return {
    time,
    site,
    failed: true,
    stages: [5, 'ERROR', 'TIMEOUT'],
    events: [{ ...about, kind: 'failure', cause: value, detail: `because of ${value}` }],
  };
}

/** What the page shows for these tests of these sites. */
export function snapshotOf(
  sites: readonly string[],
  rows: readonly Measurement[],
  more: Partial<Snapshot> = {},
): Snapshot {
  const days = [{ day: dayOf(NOW), rows }];
  const about = { sites, now: NOW, frequencyMs: 600_000 };
  const isPart = more.isPart ?? false;
  const span = isPart ? DAY_MS : undefined;
  return {
    number: 1,
    sites: statusOf(days, {
      ...about,
      state: freshState(),
      maintenance: [],
      orders: [],
      expiryDays: 14,
      span,
    }),
    bars: barsOf(days, about),
    days,
    isPart,
    faults: [],
    doubts: [],
    mailsKnown: true,
    mailsWaiting: 0,
    monitor: null,
    nextReport: null,
    lastSign: null,
    now: NOW,
    ...more,
  };
}
