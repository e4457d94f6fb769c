import type { Range } from '../history/spans.ts';
import { dayOf } from '../model/local-day.ts';
import type { Offsets } from './clock.ts';

/** Returns the UTC offsets of this host over a range, for a page that is opened in another time zone. */
export function offsetsOf({ from, to }: Range): Offsets {
  const offsets: [number, number][] = [[Math.floor(from / 1000), minutesAt(from)]];
  for (let time = from; time < to; time = dayOf(time).end) {
    const end = Math.min(dayOf(time).end, to);
    if (minutesAt(time) !== minutesAt(end)) offsets.push([changeBetween(time, end) / 1000, minutesAt(end)]);
  }
  return offsets;
}

function minutesAt(time: number): number {
  // `0 -` turns -0 into 0.
  return 0 - new Date(time).getTimezoneOffset();
}

/** Returns the first second of the new offset, in seconds since the epoch. */
function changeBetween(before: number, after: number): number {
  let [low, high] = [Math.floor(before / 1000), Math.ceil(after / 1000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (minutesAt(middle * 1000) === minutesAt(before)) low = middle;
    else high = middle;
  }
  return high * 1000;
}
