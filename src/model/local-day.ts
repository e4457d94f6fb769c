import { twoDigits } from '../words/numbers.ts';

/** A day of the calendar, in local time. */
export interface LocalDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  /** Its first moment, in ms since the epoch. */
  readonly start: number;
  /** The first moment of the next day. It is not always 24 h later. */
  readonly end: number;
}

/** A day by its numbers, or `null` if the calendar has none such. */
export function localDay(year: number, month: number, day: number): LocalDay | null {
  const noon = new Date(year, month - 1, day, 12);
  if (noon.getFullYear() !== year || noon.getMonth() !== month - 1 || noon.getDate() !== day) return null;
  const start = new Date(year, month - 1, day).getTime();
  return { year, month, day, start, end: new Date(year, month - 1, day + 1).getTime() };
}

/** The day of a moment (ms since the epoch), `later` days after it. */
export function dayOf(time: number, later = 0): LocalDay {
  const date = new Date(time);
  const noon = new Date(date.getFullYear(), date.getMonth(), date.getDate() + later, 12);
  const found = localDay(noon.getFullYear(), noon.getMonth() + 1, noon.getDate());
  if (found === null) throw new Error(`no day has the time ${time}`);
  return found;
}

/** As people type it and files sort by it: `2018-11-14`. */
export function dayName({ year, month, day }: LocalDay): string {
  return `${year}-${twoDigits(month)}-${twoDigits(day)}`;
}
