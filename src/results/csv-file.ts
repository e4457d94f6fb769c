import path from 'node:path';
import { reason } from '../files/reason.ts';
import type { Log } from '../log/log.ts';
import type { Row } from './csv-row.ts';
import { csvFileName } from './file-name.ts';
import { RowWriter, type RowWriterOptions } from './row-writer.ts';

/** The daily CSV files. No method throws: rows that can't be written wait in memory. */
export interface CsvFile {
  /**
   * Puts a row on disk (fsync), in the file of its own local date. If that fails, the row waits behind the others, at most
   * {@link MOST_WAITING} in all; beyond that the oldest is lost, and the log says which.
   */
  append(row: Row): void;
  /** Tries to write the waiting rows. */
  retry(): void;
  /** Tries a last time, at the end of the program; logs the rows that are lost. */
  close(): void;
  /** The number of waiting rows. */
  readonly pending: number;
  /** Why rows can't be written, in words; `null` while they can. */
  readonly fault: string | null;
}

/** Most rows that wait in memory. */
export const MOST_WAITING = 10_000;

/** Rows that share one fsync when many wait: a slow disk needs 30 ms for each. */
const BATCH = 100;

/** Returns the daily CSV files of a results folder. Opens none before the first row. */
export function csvFile(options: RowWriterOptions): CsvFile {
  return new DailyCsvFiles(options);
}

class DailyCsvFiles implements CsvFile {
  readonly #dir: string;
  readonly #file: string;
  readonly #log: Log;
  readonly #writer: RowWriter;
  readonly #waiting: Row[] = [];
  #fault: string | null = null;

  constructor(options: RowWriterOptions) {
    this.#dir = options.dir;
    this.#file = options.file;
    this.#log = options.log;
    this.#writer = new RowWriter(options);
  }

  append(row: Row): void {
    this.#waiting.push(row);
    this.retry();
    for (const lost of this.#waiting.splice(0, this.#waiting.length - MOST_WAITING)) {
      this.#log.error(`More than ${MOST_WAITING} rows wait; the oldest is lost: ${lost.line.trimEnd()}`);
    }
  }

  retry(): void {
    for (let batch = this.#nextBatch(); batch !== null; batch = this.#nextBatch()) {
      try {
        this.#waiting.splice(0, this.#writeMost(batch.target, batch.rows));
      } catch (error) {
        const isFirst = this.#fault === null;
        this.#fault = `rows can't be written to ${batch.target}: ${reason(error)}`;
        if (isFirst) this.#log.error(`${this.#fault}; they wait in memory`);
        return;
      }
    }
    if (this.#fault !== null) {
      this.#log.warning('Rows can be written again; all rows that waited are in their files');
    }
    this.#fault = null;
  }

  close(): void {
    this.retry();
    for (const lost of this.#waiting.splice(0)) this.#log.error(`Row lost: ${lost.line.trimEnd()}`);
  }

  get pending(): number {
    return this.#waiting.length;
  }

  get fault(): string | null {
    return this.#fault;
  }

  /** Returns the oldest waiting rows of one file, at most {@link BATCH}; `null` if none wait. */
  #nextBatch(): { readonly target: string; readonly rows: readonly Row[] } | null {
    const [oldest] = this.#waiting;
    if (oldest === undefined) return null;
    const name = csvFileName(this.#file, oldest.time);
    const end = this.#waiting.slice(0, BATCH).findIndex((row) => csvFileName(this.#file, row.time) !== name);
    return { target: path.join(this.#dir, name), rows: this.#waiting.slice(0, end === -1 ? BATCH : end) };
  }

  /** Writes all `rows`, or the first one if there is no room for all. Returns how many it wrote. */
  #writeMost(target: string, rows: readonly Row[]): number {
    try {
      this.#writer.append(target, rows);
      return rows.length;
    } catch (error) {
      if (rows.length === 1) throw error;
      this.#writer.append(target, rows.slice(0, 1));
      return 1;
    }
  }
}
