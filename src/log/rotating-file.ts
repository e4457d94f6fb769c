import type fs from 'node:fs';
import path from 'node:path';
import winston from 'winston';
import DailyRotateFile from 'winston-daily-rotate-file';
import { openForAppend } from '../files/append.ts';
import { makeFolder } from '../files/folder.ts';
import { makePrivateFolder } from '../files/private-folder.ts';
import { readAt, writeWhole } from '../files/read-write.ts';
import { replaceFile } from '../files/replace-file.ts';
import { LEVELS, type Level } from './log.ts';
import { auditOf, logFilesAmong, logNames, pointLink } from './log-folder.ts';
import { syncFileSystem } from './sync-file-system.ts';

/** What {@link RotatingFile} needs. */
export interface RotatingFileOptions {
  /** The results folder; made if it is missing. */
  readonly dir: string;
  /** Name of the log in `dir`. */
  readonly name: string;
  /** `DIR/.state`: holds the list of log files. */
  readonly stateDir: string;
  readonly files: typeof fs;
  /** A file is full after this, as winston-daily-rotate-file writes it: `5m`. */
  readonly maxSize: string;
  /** A line is in the file. */
  readonly onWritten: () => void;
  /** The file can't be written; the instance is of no more use but for {@link RotatingFile.unwritten}. */
  readonly onError: (error: unknown) => void;
  /** A file that stood in the place of the log was renamed to `name`. */
  readonly onSetAside: (name: string) => void;
}

/** Files of a log that are kept. */
const KEPT = 10;

const LEVEL_NUMBERS = Object.fromEntries([...LEVELS].reverse().map((level, index) => [level, index]));

/**
 * The log on disk, by winston and winston-daily-rotate-file.
 *
 * Its bytes go through our own open and write: a line is in the file when `write` returns (but for the first moment,
 * while the file is opened), is there whole or not at all, and a line that failed is known. The libraries
 * themselves report an error long after they have taken the lines, and lose them.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #waiting: string[] = [];
  readonly #transport: DailyRotateFile;
  readonly #logger: winston.Logger;
  readonly #folder: number;
  /** The file being written, once it is open. */
  #current: { readonly dev: number; readonly ino: number } | undefined;
  #failed = false;
  #streams = 1;
  #whenIdle = () => {};
  #ending: Promise<void> | undefined;

  /** Throws what keeps the log from being opened, if that shows at once. */
  constructor(options: RotatingFileOptions) {
    this.#options = options;
    const { dir, files, stateDir, maxSize } = options;
    const names = logNames(options.name);
    const auditFile = path.join(stateDir, 'log-files.json');
    makeFolder(files, dir);
    makePrivateFolder(files, stateDir);
    const fileSystem = syncFileSystem(
      files,
      { open: (file) => this.#open(file), write: (fd, bytes) => this.#write(fd, bytes) },
      (error) => this.#fail(error),
    );
    this.#folder = files.openSync(dir, files.constants.O_RDONLY | files.constants.O_DIRECTORY);
    try {
      // By its descriptor: the libraries stumble over `[`, `(`, `+`, `<`, `%DATE%` and more in a folder's name.
      const folder = `/proc/self/fd/${this.#folder}`;
      const list = auditOf(folder, logFilesAmong(files.readdirSync(dir), names), auditFile);
      replaceFile(files, auditFile, list, 0o600);
      this.#transport = new DailyRotateFile({
        dirname: folder,
        filename: `${names.stem}-%DATE%`,
        extension: names.extension,
        // A year: a day in the pattern would begin a new file every day.
        datePattern: 'YYYY',
        maxSize,
        maxFiles: KEPT,
        auditFile,
        options: { flags: 'a', mode: 0o640, flush: true, fs: fileSystem },
      });
    } catch (error) {
      files.closeSync(this.#folder);
      throw error;
    }
    this.#transport.on('rotate', () => this.#streams++);
    this.#transport.logStream.on('close', () => this.#closed());
    this.#transport.logStream.on('error', (error) => this.#fail(error));
    this.#transport.on('error', (error) => this.#fail(error));
    this.#logger = winston.createLogger({
      levels: LEVEL_NUMBERS,
      level: 'debug',
      format: winston.format.printf(({ message }) => String(message)),
      transports: [this.#transport],
    });
    this.#logger.on('error', (error) => this.#fail(error));
  }

  /** Writes a line, given without its line end. What goes wrong is told to `onError`, once. */
  write(level: Level, line: string): void {
    this.#waiting.push(line);
    try {
      this.#logger.log({ level, message: line });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Lines that are not in the file, in order. */
  unwritten(): readonly string[] {
    return this.#waiting;
  }

  /** Whether the name of the log still leads to the file that is written: it may have been deleted, moved or replaced. */
  intact(): boolean {
    if (this.#current === undefined) return true;
    const { dir, name, files } = this.#options;
    try {
      const found = files.statSync(path.join(dir, name), { throwIfNoEntry: false });
      return found?.ino === this.#current.ino && found.dev === this.#current.dev;
    } catch {
      return false;
    }
  }

  /** Resolves when every line is on disk (fsync) and the files are closed, or when that has failed. */
  end(): Promise<void> {
    this.#ending ??= this.#finish();
    return this.#ending;
  }

  async #finish(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#failed) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    while (this.#streams > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
        this.#transport.logStream.end();
      });
    }
  }

  #closed(): void {
    this.#streams--;
    if (this.#streams === 0) this.#options.files.closeSync(this.#folder);
    this.#whenIdle();
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.onError(error);
    this.#whenIdle();
  }

  #open(file: string): number {
    const { dir, files, name, onSetAside } = this.#options;
    const fd = openForAppend(files, file, 0o640);
    try {
      const found = files.fstatSync(fd);
      // A kill or a power loss may have torn the last line.
      if (found.size > 0 && readAt(files, fd, found.size - 1, 1)[0] !== 0x0a) {
        writeWhole(files, fd, Buffer.from('\n'));
      }
      this.#current = found;
      const aside = pointLink(files, dir, logNames(name), path.basename(file));
      if (aside !== null) onSetAside(aside);
    } catch (error) {
      files.closeSync(fd);
      throw error;
    }
    return fd;
  }

  #write(fd: number, bytes: Buffer): void {
    const { files, onWritten } = this.#options;
    if (this.#failed) throw new Error('an earlier line failed');
    const before = files.fstatSync(fd).size;
    try {
      writeWhole(files, fd, bytes);
    } catch (error) {
      files.ftruncateSync(fd, before);
      throw error;
    }
    this.#waiting.shift();
    if (this.#waiting.length === 0) this.#whenIdle();
    onWritten();
  }
}
