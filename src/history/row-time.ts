import { type LocalDay, localDay } from '../model/local-day.ts';
import { DAY_MS, MONTHS, WEEKDAYS } from '../words/time.ts';

/** When a row of the CSV was written, as far as its Time tells. */
export interface RowTime {
  /** In ms since the epoch. */
  readonly time: number;
  /**
   * `twice`: the clock was set back over this time, and it may also mean an hour earlier or later. `never`: the clock was
   * set forward over it, so it was written under another time zone.
   */
  readonly doubt: 'twice' | 'never' | null;
}

/** What a row's time may lie before the one above it and still be the same hour's, in ms: clocks are put right. */
const SLACK_MS = 60_000;
/** Days that are remembered; a row of a strange file may name any. */
const MOST_DAYS = 1000;

/**
 * Reads the times of rows, in C's asctime form and local time, one after the other: where the clock was set back, the
 * row above decides which of two hours is meant. `null`: no such time.
 */
export function rowTimeReader(): (text: string, before: number | null) => RowTime | null {
  const days = new Map<string, LocalDay | null>();
  // Of a million rows most are of the day of the row above.
  let last: { readonly date: string; readonly year: string; readonly day: LocalDay | null } = {
    date: 'none',
    year: '',
    day: null,
  };
  const find = (text: string): LocalDay | null => {
    if (text.startsWith(last.date) && text.endsWith(last.year)) return last.day;
    const [date, year] = [text.slice(0, 11), text.slice(19)];
    const key = date + year;
    let day = days.get(key);
    if (day === undefined) {
      day = parseDay(text);
      if (days.size >= MOST_DAYS) days.clear();
      days.set(key, day);
    }
    last = { date, year, day };
    return day;
  };
  return (text, before) => {
    if (text.length !== 24) return null;
    const day = find(text);
    if (day === null || text[13] !== ':' || text[16] !== ':') return null;
    const [hour, minute, second] = [digits(text, 11), digits(text, 14), digits(text, 17)];
    // C allows a leap second.
    if (!(hour <= 23 && minute <= 59 && second <= 60)) return null;
    if (day.end - day.start === DAY_MS) {
      return { time: day.start + ((hour * 60 + minute) * 60 + second) * 1000, doubt: null };
    }
    return onTurn(day, [hour, minute, second], before);
  };
}

/** The number that two digits make; NaN if they are none. */
function digits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : Number.NaN;
}

/** A time of a day on which the clock is set forward or back. */
function onTurn(
  { year, month, day, start, end }: LocalDay,
  clock: readonly [number, number, number],
  before: number | null,
): RowTime {
  const first = new Date(year, month - 1, day, ...clock);
  const shows = (date: Date) => date.getHours() === clock[0] && date.getMinutes() === clock[1];
  // A leap second is shown as the next minute.
  if (!shows(first) && clock[2] < 60) return { time: first.getTime(), doubt: 'never' };
  // JavaScript takes the first of two.
  const second = first.getTime() + (end - start - DAY_MS);
  if (second <= first.getTime() || !shows(new Date(second))) return { time: first.getTime(), doubt: null };
  const isSecond = before !== null && first.getTime() < before - SLACK_MS;
  return { time: isSecond ? second : first.getTime(), doubt: 'twice' };
}

/** `Wed Nov 14 ... 2018`: the day, if it was that day of the week. */
function parseDay(text: string): LocalDay | null {
  const match = /^(\w{3}) (\w{3}) ([ \d]\d) .{8} (\d{4})$/.exec(text);
  if (match === null) return null;
  const [, weekday = '', month = '', day, year] = match;
  const found = localDay(Number(year), MONTHS.indexOf(month) + 1, Number(day));
  if (found === null) return null;
  const noon = new Date(found.year, found.month - 1, found.day, 12);
  return WEEKDAYS[noon.getDay()] === weekday ? found : null;
}
