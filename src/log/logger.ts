import type fs from 'node:fs';
import path from 'node:path';
import { reason } from '../files/reason.ts';
import { type BoundedOutput, writeBounded } from '../files/write-output.ts';
import { LOG_CLOSE_MS } from '../model/limits.ts';
import { logLine } from './line.ts';
import { LEVELS, type Level, type Log } from './log.ts';
import { RotatingFile } from './rotating-file.ts';

/** The log of a results folder. Nothing here throws or rejects. */
export interface Logger extends Log {
  /** Why the log can't be written; `null` if it can, or if nothing was written yet. */
  fault(): string | null;
  /** Resolves when every line is on disk, after {@link LOG_CLOSE_MS} at the latest. Later lines go to stderr. */
  close(): Promise<void>;
}

/** The options of {@link createLogger}. */
export interface LoggerOptions {
  /** The folder of the log; created if it is missing. */
  readonly dir: string;
  /** Name of the log in `dir`. */
  readonly name: string;
  /** The minimum log level. Called for every line, because a reload may change it. */
  readonly level: () => Level;
  /** `DIR/.state`. */
  readonly stateDir: string;
  /** Whether to copy lines to stderr, for the journal or a terminal. Lines that can't be written to the file go there in any case. */
  readonly toStderr: boolean;
  /** Whether stderr gets only the first line of each message, none of level debug: for cron, which mails it. */
  readonly brief: boolean;
  readonly files: typeof fs;
  /** The wall clock. */
  now(): Date;
  /** Milliseconds on a clock that never steps. */
  monotonic(): number;
  /** Its errors (a dead terminal, a closed pipe) are ignored. */
  readonly stderr: Output;
  /** The size of a full file, in the format of winston-daily-rotate-file: `5m`. */
  readonly maxSize: string;
}

/** Time between two tries to open a log that can't be written, in ms. */
const RETRY_MS = 5000;

type Output = NodeJS.WritableStream & BoundedOutput;

/** Creates a logger. The first line opens the file. A failure to write shows in {@link Logger.fault}. */
export function createLogger(options: LoggerOptions): Logger {
  const { dir, name, toStderr, brief, now, monotonic } = options;
  const stderr = withoutErrors(options.stderr);
  const place = path.join(dir, name);
  let file: RotatingFile | null = null;
  let fault: string | null = null;
  let triedAt = 0;
  /** Number of lines that went only to stderr since `fault`. */
  let missed = 0;
  /** The first line of a log that was opened again: says why. */
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
          if (file === opened) closeFailed(error);
        },
        onSetAside: (aside) => {
          const line = logLine(now(), 'warning', `${place} was an ordinary file, renamed to ${aside}`);
          if (toStderr) toStderrNow(line);
          opened.write('warning', line);
        },
      });
      file = opened;
    } catch (error) {
      closeFailed(error);
    }
    return file;
  }

  function closeFailed(error: unknown): void {
    const failed = file;
    file = null;
    const first = fault === null;
    fault = `the log ${place} can't be written: ${reason(error)}`;
    if (first) {
      missed = 0;
      toStderrNow(logLine(now(), 'error', `${fault}; its lines go to stderr until it can`));
    }
    for (const line of failed?.unwritten() ?? []) if (line !== announcement) divert(line);
    void failed?.end();
  }

  /** Returns the file, and opens it if that is due; `null` if it can't be written. */
  function ready(): RotatingFile | null {
    if (file?.intact()) return file;
    const was = fault;
    if (file !== null) {
      void file.end();
      file = null;
      announcement = `The log ${place} was deleted, moved or replaced by another program and is created again`;
    } else if (was === null) {
      return open();
    } else if (monotonic() - triedAt >= RETRY_MS) {
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
    if (toStderr && !brief) toStderrNow(line);
    if (toStderr && brief && level !== 'debug') toStderrNow(line.split('\n', 1)[0] ?? '');
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

const silencedStreams = new WeakSet<NodeJS.WritableStream>();

/** Makes sure, once for each stream, that its errors (EPIPE, EIO) don't end the process. */
function withoutErrors(stream: Output): Output {
  if (!silencedStreams.has(stream)) stream.on('error', () => {});
  silencedStreams.add(stream);
  return stream;
}
