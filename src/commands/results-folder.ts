import path from 'node:path';
import type { Config } from '../config/config.ts';
import type { Level, Log } from '../log/log.ts';
import { createLogger, type Logger } from '../log/logger.ts';
import { type CsvFile, csvFile } from '../results/csv-file.ts';
import { STATE_FOLDER } from '../state/store.ts';
import type { System } from '../system/system.ts';
import type { Screen } from '../ui/screen.ts';
import { withTerminal } from '../ui/terminal-log.ts';

/** The one log of a results folder, in two ways. */
export interface Logs {
  /** On a terminal its lines are seen too, elsewhere they go to stderr as well. */
  readonly log: Logger;
  /** For what the result says as well: a terminal shows the result, and not these lines. */
  readonly resultLog: Log;
}

/** The log of a results folder. `level`: asked at every line. */
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

/** The rows of a results folder. */
export function openRows({ logging }: Config, system: System, log: Log): CsvFile {
  return csvFile({ dir: logging.dir, file: logging.file, files: system.files, log });
}
