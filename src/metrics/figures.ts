import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Config, MAIL } from '../config/config.ts';
import type { MessageFate, MetricsEvent } from '../model/metrics-event.ts';
import {
  type Cause,
  lossOf,
  type SiteResult,
  type StageResult,
  type TargetResult,
} from '../model/test-result.ts';
import type { SiteState, State } from '../state/store.ts';

/** The parts of a running monitor whose values are read at each scrape. */
export interface FiguresParts {
  readonly state: Pick<State, 'sites' | 'outbox' | 'host'>;
  readonly rows: { readonly pending: number };
  /** The version of this package. */
  readonly version: string;
}

/** The values of the label `stage`, in the order of the stages. */
const STAGES = ['ping_outside', 'log_in', 'ping_inside'] as const;

/** Upper bounds in seconds, for pings of a millisecond and for log-ins of a minute. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];

type Values = Iterable<readonly [labels: Record<string, string>, value: number]>;

/**
 * The figures of a monitor. Labels contain only names of sites, stages, causes, channels and versions.
 *
 * The figures of a site's streak are in the state and outlive a restart, so that an alert does not end with an update.
 */
export class Figures {
  readonly #registry = new Registry();
  readonly #state: FiguresParts['state'];
  #config: Config;
  /** The stages of the last test of each site by this process. */
  readonly #lastStages = new Map<string, SiteResult['stages']>();
  /** The stages of that test that were slow. */
  readonly #lastSlow = new Map<string, readonly number[]>();
  readonly #lastInside = new Map<string, readonly TargetResult[]>();
  /** All causes seen so far. */
  readonly #causes = new Set<Cause>();
  #cycleSeconds = 0;
  #configIsGood = true;
  readonly #stageDurations: Histogram;
  readonly #stageFailures: Counter;
  readonly #cycleOverruns: Counter;
  readonly #mails: Readonly<Record<MessageFate, Counter>>;
  readonly #messages: Counter;
  readonly #leftoversKilled: Counter;
  readonly #dnsRepairs: Counter;

