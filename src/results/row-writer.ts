import type fs from 'node:fs';
import { lastLineStart, openForAppend } from '../files/append.ts';
import { makeFolder, syncFolder } from '../files/folder.ts';
import { readAt, writeWhole } from '../files/read-write.ts';
import type { Log } from '../log/log.ts';
import { dayOf } from '../model/local-day.ts';
import { printable } from '../words/printable.ts';
import { beginOf, setAside } from './begin-of-file.ts';
import { HEADER, isWholeRow, LONGEST_ROW, type Row } from './csv-row.ts';
import { keepTorn } from './keep-torn.ts';

/** What a {@link RowWriter} needs. */
export interface RowWriterOptions {
  /** The results folder; created whenever it is missing. */
  readonly dir: string;
  /** Base name of the files: `FILE_YYMMDD.csv`. */
  readonly file: string;
  readonly files: typeof fs;
  readonly log: Log;
  readonly now: () => Date;
}

/** Characters of a line that the log quotes. */
const QUOTED = 200;

/**
 * Appends rows to the CSV files of a results folder. Opens the file for each call, so that files may be moved, deleted or edited
 * between two calls.
 *
 * Changes no other file than that of the rows, and keeps what it finds there: what must be cut off is appended to a file beside it, and
 * a file to which no rows can be appended is renamed. From a file of a past day, which gets a row after midnight, it cuts nothing.
 */
export class RowWriter {
  readonly #dir: string;
  readonly #files: typeof fs;
  readonly #log: Log;
  readonly #now: () => Date;
  /** The file that may hold part of `bytes` after its `length`, because removing that failed too. */
  #halfWritten: { readonly target: string; readonly length: number; readonly bytes: Buffer } | null = null;

  constructor({ dir, files, log, now }: RowWriterOptions) {
    this.#dir = dir;
    this.#files = files;
    this.#log = log;
    this.#now = now;
  }

  /** Puts all `rows`, which are of one day, on disk (fsync) at the end of `target`, or none of them. Throws the system's error. */
  append(target: string, rows: readonly Row[]): void {
    makeFolder(this.#files, this.#dir);
    const isPast = rows.some(({ time }) => dayOf(time.getTime()).end <= this.#now().getTime());
    const fd = this.#open(target, isPast);
    try {
      const length = this.#endLastLine(target, fd, isPast);
      const lines = rows.map((row) => row.line).join('');
      const bytes = Buffer.from(length === 0 ? `${HEADER}\n${lines}` : lines);
      this.#halfWritten = { target, length, bytes };
      try {
        writeWhole(this.#files, fd, bytes);
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
  }

  /** Opens `target`. If rows can't be appended to what it is, sets it aside and creates a new one. */
  #open(target: string, isPast: boolean): number {
    const fd = openForAppend(this.#files, target, 0o644);
    try {
      this.#removeHalfRow(target, fd);
      const { begin, line } = beginOf(this.#files, fd, this.#files.fstatSync(fd).size);
      if (begin === 'ours' || (begin === 'torn' && !isPast)) return fd;
      const aside = setAside(this.#files, target);
      this.#log.warning(
        `${target}: its first line is not the header of vpn-monitor. It was set aside as ${aside}, and a new file begins: ${printable(line.slice(0, QUOTED))}`,
      );
    } catch (error) {
      this.#closeQuietly(fd);
      throw error;
    }
    this.#closeQuietly(fd);
    return openForAppend(this.#files, target, 0o644);
  }

  /** Removes what an earlier call wrote of its rows, if it is still the end of the file. */
  #removeHalfRow(target: string, fd: number): void {
    const half = this.#halfWritten;
    if (half?.target !== target) return;
    try {
      const { size } = this.#files.fstatSync(fd);
      const written = size - half.length;
      const isOurs =
        written > 0 &&
        written <= half.bytes.length &&
        readAt(this.#files, fd, half.length, written).equals(half.bytes.subarray(0, written));
      if (isOurs) this.#files.ftruncateSync(fd, half.length);
      this.#halfWritten = null;
    } catch {
      // The next append tries it again first.
    }
  }

  /**
   * Ends a last line that has no line end, or cuts it off if it is torn, after a power loss or kill. Returns the length of the file.
   */
  #endLastLine(target: string, fd: number, isPast: boolean): number {
    const { size } = this.#files.fstatSync(fd);
    const start = lastLineStart(this.#files, fd, size);
    if (start === size) return size;
    const line = readAt(this.#files, fd, start, Math.min(size - start, LONGEST_ROW)).toString('utf8');
    const shown = printable(line.slice(0, QUOTED));
    const isWhole = size - start <= LONGEST_ROW && isWholeRow(line.replace(/\r$/, ''));
    if (isWhole || isPast) {
      writeWhole(this.#files, fd, Buffer.from('\n'));
      const what = isWhole
        ? 'the last row had no line end'
        : 'the last line is torn and stays in this file of a past day';
      this.#log.warning(`${target}: ${what}; a line end was added: ${shown}`);
      return size + 1;
    }
    const torn = keepTorn(this.#files, target, fd, { start, size });
    this.#files.ftruncateSync(fd, start);
    this.#log.warning(
      `${target}: the last row was torn and was moved to ${torn} (${size - start} bytes): ${shown}`,
    );
    return start;
  }

  #closeQuietly(fd: number): void {
    try {
      this.#files.closeSync(fd);
    } catch {
      // After a successful fsync, an error of close means nothing.
    }
  }
}
