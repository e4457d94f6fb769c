// Also runs in the report's page (assets.ts): uses nothing of Node.

import { twoDigits } from '../words/numbers.ts';
import { MINUTE_MS, MONTHS, WEEKDAYS } from '../words/time.ts';

/** UTC offsets, in minutes, each from a time on (seconds since the epoch). The first one also applies before its time. */
export type Offsets = readonly (readonly [from: number, minutes: number])[];

/** Converts to the local time of the monitor's host, in any time zone: a local time is a Date whose UTC parts show it. */
export interface Clock {
  /** Returns the local time of a time in ms since the epoch. */
  readonly at: (time: number) => Date;
  /** Returns the time in ms since the epoch of a local time. */
  readonly back: (local: Date) => number;
}

/** Returns the clock of a time zone. `offsets` must be in order of time. */
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

/** Formats a {@link Clock}'s local time: `05:18`. */
export function timeOf(date: Date): string {
  return `${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}`;
}

/** Formats the day: `14 Nov`. */
export function dayOfMonth(date: Date): string {
  return `${date.getUTCDate()} ${monthOf(date)}`;
}

/** Formats the month: `Nov`. */
export function monthOf(date: Date): string {
  return MONTHS[date.getUTCMonth()] ?? '';
}

/** Formats the date: `Wed 14 Nov 2018`. */
export function dateOf(date: Date): string {
  return `${WEEKDAYS[date.getUTCDay()]} ${dayOfMonth(date)} ${date.getUTCFullYear()}`;
}

/** Formats date and time: `Wed 14 Nov 2018, 05:18`. */
export function momentOf(date: Date): string {
  return `${dateOf(date)}, ${timeOf(date)}`;
}
