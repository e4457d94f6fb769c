// Also runs in the report's page (assets.ts): uses nothing of Node.

import { DAY_MS, MINUTE_MS } from '../words/time.ts';
import { type Clock, dayOfMonth, monthOf, timeOf } from './clock.ts';

/** A mark on the time axis. */
export interface Tick {
  /** In ms since the epoch. */
  readonly time: number;
  readonly label: string;
}

/** Steps of less than a month, in ms. Steps in minutes divide an hour, steps in hours a day. */
const STEPS = [
  ...[1, 5, 10, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 7, 14].map((days) => days * DAY_MS),
];
/** Longer steps, in months. */
const MONTH_STEPS = [1, 3, 6, 12];

/** Returns at most `limit` round times in a range (ms), each labelled with the unit that changes there: time, day, month or year. */
export function ticksOf(clock: Clock, from: number, to: number, limit: number): readonly Tick[] {
  const step = STEPS.find((each) => (to - from) / each <= limit);
  return step === undefined ? months(clock, from, to, limit) : steps(clock, from, to, step);
}

function steps(clock: Clock, from: number, to: number, step: number): readonly Tick[] {
  const ticks: Tick[] = [];
  // Weeks begin on Monday; the epoch began on a Thursday.
  const shift = step % (7 * DAY_MS) === 0 ? 4 * DAY_MS : 0;
  const first = Math.floor((clock.at(from).getTime() - shift) / step) * step + shift;
  for (let local = first; ; local += step) {
    const date = new Date(local);
    const time = clock.back(date);
    if (time > to) return ticks;
    if (time < from) continue;
    ticks.push({ time, label: local % DAY_MS === 0 ? dayOfMonth(date) : timeOf(date) });
  }
}

function months(clock: Clock, from: number, to: number, limit: number): readonly Tick[] {
  const step = MONTH_STEPS.find((each) => (to - from) / (each * 30 * DAY_MS) <= limit) ?? 12;
  const start = clock.at(from);
  const ticks: Tick[] = [];
  for (let month = Math.floor(start.getUTCMonth() / step) * step; ; month += step) {
    const date = new Date(Date.UTC(start.getUTCFullYear(), month));
    const time = clock.back(date);
    if (time > to) return ticks;
    if (time < from) continue;
    ticks.push({ time, label: date.getUTCMonth() === 0 ? String(date.getUTCFullYear()) : monthOf(date) });
  }
}
