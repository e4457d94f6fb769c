import { RunAlerts } from '../alerts/alerts.ts';
import { type Cells, cellsFor } from '../cell/cells.ts';
import { CertificateLooks } from '../certificates/certificate-looks.ts';
import { Codes } from '../codes/codes.ts';
import { configChanges } from '../config/changes.ts';
import type { Config } from '../config/config.ts';
import { uncheckedSites } from '../config/unchecked-sites.ts';
import { unwatchedSites } from '../config/unwatched-sites.ts';
import { enabledClients } from '../config/used-clients.ts';
import { ControlFolder } from '../control/control-folder.ts';
import { Heartbeat } from '../heartbeat/heartbeat.ts';
import { lazyTrust } from '../http/trust.ts';
import type { Log } from '../log/log.ts';
import { type RunMetrics, runMetrics } from '../metrics/run-metrics.ts';
import type { Progress } from '../model/progress.ts';
import { forceStopAfterMs } from '../monitor/deadlines.ts';
import type { MonitorParts } from '../monitor/loop.ts';
import { watchSteps } from '../monitor/stuck.ts';
import { createTestContext, realPath } from '../monitor/test-context.ts';
import { listenForStop, type Stop, Stopped } from '../process/stop.ts';
import { ReportMails } from '../report-mail/report-mails.ts';
import type { CsvFile } from '../results/csv-file.ts';
import { oldFilesRemover } from '../results/old-files.ts';
import { groupId } from '../rights/group-id.ts';
import type { Service } from '../service/service.ts';
import { openState, type StateStore } from '../state/store.ts';
import { widthOf } from '../ui/columns.ts';
import { watch } from '../ui/watch.ts';
import { type RunPage, runPage } from '../web/run-page.ts';
import { channelsOf } from './channels-of.ts';
import type { Ready } from './load-config.ts';
import { type Logs, openLogs, openRows } from './results-folder.ts';
import type { CommonOptions, Shell } from './shell.ts';

/** Everything that one `run` consists of. What depends on the config is made anew when another config is used. */
export class RunParts {
  readonly stop: Stop;
  readonly #logs: Logs;
  readonly #codes: Codes;
  readonly #certificates: CertificateLooks;
  readonly #rows: CsvFile;
  readonly #store: StateStore;
  readonly #control: ControlFolder;
  readonly #service: Service | undefined;
  readonly #cells: Cells;
  readonly #progress: Progress;
  readonly #metrics: RunMetrics;
  readonly #page: RunPage;
  readonly #alerts: RunAlerts;
  readonly #reports: ReportMails;
  #heartbeat: Heartbeat | undefined;
  #ready: Ready;
  #parts: MonitorParts;

  /**
   * @param onHangup is called for SIGHUP; `undefined`: SIGHUP stops the monitor.
   * @param watchers also get the progress of the tests.
   */
  static async open(
    ready: Ready,
    options: CommonOptions,
    shell: Shell,
    onHangup: (() => void) | undefined,
    watchers: readonly Progress[],
  ): Promise<RunParts> {
    // The log asks for its level at every line, and the stop for its limit when it begins.
    const current = { config: () => parts?.config ?? ready.config };
    let parts: RunParts | undefined;
    const logs = openLogs(ready.config, ready.system, {
      screen: shell.screen,
      level: () => options.logLevel ?? current.config().logging.level,
      brief: false,
    });
    // Where no service manager listens, nothing of it is even loaded.
    const service =
      shell.service &&
      (await import('../service/service.ts')).openService(shell.service, ready.system, logs.log);
    parts = new RunParts(ready, shell, logs, service, onHangup, watchers);
    return parts;
  }

