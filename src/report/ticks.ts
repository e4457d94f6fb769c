import { DAY_MS, MINUTE_MS } from '../words/time.ts';
// Also part of the page (see assets.ts): nothing of Node here.
import { type Clock, dayOfMonth, monthOf, timeOf } from './clock.ts';

/** A mark on the axis of time. */
export interface Tick {
  /** In ms since the epoch. */
  readonly time: number;
  readonly label: string;
}

/** Steps within a month; ten, five and so on minutes divide an hour, hours a day. */
const STEPS = [
  ...[1, 5, 10, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 7, 14].map((days) => days * DAY_MS),
];
const MONTHS = [1, 3, 6, 12];

/** Round times in a range (ms), at most `most` of them, each with what is new in it: an hour, a day, a month, a year. */
export function ticksOf(clock: Clock, from: number, to: number, most: number): readonly Tick[] {
  const step = STEPS.find((each) => (to - from) / each <= most);
  return step === undefined ? months(clock, from, to, most) : steps(clock, from, to, step);
}

function steps(clock: Clock, from: number, to: number, step: number): readonly Tick[] {
  const ticks: Tick[] = [];
  // Weeks begin on Monday, and the epoch began on a Thursday.
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

function months(clock: Clock, from: number, to: number, most: number): readonly Tick[] {
  const step = MONTHS.find((each) => (to - from) / (each * 30 * DAY_MS) <= most) ?? 12;
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
