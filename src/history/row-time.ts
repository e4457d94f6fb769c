import { type LocalDay, localDay } from '../model/local-day.ts';
import { DAY_MS, MONTHS, WEEKDAYS } from '../words/time.ts';

/** The time of a CSV row, from its local time without an offset. */
export interface RowTime {
  /** In ms since the epoch. */
  readonly time: number;
  /**
   * `ambiguous`: the clock showed this time twice. `nonexistent`: the clock skipped it, so the row was written in another time
   * zone. `null`: no doubt.
   */
  readonly doubt: 'ambiguous' | 'nonexistent' | null;
}

/** How far a row's time may be before that of the row above and still be in the same hour, in ms: clocks are adjusted. */
const SLACK_MS = 60_000;
/** Most days in the cache: the rows of a wrong file may have any day. */
const MOST_DAYS = 1000;

/**
 * Returns a function that parses a row's Time (C's asctime, local time) to a {@link RowTime}; `null` if it is not a valid time. Where
 * the clock was set back, `before`, the time of the row above, decides between the two hours.
 */
export function rowTimeReader(): (text: string, before: number | null) => RowTime | null {
  const days = new Map<string, LocalDay | null>();
  // Most rows are of the same day as the row above.
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
    return onClockChange(day, [hour, minute, second], before);
  };
}

/** Parses two digits; NaN if they are not digits. */
function digits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : Number.NaN;
}

/** Returns the time on a day on which the clock changes. */
function onClockChange(
  { year, month, day, start, end }: LocalDay,
  clock: readonly [number, number, number],
  before: number | null,
): RowTime {
  const first = new Date(year, month - 1, day, ...clock);
  const shows = (date: Date) => date.getHours() === clock[0] && date.getMinutes() === clock[1];
  // A leap second is shown as the next minute.
  if (!shows(first) && clock[2] < 60) return { time: first.getTime(), doubt: 'nonexistent' };
  // JavaScript returns the first of the two.
  const second = first.getTime() + (end - start - DAY_MS);
  if (second <= first.getTime() || !shows(new Date(second))) return { time: first.getTime(), doubt: null };
  const isSecond = before !== null && first.getTime() < before - SLACK_MS;
  return { time: isSecond ? second : first.getTime(), doubt: 'ambiguous' };
}

/** Parses the day of `Wed Nov 14 ... 2018`; `null` if there is no such day or it has another day of the week. */
function parseDay(text: string): LocalDay | null {
  const match = /^(\w{3}) (\w{3}) ([ \d]\d) .{8} (\d{4})$/.exec(text);
  if (match === null) return null;
  const [, weekday = '', month = '', day, year] = match;
  const found = localDay(Number(year), MONTHS.indexOf(month) + 1, Number(day));
  if (found === null) return null;
  const noon = new Date(found.year, found.month - 1, found.day, 12);
  return WEEKDAYS[noon.getDay()] === weekday ? found : null;
}
