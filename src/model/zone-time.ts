import { MINUTE_MS } from '../words/time.ts';

/** A date and time of day as clocks show it, without a zone. `month` counts from 1; `minutes` from midnight, 1440: the end of the day. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly minutes: number;
}

const DAY_MINUTES = 24 * 60;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether this host knows a time zone, such as `Europe/Berlin`. */
export function isZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * The date and time of day in a zone, to the minute.
 *
 * @param time in ms since the epoch
 * @param zone `null`: the zone of this host
 */
export function wallTimeAt(time: number, zone: string | null): WallTime {
  const utc = new Date(time + offsetAt(time, zone));
  return {
    year: utc.getUTCFullYear(),
    month: utc.getUTCMonth() + 1,
    day: utc.getUTCDate(),
    minutes: utc.getUTCHours() * 60 + utc.getUTCMinutes(),
  };
}

/**
 * When clocks in a zone show a time, in ms since the epoch. As RFC 5545, 3.3.5 has it: a time that occurs twice, when clocks are
 * set back, is the first of the two; one that does not occur is read with the offset before the change, so 02:30 is 03:30 then.
 *
 * @param zone `null`: the zone of this host
 */
export function instantOf({ year, month, day, minutes }: WallTime, zone: string | null): number {
  const utc = Date.UTC(year, month - 1, day, 0, minutes);
  // Zones change at most once in two days.
  const before = utc - offsetAt(utc - DAY_MINUTES * MINUTE_MS, zone);
  const after = utc - offsetAt(utc + DAY_MINUTES * MINUTE_MS, zone);
  const isShown = (time: number) => time + offsetAt(time, zone) === utc;
  return isShown(before) || !isShown(after) ? before : after;
}

/** The day of the week of a date, as `Date.getDay()` counts. */
export function weekdayOf({ year, month, day }: WallTime): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}

/** The same time of day some days later. */
export function daysLater(wall: WallTime, days: number): WallTime {
  const date = new Date(Date.UTC(wall.year, wall.month - 1, wall.day + days));
  return {
    ...wall,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
  };
}

/** The offset of a zone from UTC, in ms; east is positive. */
function offsetAt(time: number, zone: string | null): number {
  if (zone === null) return -new Date(time).getTimezoneOffset() * MINUTE_MS;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return shown - Math.floor(time / 1000) * 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}
