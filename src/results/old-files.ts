import type fs from 'node:fs';
import path from 'node:path';
import { reason } from '../files/reason.ts';
import type { Log } from '../log/log.ts';
import type { LocalDay } from '../model/local-day.ts';
import { DAY_MS } from '../words/time.ts';
import { csvFileName, dayOfFile } from './file-name.ts';

/**
 * Returns which of `names` are CSV files of more than `keepDays` days ago, by the date in the name.
 *
 * @param file base name of the files: `FILE_YYMMDD.csv`
 * @param keepDays days to keep a file; 0 keeps all
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

/** Counts calendar days, whether they have 23, 24 or 25 hours. */
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
 * Returns a function that removes old CSV files, at its first call and then at the first call of each local day. It removes only
 * regular files. If a file can't be removed, it logs that and tries again the next day. It never throws.
 */
export function oldFilesRemover({ dir, file, keepDays, files, log, now }: OldFilesOptions): () => void {
  let checkedOn = '';
  return () => {
    const today = now();
    const name = csvFileName(file, today);
    if (keepDays === 0 || checkedOn === name) return;
    checkedOn = name;
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
