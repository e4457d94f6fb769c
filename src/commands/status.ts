import path from 'node:path';
import type { Config } from '../config/config.ts';
import { reason } from '../files/reason.ts';
import { type DayFile, findDayFiles, readDays } from '../history/read-days.ts';
import { createNotes, doubtsInWords } from '../history/read-notes.ts';
import { type SiteStatus, statusOf, WINDOWS } from '../history/site-status.ts';
import { isGap } from '../history/spans.ts';
import { askResults, type Held } from '../lock/lock.ts';
import { dayOf } from '../model/local-day.ts';
import { freshState, type HostFaultState, readState } from '../state/store.ts';
import type { System } from '../system/system.ts';
import { statusAsJson } from '../ui/status-json.ts';
import { statusTable } from '../ui/status-table.ts';
import { oneLine, printable } from '../words/printable.ts';
import { DAY_MS, durationInWords } from '../words/time.ts';
import { startWithConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** The options of `status`. */
export interface StatusCommandOptions extends CommonOptions {
  /** Whether to print only JSON on stdout. */
  readonly json: boolean;
}

/**
 * Shows the current and recent state of the enabled sites. Reads the CSV files and the state, and asks the monitor's lock; tests,
 * locks and writes nothing. Exit status: 0: all sites are up; 1: a site is down; 2: a bad config; 3: no site is down, but some have
 * no recent result, or the files can't be read.
 */
export async function status(options: StatusCommandOptions, shell: Shell): Promise<number> {
  const { screen, version } = shell;
  const started = startWithConfig(options.config, shell, { configOnly: true });
  if (!started.ok) return started.status;
  const { config, system } = started.value;
  const sites = config.sites.filter((site) => site.enabled).map((site) => site.name);
  const now = system.now().getTime();
  const read = readState(config.logging.dir, system);
  const state = read.ok ? read.value : freshState();
  const notes = createNotes();
  let found: readonly SiteStatus[];
  try {
    const days = readDays(recentFiles(config, system, now), system.files, notes);
    found = statusOf(days, { sites, now, frequencyMs: config.frequency * 1000, state });
  } catch (error) {
    screen.diagnose(`error: ${config.logging.dir} can't be read: ${reason(error)}`);
    return EXIT.later;
  }
  const faults = state.host?.faults ?? [];
  const doubts = doubtsInWords(notes);
  if (!read.ok) doubts.push(`${read.why}: mails and faults of this host are not shown`);
  const monitor = await askResults(config.logging.dir, system);
  if (options.json) {
    const hostFaults = faults.map(({ words }) => oneLine(words));
    screen.print(statusAsJson(found, { version, now, hostFaults, notes: doubts, monitor }));
  } else {
    if (found.length > 0) screen.print(statusTable(found, { now, screen, mailsKnown: read.ok }));
    for (const line of remarks(found, now, config, monitor)) screen.print(`\n${line}`);
    for (const fault of faults) screen.print(`\n${screen.paint('warning', faultInWords(fault))}`);
    for (const words of doubts) screen.diagnose(`note: ${words}`);
  }
  return exitStatus(found);
}

/** The files of the days that the table covers, with a margin of two days. */
function recentFiles(config: Config, { files }: System, now: number): readonly DayFile[] {
  const { dir, file } = config.logging;
  const from = dayOf(now - Math.max(...WINDOWS), -2).start;
  const to = now + 2 * DAY_MS;
  return findDayFiles({ dir, file, files }).filter(({ day }) => day.start >= from && day.start < to);
}

/** Describes a host fault. If only records can't be kept, tests continue. */
function faultInWords({ kind, words }: HostFaultState['faults'][number]): string {
  const what = kind === 'records' ? "can't keep its results" : 'cannot test';
  return `The monitor on this host ${what}: ${printable(oneLine(words))}`;
}

/** Lines for what the table does not show. */
function remarks(
  sites: readonly SiteStatus[],
  now: number,
  config: Config,
  monitor: Held | null,
): readonly string[] {
  const lines: string[] = [];
  const disabled = config.sites.filter((site) => !site.enabled).map((site) => site.name);
  if (sites.length > 0 && sites.every(({ unknown }) => unknown === 'old' || unknown === 'never')) {
    lines.push(whyNoResults(sites, now, config, monitor));
  }
  if (disabled.length > 0) lines.push(`Disabled sites, not tested: ${disabled.join(', ')}.`);
  return lines;
}

/** Explains why no site has a recent result. */
function whyNoResults(
  sites: readonly SiteStatus[],
  now: number,
  { logging, frequency }: Config,
  monitor: Held | null,
): string {
  const last = Math.max(...sites.map((site) => site.last?.time ?? Number.NEGATIVE_INFINITY));
  if (monitor === null) {
    const when = Number.isFinite(last)
      ? `the last result is ${durationInWords(now - last)} old`
      : `there are no results in ${logging.dir}`;
    return `The monitor is not running: ${when}.`;
  }
  const { holder } = monitor;
  const who = holder === null ? 'The monitor' : `The monitor (process ${holder.pid})`;
  const started = Math.min(now, Date.parse(holder?.since ?? '') || Number.NEGATIVE_INFINITY);
  const quiet = now - Math.max(started, last);
  if (started > last && !isGap(quiet, frequency * 1000)) {
    return `${who} was started ${durationInWords(quiet)} ago and has no result yet.`;
  }
  const forHow = Number.isFinite(quiet) ? ` for ${durationInWords(quiet)}` : '';
  const log = path.join(logging.dir, logging.log);
  return `${who} is running, but has written no result${forHow}: see ${log}.`;
}

function exitStatus(sites: readonly SiteStatus[]): number {
  if (sites.some((site) => site.now === 'down')) return EXIT.failed;
  return sites.length > 0 && sites.every((site) => site.now === 'up') ? EXIT.good : EXIT.later;
}
