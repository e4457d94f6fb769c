import path from 'node:path';
import { type Config, secretsOf } from './config/config.ts';
import { dnsChecker } from './host/dns.ts';
import { leftoverKiller } from './host/leftovers.ts';
import { networkKeeper } from './host/network.ts';
import { networkNotes } from './host/network-note.ts';
import type { Level, Log } from './log/log.ts';
import { createLogger, type Logger } from './log/logger.ts';
import { createRedactor } from './log/redact.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Progress } from './progress.ts';
import { type CsvFile, csvFile } from './results/csv-file.ts';
import { type DnsNote, STATE_FOLDER } from './state.ts';
import type { System } from './system.ts';
import type { TurnContext } from './turn.ts';

/** What a command says about how it tests. */
export interface TestOptions {
  readonly config: Config;
  readonly system: System;
  readonly log: Log;
  /** For what is done to the host; on a terminal that is seen, while what a test finds is in its result's line. */
  readonly hostLog: Log;
  readonly progress: Progress;
  readonly hurry: AbortSignal;
  /** Where rows go: the one of before, after a reload. */
  readonly rows: CsvFile;
  /** The note of the unmarked resolv.conf as it was stored. */
  readonly dnsNote: DnsNote | null;
  readonly takeDnsNote: (note: DnsNote) => void;
  readonly rejectedAt: (site: string) => Date | null;
  readonly metrics: Pick<Metrics, 'leftoversKilled' | 'dnsRepaired'>;
}

/** Puts together what the test of a site needs. */
export function assembleTests(options: TestOptions): TurnContext {
  const { config, system, log, metrics } = options;
  const findings: string[] = [];
  const hostLog: Log = {
    ...options.hostLog,
    critical: (message) => {
      findings.push(message);
      options.hostLog.critical(message);
    },
  };
  const redact = createRedactor(secretsOf(config));
  return {
    system,
    log,
    redact,
    config,
    hurry: options.hurry,
    progress: options.progress,
    mark: `VPN_MONITOR_CLIENT=${realPath(config.logging.dir, system)}`,
    rows: options.rows,
    rejectedAt: options.rejectedAt,
    host: {
      takeFindings: () => findings.splice(0),
      killLeftovers: leftoverKiller(system, hostLog, metrics.leftoversKilled),
      checkDns: dnsChecker({
        system,
        log: hostLog,
        redact,
        file: config.dns.file,
        restore: config.dns.restore,
        note: options.dnsNote,
        takeNote: options.takeDnsNote,
        onRepaired: metrics.dnsRepaired,
      }),
      network: networkKeeper(system, hostLog),
      networkNotes: networkNotes(path.join(config.logging.dir, STATE_FOLDER), system, hostLog),
    },
  };
}

/** What marks the clients of a results folder: however it is called, it is one folder. */
function realPath(folder: string, { files }: System): string {
  try {
    return files.realpathSync(folder);
  } catch {
    return folder;
  }
}

/** The log of a results folder. */
export function openLog(
  { logging }: Config,
  system: System,
  options: { readonly level: () => Level; readonly toStderr: boolean },
): Logger {
  return createLogger({
    dir: logging.dir,
    name: logging.log,
    stateDir: path.join(logging.dir, STATE_FOLDER),
    maxSize: '5m',
    ...options,
    stderr: process.stderr,
    files: system.files,
    now: system.now,
    monotonic: system.monotonic,
  });
}

/** The rows of a results folder. */
export function openRows({ logging }: Config, system: System, log: Log): CsvFile {
  return csvFile({ dir: logging.dir, file: logging.file, files: system.files, log });
}
