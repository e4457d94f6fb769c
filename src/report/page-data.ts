import type { Range } from '../history/spans.ts';
import type { Offsets } from './clock.ts';
import type { SiteReport } from './gather.ts';
import { OUTAGE_ENDS } from './outage-words.ts';
import { threeDigits } from './reduce.ts';

/** What the charts of a page have in common. */
export interface PageData {
  /** The range in seconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly offsets: Offsets;
}

/** The chart and the outages of one site, packed: they make up most of a report. All times are whole seconds. */
export interface ChartData {
  /** Each point's distance to the one before; the first one's to the range's beginning. */
  readonly times: readonly number[];
  /**
   * In ms; `null`: no number. How far the least lies below the median, and the most above it, is mostly 0; without them each
   * point is one test.
   */
  readonly stages: readonly {
    readonly median: readonly (number | null)[];
    readonly below?: readonly (number | null)[];
    readonly above?: readonly (number | null)[];
  }[];
  /**
   * Three numbers each: how long after the end of the one before it begins (the first: after the range's beginning); duration;
   * 64 times its tests, its stages as bits, 8 times the number of its end in {@link OUTAGE_ENDS}, 32 if it began earlier.
   */
  readonly outages: readonly number[];
  /** Two numbers each: from, as a distance to the range's beginning; duration. */
  readonly gaps: readonly number[];
}

/** Packs a site. */
export function chartData({ points, outages, gaps }: SiteReport, range: Range): ChartData {
  const seconds = (time: number) => Math.round((time - range.from) / 1000);
  const times = points.times.map(seconds);
  return {
    times: times.map((time, index) => time - (times[index - 1] ?? 0)),
    // JSON has no NaN: it becomes null.
    stages: points.stages.map(({ median, least, most }) =>
      points.reduced ? { median, below: apart(least, median), above: apart(median, most) } : { median },
    ),
    outages: outages.flatMap((outage, index) => [
      seconds(outage.from) - seconds(outages[index - 1]?.to ?? range.from),
      seconds(outage.to) - seconds(outage.from),
      64 * outage.tests + outage.stages + 8 * OUTAGE_ENDS.indexOf(outage.end) + (outage.earlier ? 32 : 0),
    ]),
    gaps: gaps.flatMap(({ from, to }) => [seconds(from), seconds(to) - seconds(from)]),
  };
}

function apart(lower: readonly number[], higher: readonly number[]): number[] {
  return higher.map((value, index) => threeDigits(value - (lower[index] ?? value)));
}