  /** Figures appear in the text in the order in which they are created here. */
  constructor({ state, rows, version }: FiguresParts, config: Config) {
    this.#state = state;
    this.#config = config;
    this.#addSiteGauges();
    this.#addStageGauges();
    this.#stageDurations = new Histogram({
      name: 'vpn_monitor_site_stage_duration_seconds',
      help: 'Values of a stage in all tests in which it did not fail.',
      labelNames: ['site', 'stage'],
      buckets: BUCKETS,
      registers: [this.#registry],
    });
    this.#stageFailures = this.#counter('site_stage_failures_total', 'Failures of a stage, by cause.', [
      'site',
      'stage',
      'cause',
    ]);
    this.#value(
      'cycle_seconds',
      'Duration of the last cycle over all sites; 0 until the first cycle has ended.',
      () => this.#cycleSeconds,
    );
    this.#value(
      'interval_seconds',
      'Configured time from the start of a cycle to the start of the next.',
      () => this.#config.frequency,
    );
    this.#cycleOverruns = this.#counter('cycle_overruns_total', 'Cycles that took longer than the interval.');
    this.#value(
      'mails_waiting',
      'Mails that are not delivered to all recipients yet.',
      () => state.outbox.filter(({ channel }) => channel === MAIL).length,
    );
    this.#mails = {
      delivered: this.#counter(
        'mails_delivered_total',
        'Mails that the server accepted for at least one recipient.',
      ),
      failed: this.#counter('mails_failed_total', 'Failed attempts to send mail.'),
      lost: this.#counter('mails_lost_total', 'Mails that were given up.'),
      unconfirmed: this.#counter(
        'mails_unconfirmed_total',
        'Mails that were sent three times without an answer and are not sent again. They may have arrived.',
      ),
    };
    this.#gauge(
      'messages_waiting',
      'Messages of a channel that are not delivered yet, mails too.',
      ['channel'],
      () => this.#waitingByChannel(),
    );
    this.#messages = this.#counter(
      'messages_total',
      'What came of tries to deliver the messages of a channel, mails too: delivered, failed, lost (given up) or unconfirmed.',
      ['channel', 'fate'],
    );
    this.#beginMessages();
    this.#value('rows_waiting', 'Rows of results that are not written yet.', () => rows.pending);
    this.#value(
      'host_faults',
      'Faults of this host that keep it from testing or from keeping its records.',
      () => state.host?.faults.length ?? 0,
    );
    this.#leftoversKilled = this.#counter(
      'leftovers_killed_total',
      'Leftover processes of VPN clients that were killed.',
    );
    this.#dnsRepairs = this.#counter('dns_repairs_total', 'Times that resolv.conf was restored.');
    this.#value(
      'config_last_reload_successful',
      'Whether the config was good when it was last read (1) or not (0).',
      () => Number(this.#configIsGood),
    );
    this.#gauge('build_info', 'Versions of the monitor and of Node; always 1.', ['version', 'node'], () => [
      [{ version, node: process.versions.node }, 1],
    ]);
  }

  /** Counts an event. Never throws. */
  measure(event: MetricsEvent): void {
    switch (event.kind) {
      case 'tested':
        this.#countStages(event.result);
        break;
      case 'cycled':
        this.#cycleSeconds = event.seconds;
        if (event.overrun) this.#cycleOverruns.inc();
        break;
      case 'leftovers-killed':
        this.#leftoversKilled.inc(event.count);
        break;
      case 'dns-repaired':
        this.#dnsRepairs.inc();
        break;
      case 'mailed':
        if (event.channel === MAIL) this.#mails[event.fate].inc();
        this.#messages.inc({ channel: event.channel, fate: event.fate });
        break;
      case 'config-read':
        this.#configIsGood = event.good;
    }
  }

  /** Uses another config, and removes the figures of sites that are not tested any more. */
  use(config: Config): void {
    this.#config = config;
    this.#beginMessages();
    const tested = testedSites(config);
    for (const site of [...this.#lastStages.keys()].filter((name) => !tested.includes(name))) {
      this.#lastStages.delete(site);
      this.#lastSlow.delete(site);
      this.#lastInside.delete(site);
      for (const stage of STAGES) {
        this.#stageDurations.remove({ site, stage });
        for (const cause of this.#causes) this.#stageFailures.remove({ site, stage, cause });
      }
    }
  }

  /** Returns all figures in Prometheus' text format 0.0.4. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #countStages({ site, stages, slow = [], inside = [] }: SiteResult): void {
    this.#lastStages.set(site, stages);
    this.#lastSlow.set(
      site,
      slow.map(({ stage }) => stage),
    );
    this.#lastInside.set(site, inside);
    for (const [stage, result] of labelled(stages)) {
      if (result.outcome === 'ok') {
        this.#stageDurations.observe({ site, stage }, result.ms / 1000);
      } else {
        this.#causes.add(result.cause);
        this.#stageFailures.inc({ site, stage, cause: result.cause });
      }
    }
  }

  #addSiteGauges(): void {
    this.#siteGauge(
      'up',
      'Whether the last test of the site that counts was a success (1) or not (0).',
      ({ lastResult, consecutiveFailures }) =>
        lastResult === null ? null : Number(consecutiveFailures === 0),
    );
    this.#siteGauge(
      'consecutive_failures',
      'Consecutive failures of the tests that count.',
      ({ consecutiveFailures }) => consecutiveFailures,
    );
    this.#siteGauge(
      'last_result_timestamp_seconds',
      'Start of the last test that counts. A test with a host fault does not count.',
      ({ lastResult }) => unixSeconds(lastResult),
    );
    this.#siteGauge(
      'last_success_timestamp_seconds',
      'Start of the last successful test.',
      ({ lastSuccess }) => unixSeconds(lastSuccess),
    );
    this.#siteGauge(
      'flapping',
      'Whether people were told that the site flaps (1), so that its outages are not announced, or not (0).',
      ({ flap }) => Number(flap !== null && flap.since !== null),
    );
    this.#siteGauge(
      'password_expiry_timestamp_seconds',
      'When the password of the site expires, as the gateway said at the last log-in. None if it said nothing.',
      ({ expiry }) => unixSeconds(expiry?.at ?? null),
    );
    this.#gauge(
      'site_certificate_expiry_timestamp_seconds',
      'When the certificate of the gateway, or that of the user, expires, as last read. None if it was never read.',
      ['site', 'owner'],
      () =>
        testedSites(this.#config).flatMap((site) =>
          (this.#state.sites.get(site)?.certificates ?? []).map(
            ({ owner, until }) => [{ site, owner }, Date.parse(until) / 1000] as const,
          ),
        ),
    );
  }

  #addStageGauges(): void {
    this.#stageGauge(
      'stage_seconds',
      'Value of a stage in the last test: average round-trip time of a ping, or time to log in. None if it failed.',
      (stage) => (stage.outcome === 'ok' ? stage.ms / 1000 : undefined),
    );
    this.#gauge(
      'site_slow',
      'Whether a stage of the last test took longer than slow_ms (1) or not (0). None without a limit.',
      ['site', 'stage'],
      () =>
        [...this.#lastSlow].flatMap(([site, slow]) => {
          const limits = this.#config.sites.find(({ name }) => name === site)?.slowMs ?? [];
          return limits.flatMap((limit, index) =>
            limit === null
              ? []
              : [[{ site, stage: STAGES[index] ?? '' }, Number(slow.includes(index + 1))] as const],
          );
        }),
    );
    this.#gauge(
      'site_inside_seconds',
      'Value of each target of inside in the last test. None if it failed.',
      ['site', 'target'],
      () =>
        [...this.#lastInside].flatMap(([site, targets]) =>
          targets.flatMap(({ target, result }) =>
            result.outcome === 'ok' ? [[{ site, target }, result.ms / 1000] as const] : [],
          ),
        ),
    );
    this.#stageGauge(
      'loss_ratio',
      'Share of the echo requests of a ping in the last test that got no reply. None if it is unknown.',
      lossOf,
    );
  }

  /** Begins all counters of the channels with 0: to Prometheus, a series that begins with 1 has not increased. */
  #beginMessages(): void {
    for (const channel of channelNames(this.#config)) {
      for (const fate of Object.keys(this.#mails)) this.#messages.inc({ channel, fate }, 0);
    }
  }

  /** How many messages of each channel wait, also of one that is not in the config any more. */
  #waitingByChannel(): Values {
    const waiting = new Map(channelNames(this.#config).map((name) => [name, 0]));
    for (const { channel } of this.#state.outbox) waiting.set(channel, (waiting.get(channel) ?? 0) + 1);
    return [...waiting].map(([channel, count]) => [{ channel }, count]);
  }

  #siteGauge(name: string, help: string, read: (known: SiteState) => number | null): void {
    this.#gauge(`site_${name}`, help, ['site'], () =>
      testedSites(this.#config).flatMap((site) => {
        const known = this.#state.sites.get(site);
        const figure = known === undefined ? null : read(known);
        return figure === null ? [] : [[{ site }, figure]];
      }),
    );
  }

  #stageGauge(name: string, help: string, read: (stage: StageResult) => number | undefined): void {
    this.#gauge(`site_${name}`, help, ['site', 'stage'], () =>
      [...this.#lastStages].flatMap(([site, stages]) =>
        labelled(stages).flatMap(([stage, result]) => {
          const figure = read(result);
          return figure === undefined ? [] : [[{ site, stage }, figure] as const];
        }),
      ),
    );
  }

  #value(name: string, help: string, read: () => number): void {
    this.#gauge(name, help, [], () => [[{}, read()]]);
  }

  /** Adds a gauge whose `values` are read at each scrape. */
  #gauge(name: string, help: string, labelNames: string[], values: () => Values): void {
    new Gauge({
      name: `vpn_monitor_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [labels, value] of values()) this.set(labels, value);
      },
    });
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `vpn_monitor_${name}`, help, labelNames, registers: [this.#registry] });
  }
}

function channelNames({ logging, channels }: Config): string[] {
  return [...(logging.email === undefined ? [] : [MAIL]), ...channels.map(({ name }) => name)];
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
