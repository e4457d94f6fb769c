import type fs from 'node:fs';
import path from 'node:path';
import { lastLineStart, openForAppend } from '../files/append.ts';
import { makeFolder, syncFolder } from '../files/folder.ts';
import { readAt, writeWhole } from '../files/read-write.ts';
import type { Log } from '../log/log.ts';
import { printable } from '../words/printable.ts';
import { HEADER, isWholeRow, type Row } from './csv-row.ts';
import { isCsvFileName } from './file-name.ts';

/** What a {@link RowWriter} needs. */
export interface RowWriterOptions {
  /** The results folder; created whenever it is missing. */
  readonly dir: string;
  /** Base name of the files: `FILE_YYMMDD.csv`. */
  readonly file: string;
  readonly files: typeof fs;
  readonly log: Log;
}

/** Longest row, in bytes: a name has at most 1000 characters. */
const LONGEST_ROW = 16 * 1024;

/**
 * Appends rows to the CSV files of a results folder. Opens the file for each call, so that files may be moved, deleted or edited
 * between two calls.
 */
export class RowWriter {
  readonly #dir: string;
  readonly #file: string;
  readonly #files: typeof fs;
  readonly #log: Log;
  readonly #headerSeen = new Set<string>();
  #othersRepaired = false;
  /** The file that may hold part of a row, because removing it failed too, and its length without that part. */
  #halfWritten: { readonly target: string; readonly length: number } | null = null;

  constructor({ dir, file, files, log }: RowWriterOptions) {
    this.#dir = dir;
    this.#file = file;
    this.#files = files;
    this.#log = log;
  }

  /** Puts all `rows` on disk (fsync) at the end of `target`, or none of them. Throws the system's error. */
  append(target: string, rows: readonly Row[]): void {
    makeFolder(this.#files, this.#dir);
    const fd = openForAppend(this.#files, target, 0o644);
    try {
      this.#removeHalfRow(target, fd);
      const length = this.#repairEnd(target, fd);
      this.#checkHeader(target, fd, length);
      const lines = rows.map((row) => row.line).join('');
      this.#halfWritten = { target, length };
      try {
        writeWhole(this.#files, fd, Buffer.from(length === 0 ? `${HEADER}\n${lines}` : lines));
        this.#files.fsyncSync(fd);
        if (length === 0) syncFolder(this.#files, this.#dir);
        this.#halfWritten = null;
      } catch (error) {
        this.#removeHalfRow(target, fd);
        throw error;
      }
    } finally {
      this.#closeQuietly(fd);
    }
    if (!this.#othersRepaired) this.#repairOthers(target);
  }

  /** Repairs the files of other days, once: a kill may have torn the last row of a file that gets no further rows. */
  #repairOthers(target: string): void {
    this.#othersRepaired = true;
    try {
      for (const name of this.#files.readdirSync(this.#dir)) {
        const other = path.join(this.#dir, name);
        if (other !== target && isCsvFileName(this.#file, name)) this.#repair(other);
      }
    } catch {
      // Old files must not keep today's rows from being written.
    }
  }

  #repair(target: string): void {
    const fd = openForAppend(this.#files, target, 0o644);
    try {
      const { size } = this.#files.fstatSync(fd);
      if (this.#repairEnd(target, fd) !== size) this.#files.fsyncSync(fd);
    } finally {
      this.#closeQuietly(fd);
    }
  }

  #removeHalfRow(target: string, fd: number): void {
    const half = this.#halfWritten;
    if (half?.target !== target) return;
    try {
      if (this.#files.fstatSync(fd).size > half.length) this.#files.ftruncateSync(fd, half.length);
      this.#halfWritten = null;
    } catch {
      // The next append tries it again first.
    }
  }

  /** Completes or cuts off a last line that has no line end, after a power loss or kill. Returns the length of the file. */
  #repairEnd(target: string, fd: number): number {
    const { size } = this.#files.fstatSync(fd);
    const start = lastLineStart(this.#files, fd, size);
    if (start === size) return size;
    const line = readAt(this.#files, fd, start, Math.min(size - start, LONGEST_ROW)).toString('utf8');
    const shown = printable(line.slice(0, 200));
    if (size - start <= LONGEST_ROW && isWholeRow(line.replace(/\r$/, ''))) {
      writeWhole(this.#files, fd, Buffer.from('\n'));
      this.#log.warning(`${target}: the last row had no line end and was completed: ${shown}`);
      return size + 1;
    }
    this.#files.ftruncateSync(fd, start);
    this.#log.warning(`${target}: the last row was torn and was cut off (${size - start} bytes): ${shown}`);
    return start;
  }

  #checkHeader(target: string, fd: number, length: number): void {
    if (length === 0 || this.#headerSeen.has(target)) return;
    this.#headerSeen.add(target);
    const [first = ''] = readAt(this.#files, fd, 0, 512).toString('utf8').split('\n');
    if (first.replace(/\r$/, '') === HEADER) return;
    this.#log.warning(
      `${target}: the header is not that of vpn-monitor; rows are appended anyway: ${printable(first)}`,
    );
  }

  #closeQuietly(fd: number): void {
    try {
      this.#files.closeSync(fd);
    } catch {
      // After a successful fsync, an error of close means nothing.
    }
  }
}
