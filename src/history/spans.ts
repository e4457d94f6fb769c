import type { Measurement } from './measurement.ts';

/** What is known of a site over some time. `unknown`: nothing was measured. */
export type SpanState = 'up' | 'down' | 'unknown';

/** A stretch of time that one test, or the lack of any, speaks for; in ms since the epoch. */
export interface Span {
  readonly state: SpanState;
  readonly from: number;
  /** Not before `from`; the next span of the site begins there. */
  readonly to: number;
  /** The test; `null` where there was none. */
  readonly row: Measurement | null;
}

/** A time that is looked at, in ms since the epoch. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A test speaks for the time until the next one, unless that is more than so many intervals later. */
const GAP_INTERVALS = 3;

/** Whether a test comes too late after the one before it (both in ms) to speak of the time between. */
export function isGap(apart: number, interval: number): boolean {
  return apart > GAP_INTERVALS * interval;
}

/** Fewer tests than this a day don't say how far apart tests are. */
const FEW = 8;

/**
 * The usual time from one test of a site to the next, in ms: the config's frequency, or longer where a day's tests were
 * further apart (cycles that take longer, another frequency at that time).
 *
 * @param times of a site's tests of one day, in order
 * @param before the interval of the site's days before, which holds while the day has too few tests; of the first day
 * the frequency
 */
export function intervalOf(times: readonly number[], frequencyMs: number, before: number): number {
  if (times.length < FEW) return before;
  const apart = times.slice(1).map((time, index) => time - (times[index] ?? time));
  apart.sort((a, b) => a - b);
  return Math.max(frequencyMs, apart[apart.length >> 1] ?? 0);
}

/** A site's tests, one after the other, as spans that fill a range. */
export interface Spans {
  /**
   * The next test, not earlier than the last; one outside the range may decide what its beginning was.
   *
   * @param interval in ms, as {@link intervalOf} gives it
   */
  add(row: Measurement, interval: number): void;
  /** There is no further test. */
  end(): void;
}

/**
 * Turns tests into spans: each test speaks for the time until the next; where that is too late ({@link isGap}) for one
 * interval, and the rest is unknown. The spans fill the range without gap and overlap.
 */
export function spansOf(range: Range, tell: (span: Span) => void): Spans {
  let last: Measurement | null = null;
  let interval = 0;
  const emit = (state: SpanState, from: number, to: number, row: Measurement | null) => {
    const [start, end] = [Math.max(from, range.from), Math.min(to, range.to)];
    if (start < end) tell({ state, from: start, to: end, row });
  };
  const until = (time: number, intervalThen: number) => {
    if (last === null) {
      emit('unknown', range.from, time, null);
      return;
    }
    const state = last.failed ? 'down' : 'up';
    if (!isGap(time - last.time, intervalThen)) {
      emit(state, last.time, time, last);
      return;
    }
    emit(state, last.time, last.time + intervalThen, last);
    emit('unknown', last.time + intervalThen, time, null);
  };
  return {
    add: (row, nextInterval) => {
      until(row.time, nextInterval);
      last = row;
      interval = nextInterval;
    },
    end: () => until(range.to, interval),
  };
}
