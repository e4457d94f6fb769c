import path from 'node:path';
import type { Config } from '../config/config.ts';
import { CONTROL_FOLDER, ControlFolder } from '../control/control-folder.ts';
import { askResults, type Held } from '../lock/lock.ts';
import { nextReport, type ReportSchedule } from '../model/report-period.ts';
import { EVENTS_FOLDER } from '../results/file-name.ts';
import { freshState, type HostFaultState, lastSaved, readState, STATE_FOLDER } from '../state/store.ts';
import type { System } from '../system/system.ts';
import { type RecentRows, recentRows } from './recent-rows.ts';
import { type SiteStatus, statusOf } from './site-status.ts';

/** The part of a config that a status needs. */
export type StatusConfig = Pick<Config, 'frequency' | 'maintenance'> & {
  readonly logging: Pick<Config['logging'], 'dir' | 'file'>;
  readonly alerts: Pick<Config['alerts'], 'expiryDays'>;
  readonly report?: ReportSchedule | undefined;
};

/** What a results folder says about the sites. */
export interface ReadStatus {
  /** In the order of the config. */
  readonly sites: readonly SiteStatus[];
  readonly faults: HostFaultState['faults'];
  /** Remarks about the files that were read. */
  readonly doubts: readonly string[];
  /** Whether the state could be read, which says what was mailed. */
  readonly mailsKnown: boolean;
  /** Messages that are not delivered yet. */
  readonly mailsWaiting: number;
  /** The monitor that runs on the results folder; `null` if none does. */
  readonly monitor: Held | null;
  /** When a monitor last wrote its state, or the last result; in ms since the epoch; `null`: never. */
  readonly lastSign: number | null;
  /** When the next report by mail is due, in ms since the epoch; `null`: none is sent. */
  readonly nextReport: number | null;
  /** The current time, in ms since the epoch. */
  readonly now: number;
}

/**
 * Reads the status of the named sites from the results folder. Locks and writes nothing. Rejects if the folder can't be read.
 *
 * @param recent the rows, if they have been read already, and how far back they go if not over the longest window, in ms
 */
export async function readStatus(
  config: StatusConfig,
  names: readonly string[],
  system: System,
  recent?: RecentRows & { readonly span?: number },
): Promise<ReadStatus> {
  const now = system.now().getTime();
  const read = readState(config.logging.dir, system);
  const state = read.ok ? read.value : freshState();
  const rows = recent ?? recentRows(config.logging, system.files, now);
  const given = new ControlFolder(config.logging.dir, system).read();
  const sites = statusOf(rows.days, {
    sites: names,
    now,
    frequencyMs: config.frequency * 1000,
    state,
    maintenance: config.maintenance,
    orders: given.orders,
    expiryDays: config.alerts.expiryDays,
    span: recent?.span,
  });
  const doubts = [...rows.doubts()];
  for (const problem of given.problems) doubts.push(`${problem}: what is silenced may not be shown`);
  if (!read.ok) doubts.push(`${read.why}: mails and faults of this host are not shown`);
  return {
    sites,
    faults: state.host?.faults ?? [],
    doubts,
    mailsKnown: read.ok,
    mailsWaiting: state.outbox.length + state.pending.length,
    monitor: await askResults(config.logging.dir, system),
    lastSign: lastSign(config, sites, system),
    nextReport: config.report === undefined ? null : nextReport(now, config.report),
    now,
  };
}

/** Returns a text that differs as soon as there is more to read. */
export function whatIsWritten({ logging: { dir } }: StatusConfig, { files }: System): string {
  const parts = ['.', EVENTS_FOLDER, STATE_FOLDER, CONTROL_FOLDER].flatMap((folder) => {
    try {
      const within = path.join(dir, folder);
      return files.readdirSync(within).map((name) => {
        const { size, mtimeMs } = files.statSync(path.join(within, name));
        return `${name} ${size} ${mtimeMs}`;
      });
    } catch {
      // Not made yet, not allowed, or removed meanwhile.
      return [];
    }
  });
  return parts.join('\n');
}

/** Only a running monitor writes its state: after each test, and at its end. */
function lastSign(
  { logging: { dir } }: StatusConfig,
  sites: readonly SiteStatus[],
  { files }: System,
): number | null {
  try {
    return lastSaved(dir, { files });
  } catch {
    const last = Math.max(...sites.map((site) => site.last?.time ?? Number.NEGATIVE_INFINITY));
    return Number.isFinite(last) ? last : null;
  }
}
