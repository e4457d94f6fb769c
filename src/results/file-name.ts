import { type LocalDay, localDay } from '../model/local-day.ts';
import { twoDigits } from '../words/numbers.ts';

/** The folder in the results folder that holds the {@link eventFileName | event files}. */
export const EVENTS_FOLDER = 'events';

/** Returns the name of the CSV file for the local day of `date`: `FILE_YYMMDD.csv`. */
export function csvFileName(file: string, date: Date): string {
  return `${file}_${digitsOf(date)}.csv`;
}

/** Returns the name of the event file for the local day of `date`: `YYMMDD.jsonl`. */
export function eventFileName(date: Date): string {
  return `${digitsOf(date)}.jsonl`;
}

function digitsOf(date: Date): string {
  return [date.getFullYear() % 100, date.getMonth() + 1, date.getDate()].map(twoDigits).join('');
}

/** Returns YYMMDD from the name of a CSV file; `undefined` for another name. */
function digitsIn(file: string, name: string): string | undefined {
  return name.startsWith(file) ? /^_(\d{6})\.csv$/.exec(name.slice(file.length))?.[1] : undefined;
}

/** Whether `name` has the form `FILE_YYMMDD.csv`, also if there is no such day. */
export function isCsvFileName(file: string, name: string): boolean {
  return digitsIn(file, name) !== undefined;
}

/** Returns the day (of this century) in the name of a CSV file; `null` for another name or if there is no such day. */
export function dayOfFile(file: string, name: string): LocalDay | null {
  return dayOfDigits(digitsIn(file, name));
}

/** Returns the day (of this century) in the name of an event file; `null` for another name or if there is no such day. */
export function dayOfEventFile(name: string): LocalDay | null {
  return dayOfDigits(/^(\d{6})\.jsonl$/.exec(name)?.[1]);
}

function dayOfDigits(digits: string | undefined): LocalDay | null {
  // Without digits this is day 0, which does not exist.
  const [year = '', month = '', day = ''] = digits?.match(/../g) ?? [];
  return localDay(2000 + Number(year), Number(month), Number(day));
}
