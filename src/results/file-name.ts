import { type LocalDay, localDay } from '../model/local-day.ts';
import { twoDigits } from '../words/numbers.ts';

/** The name of the CSV file that holds the rows of `date`'s local day: `FILE_YYMMDD.csv`. */
export function csvFileName(file: string, date: Date): string {
  return `${file}_${twoDigits(date.getFullYear() % 100)}${twoDigits(date.getMonth() + 1)}${twoDigits(date.getDate())}.csv`;
}

/** The digits of the day in the name of a CSV file; `undefined`: it is none. */
function digitsIn(file: string, name: string): string | undefined {
  return name.startsWith(file) ? /^_(\d{6})\.csv$/.exec(name.slice(file.length))?.[1] : undefined;
}

/** Whether `name` is that of a CSV file, of whatever day: `FILE_YYMMDD.csv`. */
export function isCsvFileName(file: string, name: string): boolean {
  return digitsIn(file, name) !== undefined;
}

/** The day whose rows the CSV file of this name holds, in this century; `null`: there is no such day, or it is no such file. */
export function dayOfFile(file: string, name: string): LocalDay | null {
  // No digits give day 0, which no month has.
  const [year = '', month = '', day = ''] = digitsIn(file, name)?.match(/../g) ?? [];
  return localDay(2000 + Number(year), Number(month), Number(day));
}
