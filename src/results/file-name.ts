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

/** Returns the name of the file for what is cut from a CSV file. It does not end in `.csv`: programs read all files that do. */
export function tornName(name: string): string {
  return `${name}.torn`;
}

/** Returns the `n`th name, from 1, under which a CSV file of somebody else is set aside. */
export function asideName(name: string, n: number): string {
  return `${name}.set-aside${n === 1 ? '' : `-${n}`}`;
}

/** What follows the base name of a CSV file, of one that was set aside or compressed, and of what was cut from one. */
const READ = /^_(?<digits>\d{6})\.csv(?:\.set-aside(?:-\d+)?)?(?:\.(?:gz|xz|bz2|zst))?$/;
const ANY = /^_(?<digits>\d{6})\.csv(?:\.set-aside(?:-\d+)?|\.torn)?$/;

/** Returns YYMMDD from the name of a file; `undefined` for the name of another one. */
function digitsIn(file: string, name: string, pattern: RegExp): string | undefined {
  return name.startsWith(file) ? pattern.exec(name.slice(file.length))?.groups?.['digits'] : undefined;
}

/** Whether `name` has the form `FILE_YYMMDD.csv`, also if there is no such day, or is a name for what was such a file. */
export function isCsvFileName(file: string, name: string): boolean {
  return digitsIn(file, name, ANY) !== undefined;
}

/**
 * Returns the day (of this century) in the name of a CSV file, also of one that was set aside or compressed; `null` for another name or if there
 * is no such day.
 */
export function dayOfFile(file: string, name: string): LocalDay | null {
  return dayOfDigits(digitsIn(file, name, READ));
}

/** As {@link dayOfFile}, also for what was cut from a CSV file, and not for a compressed one. */
export function dayOfAnyFile(file: string, name: string): LocalDay | null {
  return dayOfDigits(digitsIn(file, name, ANY));
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
