import { two } from './two-digits.ts';

/** A minute, in ms. */
export const MINUTE_MS = 60_000;
/** An hour, in ms. */
export const HOUR_MS = 60 * MINUTE_MS;
/** A day without a change of the clock, in ms. */
export const DAY_MS = 24 * HOUR_MS;

/** A span in words, to the precision that people want: `12 s`, `47 min`, `3 h 5 min`, `24 h`, `2 d 3 h`. A negative one is `0 s`. */
export function durationInWords(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  const hours = Math.floor(ms / HOUR_MS);
  if (hours < 24) return join(`${hours} h`, Math.floor((ms % HOUR_MS) / MINUTE_MS), 'min');
  if (hours < 48) return `${hours} h`;
  return join(`${Math.floor(hours / 24)} d`, hours % 24, 'h');
}

function join(large: string, small: number, unit: string): string {
  return small === 0 ? large : `${large} ${small} ${unit}`;
}

/** Local time of day: `05:18`. */
export function clockTime(time: Date): string {
  return `${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** Local time with its offset, for readers elsewhere: `2018-11-14 05:18:02 (UTC+01:00)`. */
export function localTime(time: Date): string {
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const east = -time.getTimezoneOffset();
  const offset = `${east < 0 ? '-' : '+'}${two(Math.floor(Math.abs(east) / 60))}:${two(Math.abs(east) % 60)}`;
  return `${date} ${clockTime(time)}:${two(time.getSeconds())} (UTC${offset})`;
}
