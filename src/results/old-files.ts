import type fs from 'node:fs';
import path from 'node:path';
import { reason } from '../files/errno.ts';
import type { Log } from '../log/log.ts';
import { csvFileName } from './row.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Which of `names` are CSV files of a day that is more than `keepDays` days before today, by the local date in their
 * names. The year is of this century.
 *
 * @param file base name of the files: `FILE_YYMMDD.csv`.
 * @param keepDays 0: none are old.
 */
export function oldFiles(
  names: readonly string[],
  file: string,
  keepDays: number,
  today: Date,
): readonly string[] {
  if (keepDays === 0) return [];
  return names.filter((name) => {
    const day = dayOf(name, file, today.getFullYear());
    return day !== undefined && daysBetween(day, today) > keepDays;
  });
}

/** The day in a name; `undefined` unless the file of that day has exactly this name. */
function dayOf(name: string, file: string, thisYear: number): Date | undefined {
  const [, year, month, day] = /_(\d\d)(\d\d)(\d\d)\.csv$/.exec(name) ?? [];
  const date = new Date(thisYear - (thisYear % 100) + Number(year), Number(month) - 1, Number(day));
  return csvFileName(file, date) === name ? date : undefined;
}

/** By the calendar: a day that has 23 hours is a day. */
function daysBetween(from: Date, to: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return (midnight(to) - midnight(from)) / DAY_MS;
}

/** What {@link oldFilesRemover} needs. */
export interface OldFilesOptions {
  /** The results folder. */
  readonly dir: string;
  readonly file: string;
  readonly keepDays: number;
  readonly files: typeof fs;
  readonly log: Log;
  readonly now: () => Date;
}

/**
 * Makes what removes CSV files that are too old, at the first call and then at the first of each local day. Only
 * regular files; what can't be removed is logged, and tried again the next day. It never throws.
 */
export function oldFilesRemover({ dir, file, keepDays, files, log, now }: OldFilesOptions): () => void {
  let lookedOn = '';
  return () => {
    const today = now();
    const name = csvFileName(file, today);
    if (keepDays === 0 || lookedOn === name) return;
    lookedOn = name;
    try {
      for (const old of oldFiles(files.readdirSync(dir), file, keepDays, today)) remove(old);
    } catch (error) {
      log.warning(`Can't look for old results in ${dir}: ${reason(error)}`);
    }
  };

  function remove(name: string): void {
    const target = path.join(dir, name);
    try {
      if (!files.lstatSync(target).isFile()) return;
      files.unlinkSync(target);
      log.info(`Removed ${target}: older than ${keepDays} days`);
    } catch (error) {
      log.warning(`Can't remove ${target}, older than ${keepDays} days: ${reason(error)}`);
    }
  }
}
