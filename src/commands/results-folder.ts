import path from 'node:path';
import type { Config } from '../config/config.ts';
import type { Level, Log } from '../log/log.ts';
import { createLogger, type Logger } from '../log/logger.ts';
import { type CsvFile, csvFile } from '../results/csv-file.ts';
import { STATE_FOLDER } from '../state/store.ts';
import type { System } from '../system/system.ts';
import type { Screen } from '../ui/screen.ts';
import { withTerminal } from '../ui/terminal-log.ts';

/** Two views of the log of a results folder. */
export interface Logs {
  /** Shows its lines on the terminal too; without a terminal, copies them to stderr. */
  readonly log: Logger;
  /** For lines that repeat what a test's result says. A terminal shows only the result. */
  readonly resultLog: Log;
}

/** What {@link openLogs} needs besides the config. */
export interface LogOptions {
  readonly screen: Screen;
  /** The minimum log level. Called for every line, because a reload may change it. */
  readonly level: () => Level;
  /** Whether stderr, where there is no terminal, gets only the first line of each message, none of level debug. */
  readonly brief: boolean;
}

/** Opens the log of a results folder. */
export function openLogs({ logging }: Config, system: System, { screen, level, brief }: LogOptions): Logs {
  const resultLog = createLogger({
    dir: path.dirname(logging.log),
    name: path.basename(logging.log),
    stateDir: path.join(logging.dir, STATE_FOLDER),
    maxSize: '5m',
    level,
    toStderr: !screen.live,
    brief,
    stderr: process.stderr,
    files: system.files,
    now: system.now,
    monotonic: system.monotonic,
  });
  return { log: screen.live ? withTerminal(resultLog, screen) : resultLog, resultLog };
}

/** Opens the CSV files of a results folder. */
export function openRows({ logging }: Config, system: System, log: Log): CsvFile {
  return csvFile({ dir: logging.dir, file: logging.file, files: system.files, log, now: system.now });
}
