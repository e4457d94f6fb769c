import { type LocalDay, localDay } from '../model/local-day.ts';
import { twoDigits } from '../words/numbers.ts';

/** Returns the name of the CSV file for the local day of `date`: `FILE_YYMMDD.csv`. */
export function csvFileName(file: string, date: Date): string {
  return `${file}_${twoDigits(date.getFullYear() % 100)}${twoDigits(date.getMonth() + 1)}${twoDigits(date.getDate())}.csv`;
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
  // Without digits this is day 0, which does not exist.
  const [year = '', month = '', day = ''] = digitsIn(file, name)?.match(/../g) ?? [];
  return localDay(2000 + Number(year), Number(month), Number(day));
}
