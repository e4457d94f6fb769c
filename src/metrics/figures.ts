import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { Metrics } from '../model/metrics-event.ts';
import { type Cause, lossOf, type SiteResult, type StageResult } from '../model/test-result.ts';
import type { SiteState, State } from '../state/store.ts';

/** What of a running monitor is looked up whenever somebody asks for its figures. */
export interface FiguresParts {
  readonly state: Pick<State, 'sites' | 'outbox' | 'host'>;
  readonly rows: { readonly pending: number };
  /** Of this package. */
  readonly version: string;
}

/** The figures of a monitor. */
export interface Figures extends Pick<Metrics, 'measure'> {
  /** Goes by another config: what was known of sites that are tested no more is forgotten. */
  use(config: Config): void;
  /** All figures as Prometheus' text format 0.0.4. */
  text(): Promise<string>;
}

/** The three stages as labels. */
const STAGES = ['ping_outside', 'log_in', 'ping_inside'] as const;

/** Upper bounds in seconds, for pings of a millisecond and for log-ins of a minute. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];

type Values = Iterable<readonly [labels: Record<string, string>, value: number]>;

/**
 * Makes the figures. No label holds anything but names of sites, stages, causes and versions.
 *
 * What is known of a site outlives a restart, as its streak does: an alert does not end because the monitor was updated.
 */
export function createFigures({ state, rows, version }: FiguresParts, first: Config): Figures {
  const registry = new Registry();
  let config = first;
  /** The last stages of each site that this process has tested. */
  const last = new Map<string, SiteResult['stages']>();
  /** All causes seen so far. */
  const causes = new Set<Cause>();

  const gauge = (name: string, help: string, labelNames: string[], values: () => Values) =>
    new Gauge({
      name: `vpn_monitor_${name}`,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const [labels, value] of values()) this.set(labels, value);
      },
    });
  const value = (name: string, help: string, read: () => number) =>
    gauge(name, help, [], () => [[{}, read()]]);
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `vpn_monitor_${name}`, help, labelNames, registers: [registry] });

  const siteGauge = (name: string, help: string, read: (known: SiteState) => number | null) =>
    gauge(`site_${name}`, help, ['site'], function* () {
      for (const site of testedSites(config)) {
        const known = state.sites.get(site);
        const figure = known === undefined ? null : read(known);
        if (figure !== null) yield [{ site }, figure];
      }
    });
  const stageGauge = (name: string, help: string, read: (stage: StageResult) => number | undefined) =>
    gauge(`site_${name}`, help, ['site', 'stage'], function* () {
      for (const [site, stages] of last) {
        for (const [stage, result] of labelled(stages)) {
          const figure = read(result);
          if (figure !== undefined) yield [{ site, stage }, figure];
        }
      }
    });

  siteGauge(
    'up',
    'Whether the last test of the site that counts was a success (1) or not (0).',
    ({ lastResult, consecutiveFailures }) => (lastResult === null ? null : Number(consecutiveFailures === 0)),
  );
  siteGauge(
    'consecutive_failures',
    'Failures in a row of the tests that count.',
    ({ consecutiveFailures }) => consecutiveFailures,
  );
  siteGauge(
    'last_result_timestamp_seconds',
    'Start of the last test that counts. One that this host was unfit for does not.',
    ({ lastResult }) => unixSeconds(lastResult),
  );
  siteGauge('last_success_timestamp_seconds', 'Start of the last successful test.', ({ lastSuccess }) =>
    unixSeconds(lastSuccess),
  );
  stageGauge(
    'stage_seconds',
    'Value of a stage in the last test: average round-trip time of a ping, or time to log in. None if it failed.',
    (stage) => (stage.outcome === 'ok' ? stage.ms / 1000 : undefined),
  );
  stageGauge(
    'loss_ratio',
    'Share of the echo requests of a ping in the last test that got no reply. None if it could not be known.',
    lossOf,
  );
  const durations = new Histogram({
    name: 'vpn_monitor_site_stage_duration_seconds',
    help: 'Values of a stage in all tests in which it did not fail.',
    labelNames: ['site', 'stage'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const failures = counter('site_stage_failures_total', 'Failures of a stage, by cause.', [
    'site',
    'stage',
    'cause',
  ]);

  let cycleSeconds = 0;
  value(
    'cycle_seconds',
    'Time that the last cycle over all sites took; 0 until the first one has ended.',
    () => cycleSeconds,
  );
  value(
    'interval_seconds',
    'Time from the start of a cycle to the start of the next, as configured.',
    () => config.frequency,
  );
  const overruns = counter('cycle_overruns_total', 'Cycles that took longer than the interval.');
  value('mails_waiting', 'Mails that somebody has not got yet.', () => state.outbox.length);
  const mails = {
    delivered: counter('mails_delivered_total', 'Mails that the server took for at least one recipient.'),
    failed: counter('mails_failed_total', 'Attempts to send mail that were in vain.'),
    lost: counter('mails_lost_total', 'Mails that were given up.'),
  };
  value('rows_waiting', 'Rows of results that could not be written yet.', () => rows.pending);
  value(
    'host_faults',
    'Faults of this host that keep it from testing or from keeping its records.',
    () => state.host?.faults.length ?? 0,
  );
  const leftovers = counter('leftovers_killed_total', 'Left-over processes of VPN clients that were killed.');
  const repairs = counter('dns_repairs_total', 'Times that resolv.conf was restored.');
  let configIsGood = true;
  value(
    'config_last_reload_successful',
    'Whether the config was good when it was read last (1) or not (0).',
    () => Number(configIsGood),
  );
  gauge('build_info', 'Versions of the monitor and of Node; always 1.', ['version', 'node'], () => [
    [{ version, node: process.versions.node }, 1],
  ]);

  const noteStages = ({ site, stages }: SiteResult) => {
    last.set(site, stages);
    for (const [stage, result] of labelled(stages)) {
      if (result.outcome === 'ok') {
        durations.observe({ site, stage }, result.ms / 1000);
      } else {
        causes.add(result.cause);
        failures.inc({ site, stage, cause: result.cause });
      }
    }
  };

  return {
    measure: (event) => {
      switch (event.kind) {
        case 'tested':
          return noteStages(event.result);
        case 'cycled':
          cycleSeconds = event.seconds;
          if (event.overrun) overruns.inc();
          return;
        case 'leftovers-killed':
          return leftovers.inc(event.count);
        case 'dns-repaired':
          return repairs.inc();
        case 'mailed':
          return mails[event.fate].inc();
        case 'config-read':
          configIsGood = event.good;
      }
    },
    use: (next) => {
      config = next;
      const tested = testedSites(config);
      for (const site of [...last.keys()].filter((name) => !tested.includes(name))) {
        last.delete(site);
        for (const stage of STAGES) {
          durations.remove({ site, stage });
          for (const cause of causes) failures.remove({ site, stage, cause });
        }
      }
    },
    text: () => registry.metrics(),
  };
}

function testedSites({ sites }: Config): string[] {
  return sites.filter(({ enabled }) => enabled).map(({ name }) => name);
}

function labelled([outside, login, inside]: SiteResult['stages']) {
  return [
    [STAGES[0], outside],
    [STAGES[1], login],
    [STAGES[2], inside],
  ] as const;
}

function unixSeconds(time: string | null): number | null {
  return time === null ? null : Date.parse(time) / 1000;
}
