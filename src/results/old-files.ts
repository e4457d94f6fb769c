import type fs from 'node:fs';
import path from 'node:path';
import { reason } from '../files/reason.ts';
import type { Log } from '../log/log.ts';
import type { LocalDay } from '../model/local-day.ts';
import { DAY_MS } from '../words/time.ts';
import { csvFileName, dayOfFile } from './file-name.ts';

/**
 * Which of `names` are CSV files of a day that is more than `keepDays` days before today, by the local date in their
 * names.
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
    const day = dayOfFile(file, name);
    return day !== null && daysBetween(day, today) > keepDays;
  });
}

/** By the calendar: a day that has 23 hours is a day. */
function daysBetween({ year, month, day }: LocalDay, to: Date): number {
  return (Date.UTC(to.getFullYear(), to.getMonth(), to.getDate()) - Date.UTC(year, month - 1, day)) / DAY_MS;
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