  private constructor(
    ready: Ready,
    shell: Shell,
    logs: Logs,
    service: Service | undefined,
    onHangup: (() => void) | undefined,
    others: readonly Progress[],
  ) {
    const { config, system } = ready;
    const { log } = logs;
    this.#ready = ready;
    this.#logs = logs;
    this.#codes = new Codes(system, log);
    this.#certificates = new CertificateLooks(system);
    this.#service = service;
    this.stop = listenForStop(shell.signals, system, {
      onHangup,
      limitMs: () => forceStopAfterMs(this.config),
    });
    this.stop.force.addEventListener('abort', () =>
      log.warning('Ending at once, without waiting for the log-out'),
    );
    this.stop.signal.addEventListener('abort', () => {
      service?.stopping(this.config);
      // It may take a second, in which the client logs out.
      void this.#page.close();
      if (this.stop.signal.reason instanceof Stopped && this.stop.signal.reason.by === 'SIGHUP') {
        log.info(
          'Stopping: the terminal was closed (SIGHUP). Only a monitor that was started without one reads its config again',
        );
      }
    });
    this.#rows = openRows(config, system, log);
    this.#cells = cellsFor(realPath(config.logging.dir, system), system, log);
    this.#store = openState(config.logging.dir, system, log);
    this.#control = new ControlFolder(config.logging.dir, system);
    const { progress: steps, health } = watchSteps(system.monotonic, () => this.config);
    const nameWidth = Math.max(...config.sites.map(({ name }) => widthOf(name)));
    const shown = watch({ screen: shell.screen, monotonic: system.monotonic, nameWidth, results: true });
    this.#page = runPage({ system, log, version: shell.version });
    const watchers = [steps, shown, this.#page.progress, ...(service ? [service.progress] : []), ...others];
    this.#progress = (event) => {
      for (const watcher of watchers) watcher(event);
      this.#reports.progress(event);
    };
    const { version } = shell;
    const { state } = this.#store;
    this.#metrics = runMetrics({
      state,
      rows: this.#rows,
      health,
      system,
      log,
      version,
      page: this.#page.handOver,
    });
    const tests = this.#testContext();
    this.#alerts = new RunAlerts(config, tests.redact, {
      store: this.#store,
      channels: (current, redact) => {
        const onLongWait = (words: string) => log.info(`Mail: ${words}. The tests go on`);
        return channelsOf(current, { system, redact, version, onLongWait });
      },
      control: this.#control,
      system,
      log,
      measure: this.#metrics.measure,
      version,
    });
    this.#reports = new ReportMails(config, { system, log, state, alerts: this.#alerts });
    this.#heartbeat = this.#makeHeartbeat();
    this.#parts = this.#monitorParts(tests);
  }

  /** The config in use. */
  get config(): Config {
    return this.#ready.config;
  }

  /** The config in use, with the machine as its children may see it. */
  get ready(): Ready {
    return this.#ready;
  }

  get log(): Log {
    return this.#logs.log;
  }

  /** What the monitor's loop works with. */
  get monitor(): MonitorParts {
    return this.#parts;
  }

  /** Begins to work with the config in use: the log says so with `what`, the metrics are published, the service is ready. */
  async start(what: string): Promise<void> {
    announce(this.#ready, what, this.log);
    this.#prepareControl();
    await this.#metrics.use(this.config);
    await this.#page.use(this.config);
    this.#service?.ready(this.config);
  }

  /** Makes the folder of orders, or gives it to the group of the config in use. Without it only silence and ack do not work. */
  #prepareControl(): void {
    const { config, system } = this.#ready;
    const { controlGroup } = config;
    const gid = controlGroup === null ? null : groupId(system, controlGroup);
    if (controlGroup !== null && gid === null) {
      this.log.warning(`control.group: this host has no group ${controlGroup}: create it with groupadd`);
    }
    const prepared = this.#control.prepare(gid);
    if (!prepared.ok) this.log.warning(prepared.why);
  }

  /** Tells the service manager that the config is read again. {@link use} or {@link keepConfig} follows. */
  reloading(): void {
    this.#service?.reloading();
  }

  /** The config that was read again is bad: the one in use stays. */
  keepConfig(): void {
    this.#metrics.measure({ kind: 'config-read', good: false });
    this.#service?.ready(this.config);
  }

  /** Uses another config from now on. Rows, state and log stay. */
  async use(next: Ready): Promise<void> {
    this.#metrics.measure({ kind: 'config-read', good: true });
    const changes = configChanges(this.config, next.config);
    this.#ready = next;
    const tests = this.#testContext();
    await this.#alerts.use(this.config, tests.redact);
    this.#reports.use(this.config);
    await this.#heartbeat?.end();
    this.#heartbeat = this.#makeHeartbeat();
    this.#parts = this.#monitorParts(tests);
    await this.start('Config read again');
    this.log.info(changes.length === 0 ? 'Nothing in it has changed' : `Changed: ${changes.join('; ')}`);
  }

  /** Ends everything, the log last. */
  async close(): Promise<void> {
    await this.#reports.close();
    await this.#alerts.end();
    await this.#heartbeat?.end();
    this.#progress({ kind: 'end' });
    await this.#cells.close();
    this.#metrics.close();
    await this.#page.close();
    this.#rows.close();
    const saved = this.#store.save();
    if (!saved.ok) this.log.critical(saved.why);
    this.log.info('Stopped');
    await this.#service?.end();
    await this.#logs.log.close();
    this.stop.end();
  }

  #testContext() {
    const { config, system, secrets } = this.#ready;
    return createTestContext(config, {
      ...this.#logs,
      codes: this.#codes,
      certificates: this.#certificates,
      rows: this.#rows,
      cells: this.#cells,
      system,
      secrets,
      progress: this.#progress,
      force: this.stop.force,
      memory: { rejectedAt: (site) => this.#rejectedAt(site) },
      measure: this.#metrics.measure,
    });
  }

  #makeHeartbeat(): Heartbeat | undefined {
    const { heartbeat } = this.config;
    const { system } = this.#ready;
    const secureContext = lazyTrust(undefined, system);
    const { state } = this.#store;
    return heartbeat && new Heartbeat(heartbeat, { state, system, log: this.log, secureContext });
  }

  #monitorParts(tests: ReturnType<typeof createTestContext>): MonitorParts {
    const { log } = this.#logs;
    const { files, now } = this.#ready.system;
    const removeOldFiles = oldFilesRemover({ ...this.config.logging, files, log, now });
    return {
      ...tests,
      log,
      alerts: this.#alerts,
      metrics: this.#metrics,
      heartbeat: this.#heartbeat,
      reports: this.#reports,
      removeOldFiles,
    };
  }

  #rejectedAt(site: string): Date | null {
    const at = this.#store.state.sites.get(site)?.rejectedAt ?? null;
    return at === null ? null : new Date(at);
  }
}

/** What the start says: what runs, what is allowed but unwise, and what no test can tell. */
function announce({ config, system }: Ready, what: string, log: Log): void {
  const { file, frequency, sites, warnings } = config;
  const enabled = sites.filter((site) => site.enabled);
  log.info(`${what}: ${enabled.length} of ${sites.length} sites from ${file}, every ${frequency} s`);
  for (const warning of warnings) log.warning(warning);
  for (const { words, remedy } of [...uncheckedSites(config), ...unwatchedSites(config, system.files)]) {
    log.warning(`${words}: ${remedy}`);
  }
  for (const { name, tunnel } of enabledClients(config)) {
    if (tunnel !== 'unknown') continue;
    log.warning(
      `The tunnel of ${name} is no device: whether it is up when internal_ip is pinged can't be known`,
    );
  }
}
