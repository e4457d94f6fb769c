// Also runs in the report's page (assets.ts): uses nothing of Node.

import { twoDigits } from '../words/numbers.ts';
import { MINUTE_MS, MONTHS, WEEKDAYS } from '../words/time.ts';

/** From a moment on (seconds since the epoch), so many minutes are added to UTC; the first holds before it too. */
export type Offsets = readonly (readonly [from: number, minutes: number])[];

/** The local time of the monitor's host, wherever it is looked at: dates whose UTC parts show it. */
export interface Clock {
  /** @param time in ms since the epoch. */
  readonly at: (time: number) => Date;
  /** The moment (ms since the epoch) at which `at` gives this date. */
  readonly back: (local: Date) => number;
}

/** Makes the clock of a time zone from its offsets, in order. */
export function clockOf(offsets: Offsets): Clock {
  const offsetAt = (time: number) => {
    let minutes = offsets[0]?.[1] ?? 0;
    for (const [from, then] of offsets) if (from * 1000 <= time) minutes = then;
    return minutes * MINUTE_MS;
  };
  return {
    at: (time) => new Date(time + offsetAt(time)),
    back: (local) => {
      const near = local.getTime() - offsetAt(local.getTime());
      return local.getTime() - offsetAt(near);
    },
  };
}

/** `05:18` of a {@link Clock}'s date. */
export function timeOf(date: Date): string {
  return `${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}`;
}

/** `14 Nov`. */
export function dayOfMonth(date: Date): string {
  return `${date.getUTCDate()} ${monthOf(date)}`;
}

/** `Nov`. */
export function monthOf(date: Date): string {
  return MONTHS[date.getUTCMonth()] ?? '';
}

/** `Wed 14 Nov 2018`. */
export function dateOf(date: Date): string {
  return `${WEEKDAYS[date.getUTCDay()]} ${dayOfMonth(date)} ${date.getUTCFullYear()}`;
}

/** `Wed 14 Nov 2018, 05:18`. */
export function momentOf(date: Date): string {
  return `${dateOf(date)}, ${timeOf(date)}`;
}
