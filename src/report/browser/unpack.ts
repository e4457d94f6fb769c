import type { Outage } from '../../history/outages.ts';
import { OUTAGE_ENDS } from '../outage-words.ts';
import type { ChartData, PageData } from '../page-data.ts';

/** A stretch of time, in seconds since the epoch. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The values of a stage, one for each time. */
export interface Stage {
  readonly median: readonly (number | null)[];
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

/** The data of one site's charts. */
export interface Site {
  /** In seconds since the epoch. */
  readonly times: readonly number[];
  readonly stages: readonly Stage[];
  /** Outages and short failures, in ms since the epoch. */
  readonly outages: readonly Outage[];
  readonly gaps: readonly Stretch[];
}

/** Returns the data of a script element of the page. */
export function readData<Data>(id: string): Data {
  return JSON.parse(document.getElementById(id)?.textContent ?? 'null');
}

/** Unpacks the data that page-data.ts packed. */
export function unpack(packed: ChartData, { from }: PageData): Site {
  let time = from;
  const outages: Outage[] = [];
  let end = from;
  for (let index = 0; index < packed.outages.length; index += 3) {
    const [distance = 0, duration = 0, rest = 0] = packed.outages.slice(index, index + 3);
    const start = end + distance;
    end = start + duration;
    outages.push({
      from: start * 1000,
      to: end * 1000,
      tests: Math.floor(rest / 64),
      stages: rest & 7,
      end: OUTAGE_ENDS[(rest >> 3) & 3] ?? 'recovered',
      earlier: (rest & 32) !== 0,
      causes: packed.causes?.[index / 3]?.split(' ').filter((cause) => cause !== '') ?? [],
    });
  }
  const gaps: Stretch[] = [];
  for (let index = 0; index < packed.gaps.length; index += 2) {
    const start = from + (packed.gaps[index] ?? 0);
    gaps.push({ from: start, to: start + (packed.gaps[index + 1] ?? 0) });
  }
  return {
    times: packed.times.map((step) => {
      time += step;
      return time;
    }),
    stages: packed.stages.map(({ median, below = [], above = [] }) => ({
      median,
      min: median.map((value, index) => (value === null ? null : value - (below[index] ?? 0))),
      max: median.map((value, index) => (value === null ? null : value + (above[index] ?? 0))),
    })),
    outages,
    gaps,
  };
}
