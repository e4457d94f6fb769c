import type { Measurement, StageValue } from '../history/measurement.ts';
import type { Range } from '../history/spans.ts';

/**
 * The points of a site's charts. A point stands for one or more tests: it has their time and, of each stage, the median, the
 * minimum and the maximum; NaN if the stage has no number.
 */
export interface Points {
  /** In ms since the epoch, ascending. */
  readonly times: readonly number[];
  readonly stages: readonly [StagePoints, StagePoints, StagePoints];
  /** Whether any point stands for more than one test. */
  readonly reduced: boolean;
}

/** The values of one stage, in ms: one for each time. */
export interface StagePoints {
  readonly median: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
}

/** Makes points from the tests of a site. */
export interface Reducer {
  /** Adds the next test, in order of time. */
  add(row: Measurement): void;
  /** Breaks the line at `time`, the start of a gap without tests. */
  interrupt(time: number): void;
  finish(): Points;
}

/**
 * Returns a reducer to about `limit` points, without breaks. It cuts the range into `limit` equal parts; the tests of a part become
 * one point.
 */
export function reducer(range: Range, limit: number): Reducer {
  const width = (range.to - range.from) / limit;
  const times: number[] = [];
  const stages = [emptyStage(), emptyStage(), emptyStage()] as const;
  let part = -1;
  let rows: Measurement[] = [];
  let reduced = false;
  const flush = () => {
    const middle = rows[(rows.length - 1) >> 1];
    if (middle === undefined) return;
    times.push(middle.time);
    reduced ||= rows.length > 1;
    for (const [index, stage] of stages.entries()) {
      const { min, median, max } = summary(rows, index);
      stage.min.push(min);
      stage.median.push(median);
      stage.max.push(max);
    }
    rows = [];
  };
  return {
    add: (row) => {
      const next = Math.floor((row.time - range.from) / width);
      if (next !== part) flush();
      part = next;
      rows.push(row);
    },
    interrupt: (time) => {
      flush();
      times.push(time);
      for (const { min, median, max } of stages)
        for (const values of [min, median, max]) values.push(Number.NaN);
    },
    finish: () => {
      flush();
      return { times, stages, reduced };
    },
  };
}

function emptyStage() {
  return { median: [] as number[], min: [] as number[], max: [] as number[] };
}

/** Returns minimum, median and maximum of a stage, to the three digits that the page shows. */
function summary(rows: readonly Measurement[], stage: number) {
  const numbers = rows
    .map((row): StageValue | undefined => row.stages[stage])
    .filter((value) => typeof value === 'number')
    .sort((a, b) => a - b);
  const at = (index: number) => threeDigits(numbers[index] ?? Number.NaN);
  return { min: at(0), median: at((numbers.length - 1) >> 1), max: at(numbers.length - 1) };
}

/** Rounds a positive number to the three digits that the page shows, below 1 to three decimals. NaN stays NaN. */
export function threeDigits(value: number): number {
  if (value < 1) return Math.round(value * 1000) / 1000;
  if (value < 10) return Math.round(value * 100) / 100;
  if (value < 100) return Math.round(value * 10) / 10;
  // `toPrecision` is ten times slower.
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 2);
  return Math.round(value / unit) * unit;
}
