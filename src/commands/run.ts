import { createAlerts } from '../alerts/alerts.ts';
import type { Config } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import { formatProblems } from '../config/yaml/problem.ts';
import { makeFolder } from '../files/folder.ts';
import { reason } from '../files/reason.ts';
import { type Acquired, acquireResults, type Lock } from '../lock/lock.ts';
import type { Log } from '../log/log.ts';
import { runMetrics } from '../metrics/run-metrics.ts';
import type { Progress } from '../model/progress.ts';
import { failed, type Result } from '../model/result.ts';
import { forceStopAfterMs } from '../monitor/deadlines.ts';
import { type MonitorParts, monitor } from '../monitor/loop.ts';
import { watchSteps } from '../monitor/stuck.ts';
import { createTestContext, type TestMemory } from '../monitor/test-context.ts';
import { listenForStop, signalStatus } from '../process/stop.ts';
import { oldFilesRemover } from '../results/old-files.ts';
import type { Service } from '../service/service.ts';
import { openState, type StateStore } from '../state/store.ts';
import type { System } from '../system/system.ts';
import { widthOf } from '../ui/columns.ts';
import { watch } from '../ui/watch.ts';
import { type Ready, readConfig, ready, startWithConfig } from './load-config.ts';
import { openLogs, openRows } from './results-folder.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/**
 * Tests all sites at every interval until it is stopped. 0: a clean stop; 2: the config is wrong; 3: another monitor
 * holds the results folder, or a secret can't be read yet.
 */
export async function run(options: CommonOptions, shell: Shell): Promise<number> {
  const started = startWithConfig(options.config, shell);
  return started.ok ? runMonitor(started.value, options, shell) : started.status;
}

/** What {@link runMonitor} takes. */
export interface RunOptions extends CommonOptions {
  /** Ends by itself after so many cycles; without: never. */
  readonly cycles?: number;
}

/**
 * The monitor of a good config. With `cycles`, a signal cuts it short: 130, 143.
 */
export async function runMonitor(started: Ready, options: RunOptions, shell: Shell): Promise<number> {
  const { screen, version } = shell;
  let current = started;
  let { config, system } = started;
  const lock = await lockResults(config, system);
  if (!lock.ok) {
    screen.diagnose(`error: ${lock.why}`);
    return EXIT.later;
  }
  let request = new AbortController();
  const stop = listenForStop(shell.signals, system, {
    onHangup: shell.onTerminal ? undefined : () => request.abort(),
    limitMs: () => forceStopAfterMs(config),
  });
  const logs = openLogs(config, system, screen, () => options.logLevel ?? config.logging.level);
  const { log } = logs;
  const rows = openRows(config, system, log);
  stop.force.addEventListener('abort', () => log.warning('Ending at once, without waiting for the log-out'));
  const store = openState(config.logging.dir, system, log);
  const nameWidth = Math.max(...config.sites.map(({ name }) => widthOf(name)));
  const service = await openServiceOf(shell, system, log);
  stop.signal.addEventListener('abort', () => service?.stopping(config));
  const shown = watch({ screen, monotonic: system.monotonic, nameWidth, results: true });
  const { progress: steps, health } = watchSteps(system.monotonic, () => config);
  const watchers = [steps, shown, ...(service ? [service.progress] : [])];
  const progress: Progress = (event) => {
    for (const watcher of watchers) watcher(event);
  };
  const metrics = runMetrics({ state: store.state, rows, health, system, log, version });
  const tests = () =>
    createTestContext(config, {
      ...logs,
      rows,
      system,
      secrets: current.secrets,
      progress,
      force: stop.force,
      memory: memoryIn(store),
      measure: metrics.measure,
    });
  const remover = () => oldFilesRemover({ ...config.logging, files: system.files, log, now: system.now });
  const first = tests();
  const alerts = createAlerts(config, first.redact, {
    store,
    system,
    log,
    measure: metrics.measure,
    version,
  });
  const reload = {
    get request() {
      return request.signal;
    },
    apply: async (parts: MonitorParts): Promise<MonitorParts> => {
      request = new AbortController();
      service?.reloading();
      const next = readAgain(options.config, current, shell, log);
      metrics.measure({ kind: 'config-read', good: next !== undefined });
      if (next === undefined) {
        service?.ready(config);
        return parts;
      }
      current = next;
      ({ config, system } = next);
      const again = tests();
      alerts.use(config, again.redact);
      announce(config, 'Config read again', log);
      await metrics.use(config);
      service?.ready(config);
      return { ...again, log, alerts, metrics, removeOldFiles: remover() };
    },
  };
  announce(config, `vpn-monitor ${version} started`, log);
  try {
    await metrics.use(config);
    service?.ready(config);
    const parts = { ...first, log, alerts, metrics, removeOldFiles: remover() };
    const ended = await monitor(parts, stop.signal, reload, options.cycles);
    return ended === 'stopped' && options.cycles !== undefined ? signalStatus(stop.signal) : EXIT.good;
  } finally {
    progress({ kind: 'end' });
    metrics.close();
    rows.close();
    const unsaved = store.save();
    if (unsaved !== null) log.critical(unsaved);
    log.info('Stopped');
    await service?.end();
    await log.close();
    stop.end();
    lock.value.release();
  }
}

