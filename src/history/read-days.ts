import type fs from 'node:fs';
import path from 'node:path';
import { readLines } from '../files/read-lines.ts';
import { reason } from '../files/reason.ts';
import { dayOf, type LocalDay } from '../model/local-day.ts';
import { isWholeRow } from '../results/csv-row.ts';
import { dayOfFile } from '../results/file-name.ts';
import type { Measurement } from './measurement.ts';
import { type ParsedRow, parseRow, type RowReader } from './parse-row.ts';
import { type EventsOfTest, readEvents } from './read-events.ts';
import { describeLine, type InvalidLines, LATER_MS, noteInvalid, type ReadNotes } from './read-notes.ts';
import { rowTimeReader } from './row-time.ts';

/** One CSV file of a results folder. */
export interface DayFile {
  readonly path: string;
  /** The day in its name. */
  readonly day: LocalDay;
}

/** The rows of one local day, ordered by time. */
export interface DayRows {
  readonly day: LocalDay;
  readonly rows: readonly Measurement[];
}

/** Where the CSV files are. */
export interface DayFilesOptions {
  /** The results folder. */
  readonly dir: string;
  /** Base name of the files: `FILE_YYMMDD.csv`. */
  readonly file: string;
  readonly files: typeof fs;
}

/** Returns the CSV files of a results folder, ordered by day; none if there is no folder. Throws the system's error. */
export function findDayFiles({ dir, file, files }: DayFilesOptions): readonly DayFile[] {
  let names: readonly string[];
  try {
    names = files.readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .flatMap((name) => {
      const day = dayOfFile(file, name);
      return day === null ? [] : [{ path: path.join(dir, name), day }];
    })
    .sort((a, b) => a.day.start - b.day.start);
}

/**
 * Yields the rows of CSV files with their events, one local day after the other, by the rows' own times: the script changed files at midnight UTC, so
 * a file may hold rows of the day before and after. Keeps one file in memory. Never throws: notes a file that can't be read.
 *
 * @param notes gets the counts of rows and of problems
 */
export function* readDays(
  dayFiles: readonly DayFile[],
  files: typeof fs,
  notes: ReadNotes,
): Generator<DayRows> {
  const names = new Map<string, string>();
  const nameOf = (name: string) => sameString(name, names);
  let held: readonly Measurement[] = [];
  for (const dayFile of dayFiles) {
    const read = keepNear(dayFile, readFile(dayFile, files, notes, nameOf), notes);
    const eventsOf = readEvents(path.dirname(dayFile.path), dayFile.day, { files, notes });
    held = held.concat(withEvents(read, eventsOf));
    // Files of later days hold no rows from before this day.
    yield* byDay(ordered(held.filter((row) => row.time < dayFile.day.start)), notes);
    held = held.filter((row) => row.time >= dayFile.day.start);
  }
  yield* byDay(ordered(held), notes);
}

function withEvents(rows: readonly Measurement[], eventsOf: EventsOfTest): readonly Measurement[] {
  return rows.map((row) => {
    const events = eventsOf(row.site, row.time);
    return events === undefined ? row : { ...row, events };
  });
}

function ordered(rows: readonly Measurement[]): readonly Measurement[] {
  return rows.toSorted((a, b) => a.time - b.time);
}

/** Returns the rows of a file, in its order. */
function readFile(
  { path: file }: DayFile,
  files: typeof fs,
  notes: ReadNotes,
  nameOf: RowReader['nameOf'],
): Measurement[] {
  const reader: RowReader = { readTime: rowTimeReader(), nameOf };
  const name = path.basename(file);
  if (!/\.csv(?:\.set-aside(?:-\d+)?)?$/.test(name)) {
    notes.unread.push(`${name}: it is compressed: unpack it`);
    return [];
  }
  const rows: Measurement[] = [];
  const invalid: InvalidLines = { count: 0, first: '' };
  let before: number | null = null;
  let number = 0;
  try {
    for (const { text, ended } of readLines(files, file)) {
      number += 1;
      const parsed: ParsedRow | 'header' | null =
        ended || isWholeRow(text) ? parseRow(text, reader, before) : null;
      if (parsed === null) {
        if (text === '') continue;
        invalid.count += 1;
        if (invalid.count === 1) invalid.first = describeLine(name, number, text);
        continue;
      }
      if (parsed === 'header') continue;
      before = parsed.row.time;
      if (parsed.doubt !== null) notes[parsed.doubt] += 1;
      rows.push(parsed.row);
    }
  } catch (error) {
    notes.unread.push(`${name}: ${reason(error)}`);
    return rows;
  }
  if (invalid.count > 0) noteInvalid(notes, name, invalid, rows.length);
  return rows;
}

function sameString(name: string, names: Map<string, string>): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  names.set(name, name);
  return name;
}

/** Drops rows that do not belong in a file, whichever time zone its days follow. */
function keepNear({ day }: DayFile, rows: readonly Measurement[], notes: ReadNotes): readonly Measurement[] {
  const [from, to] = [dayOf(day.start, -1).start, dayOf(day.start, 1).end];
  const near = rows.filter(({ time }) => time >= from && time < to);
  notes.otherDay += rows.length - near.length;
  return near;
}

/** Groups ordered rows by day, and drops repeated ones. */
function* byDay(rows: readonly Measurement[], notes: ReadNotes): Generator<DayRows> {
  let day: LocalDay | null = null;
  let ofDay: Measurement[] = [];
  const last = new Map<string, Measurement>();
  for (const row of rows) {
    if (day === null || row.time >= day.end) {
      if (day !== null) yield { day, rows: ofDay };
      day = dayOf(row.time);
      ofDay = [];
    }
    if (isSame(last.get(row.site), row)) {
      notes.repeated += 1;
      continue;
    }
    last.set(row.site, row);
    notes.rows += 1;
    if (row.time > notes.now + LATER_MS) notes.later += 1;
    ofDay.push(row);
  }
  if (day !== null) yield { day, rows: ofDay };
}

function isSame(a: Measurement | undefined, b: Measurement): boolean {
  return a?.time === b.time && a.stages.every((value, index) => value === b.stages[index]);
}
