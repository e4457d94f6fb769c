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

/** The options of {@link RotatingFile}. */
export interface RotatingFileOptions {
  /** The folder of the log; created if it is missing. */
  readonly dir: string;
  /** Name of the log in `dir`. */
  readonly name: string;
  /** `DIR/.state`, for the list of log files. */
  readonly stateDir: string;
  readonly files: typeof fs;
  /** The size of a full file, in the format of winston-daily-rotate-file: `5m`. */
  readonly maxSize: string;
  /** Called when a line is in the file. */
  readonly onWritten: () => void;
  /** Called once if the file can't be written. After that only {@link RotatingFile.unwritten} and `end` are of use. */
  readonly onError: (error: unknown) => void;
  /** Called when a file in the place of the log was renamed to `name`. */
  readonly onSetAside: (name: string) => void;
}

/** How many files of a log are kept. */
const KEPT = 10;

const LEVEL_NUMBERS = Object.fromEntries([...LEVELS].reverse().map((level, index) => [level, index]));

/**
 * The log on disk, written by winston and winston-daily-rotate-file through our own open and write. So a line is in the file when
 * `write` returns (except while the file is being opened), it is written whole or not at all, and a line that failed is known. By
 * themselves the libraries report an error long after they have accepted the lines, and drop them.
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

  /** Throws the system's error if the log can't be opened and that is known at once. */
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
      // By its descriptor: the libraries fail for a folder with `[`, `(`, `+`, `<`, `%DATE%` and more in its name.
      const folder = `/proc/self/fd/${this.#folder}`;
      const list = auditOf(folder, logFilesAmong(files.readdirSync(dir), names), auditFile);
      replaceFile(files, auditFile, list, 0o600);
      this.#transport = new DailyRotateFile({
        dirname: folder,
        filename: `${names.stem}-%DATE%`,
        extension: names.extension,
        // Only the year: with the day in the pattern, each day would begin a new file.
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

  /** Writes a line, given without its line end. The first error is passed to `onError`. */
  write(level: Level, line: string): void {
    this.#waiting.push(line);
    try {
      this.#logger.log({ level, message: line });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The lines that are not in the file, in order. */
  unwritten(): readonly string[] {
    return this.#waiting;
  }

  /** Whether the name of the log still points to the open file. It may have been deleted, moved or replaced. */
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

  /** Resolves when every line is on disk (fsync) and the files are closed, or after a failure. */
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
      // A kill or a power loss may have cut the last line.
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
