import { cellsFor } from '../cell/cells.ts';
import { CertificateLooks } from '../certificates/certificate-looks.ts';
import { Codes } from '../codes/codes.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import { Transcript } from '../log/transcript.ts';
import { NO_METRICS } from '../model/metrics-event.ts';
import { DONE, failed, good, type Result } from '../model/result.ts';
import { Secret } from '../model/secret.ts';
import { type SiteResult, succeeded } from '../model/test-result.ts';
import { forceStopAfterMs } from '../monitor/deadlines.ts';
import { testSites } from '../monitor/slots.ts';
import { createTestContext, realPath } from '../monitor/test-context.ts';
import { listenForStop, signalStatus } from '../process/stop.ts';
import { resultsAsJson } from '../ui/result-json.ts';
import { resultTable } from '../ui/result-table.ts';
import { watch } from '../ui/watch.ts';
import { sitesNamed } from './choose-sites.ts';
import { type Ready, startWithConfig } from './load-config.ts';
import { openLogs, openRows } from './results-folder.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** The options of `once`. */
export interface OnceOptions extends CommonOptions {
  /** Names of the sites to test; empty: all enabled sites. */
  readonly sites: readonly string[];
  /** Whether to print only JSON on stdout. */
  readonly json: boolean;
  /** A new file for the dialogue of the one site; `undefined`: none. */
  readonly transcript: string | undefined;
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
  const opened = openTranscript(options, started.value, shell);
  if (!opened.ok) {
    screen.diagnose(`error: ${opened.why}`);
    return EXIT.usage;
  }
  const transcript = opened.value;
  for (const warning of config.warnings) screen.diagnose(`warning: ${warning}`);
  const logs = openLogs(config, system, {
    screen,
    level: () => options.logLevel ?? config.logging.level,
    // Who asks for a level wants all of it.
    brief: options.logLevel === undefined,
  });
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
  const codes = new Codes(system, logs.log);
  const cells = cellsFor(realPath(config.logging.dir, system), system, logs.log);
  const context = createTestContext(config, {
    cells,
    ...logs,
    codes,
    certificates: new CertificateLooks(system),
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
    observe: transcript?.observe,
  });
  const ended: SiteResult[] = [];
  let written: Result = DONE;
  try {
    await testSites(sites, context, stop.signal, async (result) => void ended.push(result));
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    progress({ kind: 'end' });
    await cells.close();
    stop.end();
    rows.close();
    await logs.log.close();
    written = transcript?.end(ended[0], codes.made) ?? DONE;
  }
  const results = sites.flatMap(({ name }) => ended.filter(({ site }) => site === name));
  if (options.json) screen.print(resultsAsJson(results, shell.version));
  else if (results.length > 0) screen.print(resultTable(results, screen));
  if (rows.fault !== null) screen.diagnose(`error: ${rows.fault}; the rows of this command are not saved`);
  if (!written.ok)
    screen.diagnose(`error: the transcript ${options.transcript} is not written: ${written.why}`);
  else if (transcript !== undefined)
    screen.diagnose(`transcript: ${options.transcript}: read it before you send it`);
  if (stop.signal.aborted && results.length < sites.length) {
    screen.diagnose(`interrupted: ${results.length} of ${sites.length} sites tested`);
    return signalStatus(stop.signal);
  }
  return results.every(succeeded) && rows.fault === null && written.ok ? EXIT.good : EXIT.failed;
}

/** Returns the sites to test, in the order of the config. Fails if a name is unknown. */
function chooseSites(config: Config, names: readonly string[]): Result<readonly SiteConfig[]> {
  const enabled = config.sites.filter((site) => site.enabled);
  if (names.length === 0) {
    return enabled.length > 0
      ? good(enabled)
      : failed('all sites are disabled: name a site to test it anyway');
  }
  return sitesNamed(config, names);
}

/** Opens the file of the transcript, if one is wanted. Fails if there is not exactly one site, and as {@link Transcript.create}. */
function openTranscript(
  { transcript: file, sites: names }: OnceOptions,
  { config, system, secrets }: Ready,
  { version }: Shell,
): Result<Transcript | undefined> {
  if (file === undefined) return good(undefined);
  const [site, ...others] = config.sites.filter(({ name }) => names.includes(name));
  if (site === undefined || others.length > 0)
    return failed(`--transcript needs exactly one site: \`vpn-monitor once --transcript ${file} SITE\``);
  const head = { program: version, client: site.client.name, node: process.version };
  const opened = Transcript.create(system.files, file, head, [...secrets, ...typedSecrets(site)]);
  return opened.ok ? opened : failed(`the transcript ${file} can't be written: ${opened.why}`);
}

/** The values that only a prompt of the client gets, such as a code. */
function typedSecrets({ client, clientKeys }: SiteConfig): Secret[] {
  const shown = client.args.flat().join(' ');
  return client.dialogue
    .flatMap(({ send }) => [...send.matchAll(/\{(\w+)\}/g)])
    .flatMap(([placeholder, key = '']) => {
      const value = shown.includes(placeholder) ? undefined : clientKeys.get(key);
      return value === undefined ? [] : [new Secret(value)];
    });
}
