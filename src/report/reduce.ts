import type { Measurement } from '../history/measurement.ts';
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
  /** Of the tests of this part. */
  const [itsTimes, itsNumbers]: [number[], readonly number[][]] = [[], [[], [], []]];
  let reduced = false;
  const flush = () => {
    const middle = itsTimes[(itsTimes.length - 1) >> 1];
    if (middle === undefined) return;
    times.push(middle);
    reduced ||= itsTimes.length > 1;
    itsTimes.length = 0;
    for (let index = 0; index < stages.length; index += 1) {
      const [stage, numbers] = [stages[index], itsNumbers[index]];
      if (stage === undefined || numbers === undefined) continue;
      const { min, median, max } = summary(numbers);
      stage.min.push(min);
      stage.median.push(median);
      stage.max.push(max);
      numbers.length = 0;
    }
  };
  return {
    add: (row) => {
      const next = Math.floor((row.time - range.from) / width);
      if (next !== part) flush();
      part = next;
      itsTimes.push(row.time);
      for (let index = 0; index < row.stages.length; index += 1) {
        const value = row.stages[index];
        if (typeof value === 'number') itsNumbers[index]?.push(value);
      }
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

/** Returns minimum, median and maximum, to the three digits that the page shows. */
function summary(numbers: readonly number[]) {
  // Twice as fast as to sort an array by a function.
  const sorted = Float64Array.from(numbers).sort();
  const at = (index: number) => threeDigits(sorted[index] ?? Number.NaN);
  return { min: at(0), median: at((sorted.length - 1) >> 1), max: at(sorted.length - 1) };
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
