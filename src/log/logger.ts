import type fs from 'node:fs';
import path from 'node:path';
import { reason } from '../files/reason.ts';
import { type BoundedOutput, writeBounded } from '../files/write-output.ts';
import { LOG_CLOSE_MS } from '../model/limits.ts';
import { logLine } from './line.ts';
import { LEVELS, type Level, type Log } from './log.ts';
import { RotatingFile } from './rotating-file.ts';

/** The log, and what the end of the program and its checks need of it. Nothing here throws or rejects. */
export interface Logger extends Log {
  /** Why the log can't be written, in words; `null` while it can (or nothing was written yet). */
  fault(): string | null;
  /** Resolves when every line is on disk, after {@link LOG_CLOSE_MS} at the latest. What is logged later goes to stderr. */
  close(): Promise<void>;
}

/** What {@link createLogger} needs. */
export interface LoggerOptions {
  /** The results folder; made if it is missing. */
  readonly dir: string;
  /** Name of the log in `dir` (`logging.log`). */
  readonly name: string;
  /** What is less important than this is left out; asked at every line, since a reload may change it. */
  readonly level: () => Level;
  /** `DIR/.state`. */
  readonly stateDir: string;
  /** Also to stderr, for the journal or a terminal. What can't be written to the file goes there in any case. */
  readonly toStderr: boolean;
  readonly files: typeof fs;
  /** The wall clock. */
  now(): Date;
  /** Milliseconds on a clock that never steps. */
  monotonic(): number;
  /** Its errors (a dead terminal, a closed pipe) are of no consequence. */
  readonly stderr: Output;
  /** A file is full after this, as winston-daily-rotate-file takes it: `5m`. */
  readonly maxSize: string;
}

/** Milliseconds between two tries to open a log that could not be written. */
const PAUSE = 5000;

type Output = NodeJS.WritableStream & BoundedOutput;

/** Opens nothing yet: the first line does, and every fault shows in {@link Logger.fault}. */
export function createLogger(options: LoggerOptions): Logger {
  const { dir, name, toStderr, now, monotonic } = options;
  const stderr = fenced(options.stderr);
  const place = path.join(dir, name);
  let file: RotatingFile | null = null;
  let fault: string | null = null;
  let triedAt = 0;
  /** Lines that the log lacks since `fault`, and the line that will say so. */
  let missed = 0;
  let announcement = '';
  let closed = false;

  const toStderrNow = (line: string) => writeBounded(stderr, `${line}\n`);

  const divert = (line: string) => {
    missed++;
    if (!toStderr) toStderrNow(line);
  };

  function open(): RotatingFile | null {
    triedAt = monotonic();
    try {
      const opened: RotatingFile = new RotatingFile({
        ...options,
        onWritten: () => {
          if (file === opened) fault = null;
        },
        onError: (error) => {
          if (file === opened) lose(error);
        },
        onSetAside: (aside) => {
          const line = logLine(now(), 'warning', `${place} was a file of its own, renamed to ${aside}`);
          if (toStderr) toStderrNow(line);
          opened.write('warning', line);
        },
      });
      file = opened;
    } catch (error) {
      lose(error);
    }
    return file;
  }

  function lose(error: unknown): void {
    const lost = file;
    file = null;
    const first = fault === null;
    fault = `the log ${place} can't be written: ${reason(error)}`;
    if (first) {
      missed = 0;
      toStderrNow(logLine(now(), 'error', `${fault}; its lines go to stderr until it can`));
    }
    for (const line of lost?.unwritten() ?? []) if (line !== announcement) divert(line);
    void lost?.end();
  }

  /** The log, opened if that is due; what has happened to it is then its first line. */
  function ready(): RotatingFile | null {
    if (file?.intact()) return file;
    const was = fault;
    if (file !== null) {
      void file.end();
      file = null;
      announcement = `The log ${place} was deleted, moved or replaced from outside and is made again`;
    } else if (was === null) {
      return open();
    } else if (monotonic() - triedAt >= PAUSE) {
      announcement = `The log can be written again; ${missed} lines went to stderr only: ${was}`;
    } else {
      return null;
    }
    announcement = logLine(now(), 'warning', announcement);
    open()?.write('warning', announcement);
    return file;
  }

  function entry(level: Level, message: string): void {
    const line = logLine(now(), level, message);
    if (toStderr) toStderrNow(line);
    const target = closed ? null : ready();
    if (target === null) divert(line);
    else target.write(level, line);
  }

  const at = (level: Level) => (message: string) => {
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(options.level())) entry(level, message);
  };

  async function close(): Promise<void> {
    closed = true;
    const last = file;
    if (last === null) return;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LOG_CLOSE_MS);
    });
    await Promise.race([last.end(), deadline]);
    clearTimeout(timer);
    if (file === last) last.unwritten().forEach(divert);
    file = null;
  }

  return {
    debug: at('debug'),
    info: at('info'),
    warning: at('warning'),
    error: at('error'),
    critical: at('critical'),
    fault: () => fault,
    close,
  };
}

const fencedStreams = new WeakSet<NodeJS.WritableStream>();

/** A stream whose errors (EPIPE, EIO) don't end the process. */
function fenced(stream: Output): Output {
  if (!fencedStreams.has(stream)) stream.on('error', () => {});
  fencedStreams.add(stream);
  return stream;
}
