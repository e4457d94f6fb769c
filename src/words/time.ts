import { twoDigits } from './numbers.ts';

/** A minute, in ms. */
export const MINUTE_MS = 60_000;
/** An hour, in ms. */
export const HOUR_MS = 60 * MINUTE_MS;
/** 24 hours, in ms. A day on which the clock changes is longer or shorter. */
export const DAY_MS = 24 * HOUR_MS;

/** The days of the week as C's asctime names them, in the order of `Date.getDay()`. */
export const WEEKDAYS: readonly string[] = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** The months as C's asctime names them, in the order of `Date.getMonth()`. */
export const MONTHS: readonly string[] = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Formats a duration in ms: `12 s`, `47 min`, `3 h 5 min`, `24 h`, `2 d 3 h`. A negative duration is `0 s`. */
export function durationInWords(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  const hours = Math.floor(ms / HOUR_MS);
  if (hours < 24) return join(`${hours} h`, Math.floor((ms % HOUR_MS) / MINUTE_MS), 'min');
  if (hours < 48) return `${hours} h`;
  return join(`${Math.floor(hours / 24)} d`, hours % 24, 'h');
}

/** Formats a duration in ms as {@link durationInWords} does, rounded to the unit that it shows last. */
export function roundedDuration(ms: number): string {
  const unit = ms < MINUTE_MS - 500 ? 1000 : ms < DAY_MS - MINUTE_MS / 2 ? MINUTE_MS : HOUR_MS;
  return durationInWords(Math.round(ms / unit) * unit);
}

function join(large: string, small: number, unit: string): string {
  return small === 0 ? large : `${large} ${small} ${unit}`;
}

/** Formats the time that a stage took, in ms, to three digits: `5.21 ms`, `437 ms`, `10.5 s`. */
export function shortMs(ms: number): string {
  if (ms >= 99_950) return `${Math.round(ms / 1000)} s`;
  if (ms >= 9995) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 999.5) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 99.95) return `${Math.round(ms)} ms`;
  return `${ms.toFixed(ms >= 9.995 ? 1 : 2)} ms`;
}

/** Formats the local time of day: `05:18`. */
export function clockTime(time: Date): string {
  return `${twoDigits(time.getHours())}:${twoDigits(time.getMinutes())}`;
}

/** Formats a local time with its UTC offset, for readers in other time zones: `2018-11-14 05:18:02 (UTC+01:00)`. */
export function localTime(time: Date): string {
  const date = `${time.getFullYear()}-${twoDigits(time.getMonth() + 1)}-${twoDigits(time.getDate())}`;
  const east = -time.getTimezoneOffset();
  const offset = `${east < 0 ? '-' : '+'}${twoDigits(Math.floor(Math.abs(east) / 60))}:${twoDigits(Math.abs(east) % 60)}`;
  return `${date} ${clockTime(time)}:${twoDigits(time.getSeconds())} (UTC${offset})`;
}
