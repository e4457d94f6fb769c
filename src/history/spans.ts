import { isUnmeasured, type Measurement } from './measurement.ts';

/** The state of a site over some time. `unknown`: no test covers it, or one that says nothing about the site. */
export type SpanState = 'up' | 'down' | 'unknown';

/** A stretch of time that one test covers, or none; in ms since the epoch. */
export interface Span {
  readonly state: SpanState;
  readonly from: number;
  /** Not before `from`; the next span of the site begins there. */
  readonly to: number;
  /** The test that covers it; `null` if none does. */
  readonly row: Measurement | null;
}

/** A stretch of time to report on, in ms since the epoch. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A test covers the time until the next one, if that comes at most this many intervals later. */
const GAP_INTERVALS = 3;

/** Whether two tests are too far apart for the first to cover the time between them. Both in ms. */
export function isGap(apart: number, interval: number): boolean {
  return apart > GAP_INTERVALS * interval;
}

/** Fewer tests a day do not show the interval. */
const FEW = 8;

/**
 * Returns the usual time between two tests of a site on one day, in ms: the median, but at least the config's frequency. It is
 * longer if cycles took longer or the frequency was another one then.
 *
 * @param times of a site's tests of one day, in order
 * @param before the interval of the day before (on the first day, the frequency); used if the day has too few tests
 */
export function intervalOf(times: readonly number[], frequencyMs: number, before: number): number {
  if (times.length < FEW) return before;
  const apart = times.slice(1).map((time, index) => time - (times[index] ?? time));
  apart.sort((a, b) => a - b);
  return Math.max(frequencyMs, apart[apart.length >> 1] ?? 0);
}

/** Receives the tests of a site. */
export interface Spans {
  /**
   * Adds the next test, in order of time. A test before the range may cover its start.
   *
   * @param interval of this day, in ms: {@link intervalOf}
   */
  add(row: Measurement, interval: number): void;
  /** Must be called after the last test. */
  end(): void;
}

/**
 * Turns tests into spans and calls `onSpan` for each, in order. A test covers the time until the next one; if that comes too late
 * ({@link isGap}), it covers one interval and the rest is unknown. The spans fill the range without gaps or overlaps.
 */
export function spansOf(range: Range, onSpan: (span: Span) => void): Spans {
  let last: Measurement | null = null;
  let interval = 0;
  const emit = (state: SpanState, from: number, to: number, row: Measurement | null) => {
    const [start, end] = [Math.max(from, range.from), Math.min(to, range.to)];
    if (start < end) onSpan({ state, from: start, to: end, row });
  };
  const until = (time: number, intervalThen: number) => {
    if (last === null) {
      emit('unknown', range.from, time, null);
      return;
    }
    const state = isUnmeasured(last) ? 'unknown' : last.failed ? 'down' : 'up';
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
