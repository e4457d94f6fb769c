import type { Config, SiteConfig } from '../config/config.ts';
import { NO_METRICS } from '../model/metrics-event.ts';
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

/** What `once` takes. */
export interface OnceOptions extends CommonOptions {
  /** Names of sites; none: all enabled ones. */
  readonly sites: readonly string[];
  /** Only JSON on stdout. */
  readonly json: boolean;
}

/**
 * One test of every (or each named, also a disabled) site: live progress, a table or JSON, the rows. No streak is
 * touched and no mail is sent. 0: all good; 1: a site failed, or a row was not written; 2: wrong usage; 130, 143: cut short by a signal.
 */
export async function once(options: OnceOptions, shell: Shell): Promise<number> {
  const { screen } = shell;
  const started = startWithConfig(options.config, shell);
  if ('status' in started) return started.status;
  const { config, system, secrets } = started;
  const sites = chooseSites(config, options.sites);
  if (typeof sites === 'string') {
    screen.diagnose(`error: ${sites}`);
    return EXIT.usage;
  }
  for (const warning of config.warnings) screen.diagnose(`warning: ${warning}`);
  const logs = openLogs(config, system, screen, () => options.logLevel ?? config.logging.level);
  // What becomes of the rows is said at the end.
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
      // An operator who runs `once` wants the attempt, even shortly after a rejection.
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
  if (rows.fault !== null) screen.diagnose(`error: ${rows.fault}: they are lost`);
  if (stop.signal.aborted && results.length < sites.length) {
    screen.diagnose(`cut short: ${results.length} of ${sites.length} sites tested`);
    return signalStatus(stop.signal);
  }
  return results.every(succeeded) && rows.fault === null ? EXIT.good : EXIT.failed;
}

/** The sites to test, in the order of the config; or what is wrong with the names given. */
function chooseSites({ sites }: Config, names: readonly string[]): readonly SiteConfig[] | string {
  const enabled = sites.filter((site) => site.enabled);
  if (names.length === 0) return enabled.length > 0 ? enabled : 'all sites are disabled: name one';
  const known = sites.map((site) => site.name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const guess = nearest(name, known);
    return `unknown site '${name}'${guess === undefined ? '' : `, did you mean ${guess}?`}`;
  }
  return sites.filter((site) => names.includes(site.name));
}
