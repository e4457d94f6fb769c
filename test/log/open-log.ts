import fs from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { createLogger, type Logger, type LoggerOptions } from '../../src/log/logger.ts';

/** A log under test, with a clock that stands still and what it wrote to stderr. */
export interface OpenLog {
  readonly log: Logger;
  /** Milliseconds of its monotonic clock. */
  readonly clock: { ms: number };
  /** What went to stderr so far. */
  stderr(): string;
  /** The messages in all its files, oldest first, each `LEVEL - message`; closes the log before it reads. */
  messages(): Promise<string[]>;
}

/** Opens a log in `dir`. */
export function openLog(dir: string, options: Partial<LoggerOptions> = {}): OpenLog {
  const clock = { ms: 0 };
  let written = '';
  const stderr = new Writable({
    write: (chunk, _encoding, done) => {
      written += String(chunk);
      done();
    },
  });
  const log = createLogger({
    dir,
    name: 'monitoring.log',
    level: () => 'debug',
    maxSize: '5m',
    stateDir: path.join(dir, '.state'),
    toStderr: false,
    brief: false,
    files: fs,
    now: () => new Date(2018, 10, 14, 5, 18, 6, 378),
    monotonic: () => clock.ms,
    stderr,
    ...options,
  });
  return {
    log,
    clock,
    stderr: () => written,
    messages: async () => {
      await log.close();
      return logFiles(dir).flatMap((name) => messagesOf(fs.readFileSync(path.join(dir, name), 'utf8')));
    },
  };
}

/** The log's files in `dir`, oldest first. */
export function logFiles(dir: string): string[] {
  const count = (name: string) => Number(/\.(\d+)\.log$/.exec(name)?.[1] ?? 0);
  return fs
    .readdirSync(dir)
    .filter((name) => /^monitoring-\d{4}(\.\d+)?\.log$/.test(name))
    .sort((a, b) => count(a) - count(b));
}

/** The lines of a text of log entries, without time and name; a cut or unknown line shows as it is. */
export function messagesOf(text: string): string[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error(`torn: ${text.slice(-100)}`);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^=[-\d]{10} [\d:]{8},\d{3} - vpn-monitor - /, ''));
}
