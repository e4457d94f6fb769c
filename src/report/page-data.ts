import type { Range } from '../history/spans.ts';
import type { Offsets } from './clock.ts';
import type { SiteReport } from './gather.ts';
import { OUTAGE_ENDS } from './outage-words.ts';
import { threeDigits } from './reduce.ts';

/** The data that all charts of the page share. */
export interface PageData {
  /** Start of the range, in seconds since the epoch. */
  readonly from: number;
  /** End of the range, in seconds since the epoch. */
  readonly to: number;
  readonly offsets: Offsets;
  /** Failures in a row that make an outage; fewer are a short failure. */
  readonly after: number;
}

/** The points, outages and short failures of one site, packed, since they are most of a report. All times are in whole seconds. */
export interface ChartData {
  /** The distance of each point from the one before, of the first from the start of the range. */
  readonly times: readonly number[];
  /**
   * In ms; `null`: no number. `below` and `above`: the distance of the minimum and the maximum from the median, mostly 0; missing
   * if each point is one test.
   */
  readonly stages: readonly {
    readonly median: readonly (number | null)[];
    readonly below?: readonly (number | null)[];
    readonly above?: readonly (number | null)[];
  }[];
  /**
   * Three numbers each: time since the end of the outage before (of the first: since the start of the range); duration; the sum of
   * 64 times its tests, its stages as bits, 8 times the index of its end in {@link OUTAGE_ENDS}, and 32 if it began earlier.
   */
  readonly outages: readonly number[];
  /** The causes of each outage, separated by blanks; missing if none is known. */
  readonly causes?: readonly string[];
  /** Two numbers each: time since the start of the range; duration. */
  readonly gaps: readonly number[];
}

/** Packs the points and outages of a site. */
export function chartData(site: SiteReport, range: Range): ChartData {
  const { points, gaps } = site;
  const outages = [...site.outages, ...site.shortFailures].sort((a, b) => a.from - b.from);
  const seconds = (time: number) => Math.round((time - range.from) / 1000);
  const times = points.times.map(seconds);
  return {
    times: times.map((time, index) => time - (times[index - 1] ?? 0)),
    // NaN becomes null in JSON.
    stages: points.stages.map(({ median, min, max }) =>
      points.reduced ? { median, below: distances(min, median), above: distances(median, max) } : { median },
    ),
    outages: outages.flatMap((outage, index) => [
      seconds(outage.from) - seconds(outages[index - 1]?.to ?? range.from),
      seconds(outage.to) - seconds(outage.from),
      64 * outage.tests + outage.stages + 8 * OUTAGE_ENDS.indexOf(outage.end) + (outage.earlier ? 32 : 0),
    ]),
    ...(outages.some(({ causes }) => causes.length > 0) && {
      causes: outages.map(({ causes }) => causes.join(' ')),
    }),
    gaps: gaps.flatMap(({ from, to }) => [seconds(from), seconds(to) - seconds(from)]),
  };
}

function distances(lower: readonly number[], higher: readonly number[]): number[] {
  return higher.map((value, index) => threeDigits(value - (lower[index] ?? value)));
}
