import type { Config } from '../config/config.ts';
import { reason } from '../files/reason.ts';
import { type ReadStatus, readStatus, whatIsWritten } from '../history/read-status.ts';
import type { SiteStatus } from '../history/site-status.ts';
import { isGap } from '../history/spans.ts';
import { askResults } from '../lock/lock.ts';
import { good, type Result } from '../model/result.ts';
import { listenForStop, signalStatus } from '../process/stop.ts';
import type { HostFaultState } from '../state/store.ts';
import type { Screen } from '../ui/screen.ts';
import { statusHead, worstFirst } from '../ui/status-head.ts';
import { statusAsJson } from '../ui/status-json.ts';
import { statusOfSite } from '../ui/status-site.ts';
import { statusTable } from '../ui/status-table.ts';
import { dayAndTime } from '../ui/status-words.ts';
import { oneLine, printable } from '../words/printable.ts';
import { durationInWords, MINUTE_MS } from '../words/time.ts';
import { sitesNamed } from './choose-sites.ts';
import { startWithConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** The options of `status`. */
export interface StatusCommandOptions extends CommonOptions {
  /** Names of the sites to show, all that is known of each; empty: all enabled sites, in a table. */
  readonly sites: readonly string[];
  /** Whether to print only JSON on stdout. */
  readonly json: boolean;
  /** Whether to show the status until a signal, on a terminal. */
  readonly watch: boolean;
}

/** How often `--watch` asks the monitor and looks for new results, in ms. */
const LOOK_MS = 1000;

/**
 * Shows the current and recent state of the enabled sites. Reads the CSV files and the state, and asks the monitor's lock; tests,
 * locks and writes nothing. Exit status: 0: all sites are up; 1: a site is down; 2: wrong usage or a bad config; 3: no site is down,
 * but some have no recent result, or the files can't be read; 130 or 143: `watch` was ended by a signal.
 */
export async function status(options: StatusCommandOptions, shell: Shell): Promise<number> {
  const { screen, version } = shell;
  if (options.watch && (options.json || screen.columns === null)) {
    screen.diagnose(`error: --watch ${options.json ? "can't be combined with --json" : 'needs a terminal'}`);
    return EXIT.usage;
  }
  const started = startWithConfig(options.config, shell, { configOnly: true });
  if (!started.ok) return started.status;
  const { config, system } = started.value;
  const chosen = chooseSites(config, options.sites);
  if (!chosen.ok) {
    screen.diagnose(`error: ${chosen.why}`);
    return EXIT.usage;
  }
  try {
    if (options.watch) return await watchStatus(config, chosen.value, options, shell);
    const read = await readStatus(config, chosen.value, system);
    if (options.json) {
      const hostFaults = read.faults.map(({ words }) => oneLine(words));
      screen.print(statusAsJson(read.sites, { ...read, version, hostFaults, notes: read.doubts }));
    } else {
      screen.print(asText(read, config, options, screen));
      for (const words of read.doubts) screen.diagnose(`note: ${words}`);
    }
    return exitStatus(read.sites);
  } catch (error) {
    screen.diagnose(`error: ${config.logging.dir} can't be read: ${reason(error)}`);
    return EXIT.later;
  }
}

/** Shows the status on the whole terminal until a signal. Reads the files again when one has changed. */
async function watchStatus(
  config: Config,
  names: readonly string[],
  options: StatusCommandOptions,
  { screen, signals, system }: Shell,
): Promise<number> {
  const stop = listenForStop(signals, system);
  let read: ReadStatus | undefined;
  let written = '';
  try {
    for (;;) {
      const now = system.now().getTime();
      const found = whatIsWritten(config, system);
      if (read === undefined || found !== written || now - read.now >= MINUTE_MS) {
        read = await readStatus(config, names, system);
        written = found;
      }
      const monitor = await askResults(config.logging.dir, system);
      screen.page(asText({ ...read, monitor, now }, config, options, screen));
      await system.sleep(LOOK_MS, stop.signal);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return signalStatus(stop.signal);
  } finally {
    screen.page(null);
    stop.end();
  }
}

function chooseSites(config: Config, names: readonly string[]): Result<readonly string[]> {
  const chosen =
    names.length > 0 ? sitesNamed(config, names) : good(config.sites.filter((site) => site.enabled));
  return chosen.ok ? good(chosen.value.map(({ name }) => name)) : chosen;
}

function asText(read: ReadStatus, config: Config, options: StatusCommandOptions, screen: Screen): string {
  const { mailsKnown, now } = read;
  const look = { now, screen, mailsKnown };
  const sites = worstFirst(read.sites);
  const blocks =
    options.sites.length > 0
      ? sites.map((site) => statusOfSite(site, look))
      : sites.length > 0
        ? [statusTable(sites, look)]
        : [];
  return [
    statusHead(sites, { ...read, screen }),
    ...blocks,
    ...remarks(read, config, options),
    ...read.faults.map((fault) => screen.paint('warning', faultInWords(fault))),
  ].join('\n\n');
}

/** Describes a host fault. If only records can't be kept, tests continue. */
function faultInWords({ kind, words }: HostFaultState['faults'][number]): string {
  const what = kind === 'records' ? "can't keep its results" : 'cannot test';
  return `The monitor on this host ${what}: ${printable(oneLine(words))}`;
}

/** Lines for what the table does not show. */
function remarks(
  read: ReadStatus,
  config: Config,
  { sites: named }: StatusCommandOptions,
): readonly string[] {
  const lines: string[] = [];
  const disabled = config.sites.filter((site) => !site.enabled).map((site) => site.name);
  const { sites } = read;
  if (sites.length > 0 && sites.every(({ unknown }) => unknown === 'old' || unknown === 'never')) {
    lines.push(...whyNoResults(read, config));
  }
  if (disabled.length > 0 && named.length === 0) {
    lines.push(`Disabled sites, not tested: ${disabled.join(', ')}.`);
  }
  if (read.nextReport !== null && named.length === 0) {
    lines.push(`Next report by mail: ${dayAndTime(read.nextReport)}.`);
  }
  return lines;
}

/** Explains why no site has a recent result. */
function whyNoResults(
  { sites, now, monitor }: ReadStatus,
  { logging, frequency }: Config,
): readonly string[] {
  const last = Math.max(...sites.map((site) => site.last?.time ?? Number.NEGATIVE_INFINITY));
  if (monitor === null) {
    return Number.isFinite(last) ? [] : [`There are no results in ${logging.dir}.`];
  }
  const { holder } = monitor;
  const started = Math.min(now, Date.parse(holder?.since ?? '') || Number.NEGATIVE_INFINITY);
  const quiet = now - Math.max(started, last);
  if (started > last && !isGap(quiet, frequency * 1000)) {
    return [`The monitor was started ${durationInWords(quiet)} ago and has no result yet.`];
  }
  const forHow = Number.isFinite(quiet) ? ` for ${durationInWords(quiet)}` : '';
  return [`The monitor is running, but has written no result${forHow}: see ${logging.log}.`];
}

function exitStatus(sites: readonly SiteStatus[]): number {
  if (sites.some((site) => site.now === 'down')) return EXIT.failed;
  return sites.length > 0 && sites.every((site) => site.now === 'up') ? EXIT.good : EXIT.later;
}
