import type fs from 'node:fs';
import path from 'node:path';
import { reason } from '../files/reason.ts';
import type { Log } from '../log/log.ts';
import type { LocalDay } from '../model/local-day.ts';
import { DAY_MS } from '../words/time.ts';
import { csvFileName, dayOfAnyFile, dayOfEventFile, EVENTS_FOLDER } from './file-name.ts';

/**
 * Returns which of `names` are daily files of more than `keepDays` days ago.
 *
 * @param dayIn returns the day in the name of a file; `null` for the name of another file
 * @param keepDays days to keep a file; 0 keeps all
 */
export function oldFiles(
  names: readonly string[],
  dayIn: (name: string) => LocalDay | null,
  keepDays: number,
  today: Date,
): readonly string[] {
  if (keepDays === 0) return [];
  return names.filter((name) => {
    const day = dayIn(name);
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
 * Returns a function that removes old CSV and event files, and what stands beside a CSV file, at its first call and then at the first call of each local day. It removes only
 * regular files. If a file can't be removed, it logs that and tries again the next day. It never throws.
 */
export function oldFilesRemover({ dir, file, keepDays, files, log, now }: OldFilesOptions): () => void {
  let checkedOn = '';
  return () => {
    const today = now();
    const name = csvFileName(file, today);
    if (keepDays === 0 || checkedOn === name) return;
    checkedOn = name;
    removeFrom(dir, (each) => dayOfAnyFile(file, each), today);
    const events = path.join(dir, EVENTS_FOLDER);
    if (files.lstatSync(events, { throwIfNoEntry: false })?.isDirectory()) {
      removeFrom(events, dayOfEventFile, today);
    }
  };

  function removeFrom(folder: string, dayIn: (name: string) => LocalDay | null, today: Date): void {
    try {
      for (const old of oldFiles(files.readdirSync(folder), dayIn, keepDays, today)) {
        remove(path.join(folder, old));
      }
    } catch (error) {
      log.warning(`Can't look for old results in ${folder}: ${reason(error)}`);
    }
  }

  function remove(target: string): void {
    try {
      if (!files.lstatSync(target).isFile()) return;
      files.unlinkSync(target);
      log.info(`Removed ${target}: older than ${keepDays} days`);
    } catch (error) {
      log.warning(`Can't remove ${target}, older than ${keepDays} days: ${reason(error)}`);
    }
  }
}
