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

/** Opens the log of a results folder. `level` is called for every line, because a reload may change it. */
export function openLogs({ logging }: Config, system: System, screen: Screen, level: () => Level): Logs {
  const resultLog = createLogger({
    dir: logging.dir,
    name: logging.log,
    stateDir: path.join(logging.dir, STATE_FOLDER),
    maxSize: '5m',
    level,
    toStderr: !screen.live,
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
