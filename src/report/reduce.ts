import type { Measurement, StageValue } from '../history/measurement.ts';
import type { Range } from '../history/spans.ts';

/**
 * What a chart draws of one site: for each point the time and of each stage the median, the least and the most of the tests
 * that the point stands for; NaN where the stage had no number.
 */
export interface Points {
  /** In ms since the epoch, growing. */
  readonly times: readonly number[];
  readonly stages: readonly [StagePoints, StagePoints, StagePoints];
  /** Some point stands for more than one test. */
  readonly reduced: boolean;
}

/** The values of one stage, as many as there are times. In ms. */
export interface StagePoints {
  readonly median: readonly number[];
  readonly least: readonly number[];
  readonly most: readonly number[];
}

/** Takes a site's tests in order and makes points of them. */
export interface Reducer {
  add(row: Measurement): void;
  /** Nothing was measured from `time` on: the line is broken there. */
  interrupt(time: number): void;
  finish(): Points;
}

/**
 * At most about `limit` points, breaks not counted: the range is cut into so many equal parts and the tests of each part are
 * one point. A part with one test is that test.
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
      const { least, median, most } = summary(rows, index);
      stage.least.push(least);
      stage.median.push(median);
      stage.most.push(most);
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
      for (const { least, median, most } of stages)
        for (const values of [least, median, most]) values.push(Number.NaN);
    },
    finish: () => {
      flush();
      return { times, stages, reduced };
    },
  };
}

function emptyStage() {
  return { median: [] as number[], least: [] as number[], most: [] as number[] };
}

/** The least, the median and the most of a stage, to the three digits that are shown. */
function summary(rows: readonly Measurement[], stage: number) {
  const numbers = rows
    .map((row): StageValue | undefined => row.stages[stage])
    .filter((value) => typeof value === 'number')
    .sort((a, b) => a - b);
  const at = (index: number) => threeDigits(numbers[index] ?? Number.NaN);
  return { least: at(0), median: at((numbers.length - 1) >> 1), most: at(numbers.length - 1) };
}

/** A positive number to the three digits that are shown, below 1 to three decimals; NaN stays NaN. */
export function threeDigits(value: number): number {
  if (value < 1) return Math.round(value * 1000) / 1000;
  if (value < 10) return Math.round(value * 100) / 100;
  if (value < 100) return Math.round(value * 10) / 10;
  // As many zeros as it has digits beyond three; `toPrecision` takes ten times as long.
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 2);
  return Math.round(value / unit) * unit;
}
