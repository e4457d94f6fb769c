import type { Config, SiteConfig } from '../config/config.ts';
import { NO_METRICS } from '../model/metrics-event.ts';
import { failed, good, type Result } from '../model/result.ts';
import { type SiteResult, succeeded } from '../model/test-result.ts';
import { forceStopAfterMs } from '../monitor/deadlines.ts';
import { createTestContext } from '../monitor/test-context.ts';
import { testInSlot } from '../monitor/test-in-slot.ts';
import { listenForStop, signalStatus } from '../process/stop.ts';
import { resultsAsJson } from '../ui/result-json.ts';
import { resultTable } from '../ui/result-table.ts';
import { watch } from '../ui/watch.ts';
import { nearest } from '../words/nearest.ts';
import { startWithConfig } from './load-config.ts';
import { openLogs, openRows } from './results-folder.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** The options of `once`. */
export interface OnceOptions extends CommonOptions {
  /** Names of the sites to test; empty: all enabled sites. */
  readonly sites: readonly string[];
  /** Whether to print only JSON on stdout. */
  readonly json: boolean;
}

/**
 * Tests all enabled sites, or the named ones, once. Shows progress, writes the CSV rows, and prints a table or JSON; does not send
 * mail or count failures. Exit status: 0: all sites passed; 1: a site failed or a row was not written; 2: wrong usage or a bad
 * config; 3: a secret can't be read yet; 130 or 143: interrupted by a signal.
 */
export async function once(options: OnceOptions, shell: Shell): Promise<number> {
  const { screen } = shell;
  const started = startWithConfig(options.config, shell);
  if (!started.ok) return started.status;
  const { config, system, secrets } = started.value;
  const chosen = chooseSites(config, options.sites);
  if (!chosen.ok) {
    screen.diagnose(`error: ${chosen.why}`);
    return EXIT.usage;
  }
  const sites = chosen.value;
  for (const warning of config.warnings) screen.diagnose(`warning: ${warning}`);
  const logs = openLogs(config, system, screen, () => options.logLevel ?? config.logging.level);
  // This command reports unsaved rows itself, at its end.
  const rows = openRows(config, system, logs.resultLog);
  const stop = listenForStop(shell.signals, system, {
    onHangup: undefined,
    limitMs: () => forceStopAfterMs(config),
  });
  const progress = watch({
    screen,
    monotonic: system.monotonic,
    nameWidth: 0,
    results: false,
  });
  const context = createTestContext(config, {
    ...logs,
    rows,
    system,
    secrets,
    progress,
    force: stop.force,
    memory: {
      // An operator who runs `once` wants a log-in attempt, even shortly after a rejection.
      rejectedAt: () => null,
    },
    measure: NO_METRICS.measure,
  });
  const results: SiteResult[] = [];
  try {
    for (const site of sites) results.push(await testInSlot(site, context, stop.signal));
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    progress({ kind: 'end' });
    stop.end();
    rows.close();
    await logs.log.close();
  }
  if (options.json) screen.print(resultsAsJson(results, shell.version));
  else if (results.length > 0) screen.print(resultTable(results, screen));
  if (rows.fault !== null) screen.diagnose(`error: ${rows.fault}; the rows of this command are not saved`);
  if (stop.signal.aborted && results.length < sites.length) {
    screen.diagnose(`interrupted: ${results.length} of ${sites.length} sites tested`);
    return signalStatus(stop.signal);
  }
  return results.every(succeeded) && rows.fault === null ? EXIT.good : EXIT.failed;
}

/** Returns the sites to test, in the order of the config. Fails if a name is unknown. */
function chooseSites({ sites }: Config, names: readonly string[]): Result<readonly SiteConfig[]> {
  const enabled = sites.filter((site) => site.enabled);
  if (names.length === 0) {
    return enabled.length > 0
      ? good(enabled)
      : failed('all sites are disabled: name a site to test it anyway');
  }
  const known = sites.map((site) => site.name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const guess = nearest(name, known);
    return failed(`unknown site '${name}'${guess === undefined ? '' : `, did you mean ${guess}?`}`);
  }
  return good(sites.filter((site) => names.includes(site.name)));
}
