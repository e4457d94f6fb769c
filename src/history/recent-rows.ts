import type fs from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { dayOf } from '../model/local-day.ts';
import { EVENTS_FOLDER, eventFileName } from '../results/file-name.ts';
import { DAY_MS } from '../words/time.ts';
import { type DayFile, type DayFilesOptions, type DayRows, findDayFiles, readDays } from './read-days.ts';
import { createNotes, doubtsInWords } from './read-notes.ts';
import { WINDOWS } from './site-status.ts';

/** The rows of the days that a status covers. */
export interface RecentRows {
  /** In order. */
  readonly days: Iterable<DayRows>;
  /** Remarks about the files, after the days were read. */
  doubts(): readonly string[];
}

/** Where the CSV files are. */
type Where = Pick<DayFilesOptions, 'dir' | 'file'>;

/** Reads the rows day by day, with one file in memory at a time. Throws the system's error if the folder can't be read. */
export function recentRows(where: Where, files: typeof fs, now: number): RecentRows {
  return rowsOf(recentFiles(where, files, now), files, now);
}

/** Reads the rows of the last 24 hours: a tenth of the files. Throws the system's error if the folder can't be read. */
export function newestRows(where: Where, files: typeof fs, now: number) {
  const from = dayOf(now - DAY_MS, -1).start;
  const rows = rowsOf(
    recentFiles(where, files, now).filter(({ day }) => day.start >= from),
    files,
    now,
  );
  return { days: [...rows.days], doubts: rows.doubts, span: DAY_MS };
}

/**
 * Keeps the rows of past days in memory, for a page that is made anew after each result: only the files of the last days are read again. A
 * row takes about 150 bytes.
 */
export class RecentDays {
  readonly #where: Where;
  readonly #files: typeof fs;
  #past:
    | { readonly key: string; readonly days: readonly DayRows[]; readonly doubts: readonly string[] }
    | undefined;

  constructor(where: Where, files: typeof fs) {
    this.#where = where;
    this.#files = files;
  }

  /** The rows up to `now`, in ms since the epoch. Rejects with the system's error if the folder can't be read. */
  async rows(now: number): Promise<RecentRows & { readonly days: readonly DayRows[] }> {
    const all = recentFiles(this.#where, this.#files, now);
    const yesterday = dayOf(now, -1).start;
    const past = await this.#pastDays(all, yesterday, now);
    // A file may hold rows of the day after its own: see readDays.
    const last = rowsOf(
      all.filter(({ day }) => day.end >= yesterday),
      this.#files,
      now,
    );
    const days = [...last.days].filter(({ day }) => day.start >= yesterday);
    const doubts = [...new Set([...past.doubts, ...last.doubts()])];
    return { days: [...past.days, ...days], doubts: () => doubts };
  }

  async #pastDays(all: readonly DayFile[], yesterday: number, now: number) {
    // And of the day before its own.
    const files = all.filter(({ day }) => day.start <= yesterday);
    const key = [yesterday, ...files.map((file) => this.#versionOf(file, yesterday))].join('\n');
    if (this.#past?.key === key) return this.#past;
    const { days, doubts } = rowsOf(files, this.#files, now);
    const kept: DayRows[] = [];
    for (const day of days) {
      if (day.day.start < yesterday) kept.push(day);
      // A year of rows takes seconds: others have their turn after each day.
      await nextTurn();
    }
    this.#past = { key, days: kept, doubts: doubts() };
    return this.#past;
  }

  /** A text that differs when a day's rows or events have changed. What is written to the file of yesterday belongs to the last days. */
  #versionOf({ path: file, day }: DayFile, yesterday: number): string {
    if (day.start === yesterday) return file;
    const events = path.join(this.#where.dir, EVENTS_FOLDER, eventFileName(new Date(day.start)));
    const versions = [file, events].map((each) => {
      const found = this.#files.statSync(each, { throwIfNoEntry: false });
      return `${each} ${found?.size} ${found?.mtimeMs}`;
    });
    return versions.join(' ');
  }
}

function rowsOf(dayFiles: readonly DayFile[], files: typeof fs, now: number): RecentRows {
  const notes = createNotes(now);
  return { days: readDays(dayFiles, files, notes), doubts: () => doubtsInWords(notes) };
}

/** The files of the days that a status covers, with a margin of two days. */
function recentFiles(where: Where, files: typeof fs, now: number): readonly DayFile[] {
  const from = dayOf(now - Math.max(...WINDOWS), -2).start;
  const to = now + 2 * DAY_MS;
  return findDayFiles({ ...where, files }).filter(({ day }) => day.start >= from && day.start < to);
}
