import type fs from 'node:fs';
import path from 'node:path';
import { lastLineStart, openForAppend } from '../files/append.ts';
import { makeFolder, syncFolder } from '../files/folder.ts';
import { readAt, writeWhole } from '../files/read-write.ts';
import { reason } from '../files/reason.ts';
import type { Log } from '../log/log.ts';
import { printable } from '../words/printable.ts';
import { csvFileName, isCsvFileName } from './file-name.ts';
import { HEADER, isWholeRow, type Row } from './row.ts';

/** The daily CSV files. Nothing here throws: what can't be written waits. */
export interface CsvFile {
  /**
   * Puts a row on disk (fsync), in the file of its own local date. If that fails, it waits behind those that wait
   * already, at most {@link MOST_WAITING}; of more than that the oldest is lost, and the log says which.
   */
  append(row: Row): void;
  /** Tries to write what waits. */
  retry(): void;
  /** For the end of the program: a last try; the log then holds the rows that are lost. */
  close(): void;
  /** How many rows wait. */
  readonly pending: number;
  /** Why rows can't be written, in words; `null` while they can. */
  readonly fault: string | null;
}

/** What {@link csvFile} needs. */
export interface CsvFileOptions {
  /** The results folder; made when it is missing, also later. */
  readonly dir: string;
  /** Base name of the files: `FILE_YYMMDD.csv`. */
  readonly file: string;
  readonly files: typeof fs;
  readonly log: Log;
}

/** Rows that wait in memory while they can't be written. */
export const MOST_WAITING = 10_000;

/** Longer than any row, in bytes: a name has 1000 characters at most. */
const LONGEST_ROW = 16 * 1024;

/** Rows that share one fsync when many have waited: a slow disk needs 30 ms for each. */
const BATCH = 100;

/** Opens nothing yet: each row finds its file by itself, so that it may be moved, deleted or edited in between. */
export function csvFile({ dir, file, files, log }: CsvFileOptions): CsvFile {
  const waiting: Row[] = [];
  let fault: string | null = null;
  const headerSeen = new Set<string>();
  let othersMended = false;
  /** Where a row may stand in part, because it could not be taken back either. */
  let halfWritten: { readonly target: string; readonly length: number } | null = null;

  /** All of `rows`, which belong into `target`, or none of them. */
  function write(target: string, rows: readonly Row[]): void {
    makeFolder(files, dir);
    const fd = openForAppend(files, target, 0o644);
    try {
      takeBack(target, fd);
      const length = mendEnd(target, fd);
      checkHeader(target, fd, length);
      const lines = rows.map((row) => row.line).join('');
      halfWritten = { target, length };
      try {
        writeWhole(files, fd, Buffer.from(length === 0 ? `${HEADER}\n${lines}` : lines));
        files.fsyncSync(fd);
        if (length === 0) syncFolder(files, dir);
        halfWritten = null;
      } catch (error) {
        takeBack(target, fd);
        throw error;
      }
    } finally {
      closeQuietly(fd);
    }
    if (!othersMended) mendOthers(target);
  }

  /** A kill may have torn the last row of another day's file, to which no row would ever come again. */
  function mendOthers(target: string): void {
    othersMended = true;
    try {
      for (const name of files.readdirSync(dir)) {
        const other = path.join(dir, name);
        if (other !== target && isCsvFileName(file, name)) mendOther(other);
      }
    } catch {
      // The rows of today are what matters.
    }
  }

  function mendOther(other: string): void {
    const fd = openForAppend(files, other, 0o644);
    try {
      const { size } = files.fstatSync(fd);
      if (mendEnd(other, fd) !== size) files.fsyncSync(fd);
    } finally {
      closeQuietly(fd);
    }
  }

  function takeBack(target: string, fd: number): void {
    if (halfWritten?.target !== target) return;
    try {
      if (files.fstatSync(fd).size > halfWritten.length) files.ftruncateSync(fd, halfWritten.length);
      halfWritten = null;
    } catch {
      // The next try begins with it.
    }
  }

  /** Completes or cuts off a last line that lost its end (power loss, kill); returns the length of the file. */
  function mendEnd(target: string, fd: number): number {
    const { size } = files.fstatSync(fd);
    const start = lastLineStart(files, fd, size);
    if (start === size) return size;
    const line = readAt(files, fd, start, Math.min(size - start, LONGEST_ROW)).toString('utf8');
    const shown = printable(line.slice(0, 200));
    if (size - start <= LONGEST_ROW && isWholeRow(line.replace(/\r$/, ''))) {
      writeWhole(files, fd, Buffer.from('\n'));
      log.warning(`${target}: the last row had no line end, completed: ${shown}`);
      return size + 1;
    }
    files.ftruncateSync(fd, start);
    log.warning(`${target}: the last row was torn, cut off (${size - start} bytes): ${shown}`);
    return start;
  }

  function checkHeader(target: string, fd: number, length: number): void {
    if (length === 0 || headerSeen.has(target)) return;
    headerSeen.add(target);
    const [first = ''] = readAt(files, fd, 0, 512).toString('utf8').split('\n');
    if (first.replace(/\r$/, '') === HEADER) return;
    log.warning(`${target}: another header than ours, rows are appended all the same: ${printable(first)}`);
  }

  function closeQuietly(fd: number): void {
    try {
      files.closeSync(fd);
    } catch {
      // After an fsync that succeeded there is nothing left for close to fail at.
    }
  }

  /** The oldest rows that wait for the same file. */
  function nextBatch(): { readonly target: string; readonly rows: readonly Row[] } | null {
    const [oldest] = waiting;
    if (oldest === undefined) return null;
    const name = csvFileName(file, oldest.time);
    const end = waiting.slice(0, BATCH).findIndex((row) => csvFileName(file, row.time) !== name);
    return { target: path.join(dir, name), rows: waiting.slice(0, end === -1 ? BATCH : end) };
  }

  function flush(): void {
    for (let batch = nextBatch(); batch !== null; batch = nextBatch()) {
      try {
        waiting.splice(0, writeMost(batch.target, batch.rows));
      } catch (error) {
        const first = fault === null;
        fault = `rows can't be written to ${batch.target}: ${reason(error)}`;
        if (first) log.error(`${fault}; they wait in memory`);
        return;
      }
    }
    if (fault !== null) log.warning('Rows can be written again, all that waited are in their files');
    fault = null;
  }

  /** Writes `rows`, or the oldest of them where there is no room for all. */
  function writeMost(target: string, rows: readonly Row[]): number {
    try {
      write(target, rows);
      return rows.length;
    } catch (error) {
      if (rows.length === 1) throw error;
      write(target, rows.slice(0, 1));
      return 1;
    }
  }

  return {
    append: (row) => {
      waiting.push(row);
      flush();
      for (const lost of waiting.splice(0, waiting.length - MOST_WAITING)) {
        log.error(`More than ${MOST_WAITING} rows wait, the oldest is lost: ${lost.line.trimEnd()}`);
      }
    },
    retry: flush,
    close: () => {
      flush();
      for (const lost of waiting.splice(0)) log.error(`Row lost: ${lost.line.trimEnd()}`);
    },
    get pending() {
      return waiting.length;
    },
    get fault() {
      return fault;
    },
  };
}