/** What is known of earlier tests stands in the state. */
function memoryIn({ state }: StateStore): TestMemory {
  return {
    dnsNoteBefore: state.dns,
    rejectedAt: (site) => {
      const at = state.sites.get(site)?.rejectedAt ?? null;
      return at === null ? null : new Date(at);
    },
  };
}

/** Locks the results folder, which is created if it is missing. */
async function lockResults({ logging }: Config, system: System): Promise<Result<Lock>> {
  const holder = { pid: system.pid, what: 'vpn-monitor run', since: system.now().toISOString() };
  let acquired: Acquired;
  try {
    makeFolder(system.files, logging.dir);
    acquired = await acquireResults(logging.dir, holder, system);
  } catch (error) {
    return failed(`the results folder ${logging.dir} can't be used: ${reason(error)}`);
  }
  return acquired.ok ? acquired : failed(`another monitor writes to ${logging.dir}: ${acquired.why}`);
}

/** What the start says: what runs, what is allowed but unwise, and what no test can tell. */
function announce(config: Config, what: string, log: Log): void {
  const { file, frequency, sites, warnings } = config;
  const enabled = sites.filter((site) => site.enabled);
  log.info(`${what}: ${enabled.length} of ${sites.length} sites from ${file}, every ${frequency} s`);
  for (const warning of warnings) log.warning(warning);
  for (const { name, tunnel } of enabledClients(config)) {
    if (tunnel !== 'unknown') continue;
    log.warning(
      `The tunnel of ${name} is no device: whether it is up when internal_ip is pinged can't be known`,
    );
  }
}

/** The config as it is now; `undefined` if it is bad or asks for what only a restart can do, and the log says so. */
function readAgain(file: string, old: Ready, shell: Shell, log: Log): Ready | undefined {
  const loaded = readConfig(file, shell);
  if (!loaded.ok) {
    log.error(
      ['Config not read again, the old one stays:', ...formatProblems(file, loaded.errors)].join('\n'),
    );
    return undefined;
  }
  const moved = (['dir', 'file', 'log'] as const).filter(
    (key) => loaded.config.logging[key] !== old.config.logging[key],
  );
  if (moved.length === 0) return ready(loaded, shell, old);
  const keys = moved.map((key) => `logging.${key}`).join(', ');
  log.error(`Config not read again, the old one stays: a change of ${keys} needs a restart`);
  return undefined;
}

/** What tells systemd of this service; `undefined` where it is none: then nothing of it is even loaded. */
async function openServiceOf({ service }: Shell, system: System, log: Log): Promise<Service | undefined> {
  return service && (await import('../service/service.ts')).openService(service, system, log);
}
