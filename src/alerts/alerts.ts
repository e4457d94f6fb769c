import type { Config } from '../config/config.ts';
import { ackOf, type GivenOrder, silenceOf } from '../control/order.ts';
import { ackInWords, silenceInWords } from '../control/order-words.ts';
import type { Log, Redact } from '../log/log.ts';
import { HEAD_START_MS } from '../model/limits.ts';
import { maintenanceAt } from '../model/maintenance.ts';
import type { Measure } from '../model/metrics-event.ts';
import { type ReportPeriod, reportedOf } from '../model/report-period.ts';
import type { Result } from '../model/result.ts';
import { type HostReport, type SiteResult, succeeded } from '../model/test-result.ts';
import type { OutboxEntry, StateStore, ToldEvent } from '../state/store.ts';
import type { System } from '../system/system.ts';
import { HOUR_MS } from '../words/time.ts';
import { certificateMessage, changeInWords } from './certificate-message.ts';
import { judgeCertificates } from './certificate-policy.ts';
import type { Channel } from './channel.ts';
import { Delivery } from './delivery.ts';
import { EventGroup } from './event-group.ts';
import { judgeExpiry } from './expiry-policy.ts';
import { flapMessage } from './flap-message.ts';
import { isFlapping } from './flap-policy.ts';
import { HostIncident, namesOf } from './host-incident.ts';
import { expiryMessage, type Sender, senderOf, siteMessage } from './message.ts';
import { type AgesAtTest, Moments } from './moments.ts';
import { openEvents } from './open-events.ts';
import { type Control, OrdersInForce } from './orders-in-force.ts';
import { topicsOf } from './outbox.ts';
import { type AlertSettings, judgeSite, NEVER_TESTED, pruneSites } from './policy.ts';
import { Posting } from './posting.ts';
import { reportMessage } from './report-message.ts';
import { gets, getsReports } from './routing.ts';
import { slowMessage } from './slow-message.ts';
import { judgeSlow } from './slow-policy.ts';

/** Converts results to messages. The monitor's loop calls it. */
export interface Alerts {
  /**
   * Adds a result to the site's streak and stores the streak together with the message that is due, then does the same for
   * the host's incident. Call it when the result's row is on disk, or can't be. Never rejects.
   *
   * @param records why rows or log can't be written, in words; `null`: they can
   */
  record(result: SiteResult, records: string | null): Promise<void>;
  /**
   * Between two cycles: tries the state again if it could not be written, and adds to the host's incident whether
   * everything can be written now. Never rejects.
   *
   * @returns what can't be written, the state too, in words; `null`: nothing
   */
  checkRecords(records: string | null): Promise<string | null>;
  /** Adds what was found out about the host between two tests to its incident. Never rejects. */
  noteHost(report: HostReport): void;
  /** Puts the report of a period into the outbox of each channel that gets reports, and stores that it was made. Never rejects. */
  tellReport(report: MadeReport): void;
  /** Stores that a period needs no report, and no earlier one. */
  skipReport(period: ReportPeriod): void;
  /**
   * Ends a cycle: what happened to sites within it becomes one message. What happened `alerts.group_seconds` earlier did not wait for
   * that. Never rejects.
   */
  endCycle(): void;
  /**
   * One attempt at the messages that are due. Call it while no tunnel is up. Resolves when the attempt has ended or its head start is
   * over; it then goes on in the background, until `signal` or {@link Alerts.end} ends it. Rejects only with a bug.
   */
  deliver(signal: AbortSignal): Promise<void>;
  /** When {@link Alerts.deliver} has something to do; `null`: nothing waits, an attempt is under way, or no channel is configured. */
  nextDue(now: Date): Date | null;
  /**
   * Continues with another config. Streaks, incident and waiting messages stay. Ends attempts that are under way and do not end within
   * a head start; waiting messages are tried at once.
   */
  use(config: Config, redact: Redact): Promise<void>;
  /** Ends attempts that are under way. Rejects only with a bug. */
  end(): Promise<void>;
}

/** The report of a period. */
export interface MadeReport {
  readonly period: ReportPeriod;
  /** Its figures, the main ones on the first line; or why there is no report. */
  readonly summary: Result<string>;
  /** The name of its page in the folder of reports; `undefined`: there is none. */
  readonly attachment: string | undefined;
}

/** Makes the channels of a config, by name. */
export type Channels = (config: Config, redact: Redact) => ReadonlyMap<string, Channel>;

/** The environment of the alerts. */
export interface AlertsParts {
  readonly store: StateStore;
  readonly channels: Channels;
  /** The orders of people. */
  readonly control: Control;
  readonly system: System;
  readonly log: Log;
  readonly measure: Measure;
  readonly version: string;
}

/** The alerts of one `run`. */
export class RunAlerts implements Alerts {
  readonly #parts: AlertsParts;
  readonly #moments: Moments;
  readonly #orders: OrdersInForce;
  readonly #posting: Posting;
  readonly #group: EventGroup;
  readonly #incident: HostIncident;
  /** The kinds of warnings that the channels have given. */
  readonly #warned = new Set<string>();
  #config: Config;
  #deliveries: readonly Delivery[] = [];
  /** Why the state can't be written, in words; `null`: it can. */
  #stateFault: string | null = null;

  constructor(config: Config, redact: Redact, parts: AlertsParts) {
    this.#parts = parts;
    const { store, system, channels } = parts;
    this.#moments = new Moments(system);
    this.#orders = new OrdersInForce(parts);
    this.#config = config;
    this.#posting = new Posting(config, channels(config, redact), { ...parts, state: store.state });
    this.#group = new EventGroup(store.state, system, this.#posting);
    this.#incident = new HostIncident(store.state, system, this.#posting);
    this.#openDeliveries();
    // The cycle of what still waits ended with the process before.
    this.endCycle();
  }

  async use(config: Config, redact: Redact): Promise<void> {
    // One that is cut off while the receiver answers is sent again.
    await Promise.all(this.#deliveries.map((delivery) => delivery.end(HEAD_START_MS)));
    this.#config = config;
    this.#posting.use(config, this.#parts.channels(config, redact));
    this.#openDeliveries();
  }

  async end(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.end()));
  }

  #openDeliveries(): void {
    const { store, system, log, measure } = this.#parts;
    const parts = {
      state: store.state,
      system,
      log,
      measure,
      save: () => this.#save(),
      warned: this.#warned,
      unconfirmed: (entry: OutboxEntry) => this.#noteUnconfirmed(entry),
    };
    this.#deliveries = [...this.#posting.channels].map(
      ([name, channel]) => new Delivery(name, channel, { ...parts, open: () => this.#openFor(name) }),
    );
    this.#prune();
  }

  async record(result: SiteResult, records: string | null): Promise<void> {
    const { state } = this.#parts.store;
    const { site } = result;
    const before = state.sites.get(site) ?? NEVER_TESTED;
    const now = this.#parts.system.now();
    const ages = this.#moments.agesAt(result, before);
    const orders = this.#orders.read();
    const settings = this.#settingsFor(result, ages, orders);
    const { state: next, event, withheld } = judgeSite(before, result, settings, now);
    if ((withheld === 'maintenance' || withheld === 'silenced') && before.withheld !== withheld) {
      const why = withheld === 'silenced' ? 'it is silenced' : 'it is in a maintenance window';
      this.#parts.log.info(`No alert for ${site}: ${why}`);
    }
    const { expiryDays } = this.#config.alerts;
    const { expiry, event: warning } = judgeExpiry(before.expiry, result, expiryDays, now);
    const judged = judgeCertificates(before.certificates, result, expiryDays, now);
    const { certificates } = judged;
    const quiet = settings.maintenance || settings.silenced || isFlapping(next);
    const { slow, event: slowness } = judgeSlow(before.slow, result, { ...settings, quiet }, now);
    const known = { expiry, certificates, slow };
    const { announced } = next;
    // After a restart, a cycle may still take longer than three times the frequency.
    const interval = ages.test === 0 ? null : Math.round(ages.test);
    const addresses = this.#config.sites.find(({ name }) => name === site);
    if (event === null) {
      state.sites.set(site, { ...next, interval, ...known });
    } else {
      state.sites.set(site, {
        ...next,
        interval,
        ...known,
        announced: announced && { ...announced, first: event.first },
      });
      const { kind, first, at, cause } = event;
      const since = event.since.toISOString();
      const sender = this.#sender();
      const message =
        'changes' in event ? flapMessage(event, sender, addresses) : siteMessage(event, sender, addresses);
      this.#group.add(message, { about: site, kind, first, at, since, cause });
    }
    // What no outage is about.
    const none = { first: {}, since: null, cause: null };
    if (slowness !== null) {
      const { kind, first, at } = slowness;
      const since = slowness.since.toISOString();
      const message = slowMessage(slowness, this.#sender(), addresses);
      this.#group.add(message, { about: site, kind, first, at, since, cause: null });
    }
    if (warning !== null) {
      const { at } = warning;
      this.#group.add(expiryMessage(warning, this.#sender()), { about: site, kind: 'expiry', at, ...none });
    }
    for (const change of judged.changes) this.#parts.log.warning(`${site}: ${changeInWords(change)}`);
    for (const each of judged.events) {
      const { kind, at } = each;
      const message = certificateMessage(each, this.#sender(), addresses);
      this.#group.add(message, { about: site, kind, at, ...none });
    }
    if (succeeded(result) && next.recovering === null) this.#orders.removeAcks(orders, site);
    this.#moments.note(result, before, event !== null);
    this.#group.count(result);
    if (this.#group.isDue(this.#config.alerts.groupSeconds)) this.#group.tell(namesOf(this.#config));
    this.#save();
    this.noteHost(new Map(result.host).set('records', this.#withStateFault(records)));
  }

  async checkRecords(records: string | null): Promise<string | null> {
    if (this.#stateFault !== null) this.#save();
    const fault = this.#withStateFault(records);
    this.noteHost(new Map([['records', fault]]));
    return fault;
  }

  noteHost(report: HostReport): void {
    if (this.#incident.judge(report, this.#config, this.#sender())) this.#save();
  }

  tellReport({ period, summary, attachment }: MadeReport): void {
    const at = this.#parts.system.now();
    const created = at.toISOString();
    const { subject, text } = reportMessage(period, summary, this.#sender(), at);
    const told = {
      kind: 'report',
      site: null,
      summary: subject,
      at: created,
      since: null,
      cause: null,
    } as const;
    const page = attachment === undefined ? {} : { attachment };
    for (const [name, channel] of this.#posting.channels) {
      if (!getsReports(this.#config.channels.find((each) => each.name === name))) continue;
      const message = {
        about: null,
        also: [],
        subject,
        text,
        created,
        replyTo: null,
        events: [told],
        ...page,
      };
      this.#posting.post(name, channel, message);
    }
    this.skipReport(period);
  }

  skipReport(period: ReportPeriod): void {
    this.#parts.store.state.reported = reportedOf(period);
    this.#save();
  }

  endCycle(): void {
    if (this.#group.end(namesOf(this.#config))) this.#save();
  }

  async deliver(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.deliver(signal)));
    this.#prune();
  }

  nextDue(now: Date): Date | null {
    const due = this.#deliveries.map((delivery) => delivery.nextDue(now)).filter((each) => each !== null);
    return due.toSorted((one, other) => one.getTime() - other.getTime())[0] ?? null;
  }

  /** What is wrong now, as far as a channel gets it. */
  #openFor(channel: string): readonly ToldEvent[] {
    const { state } = this.#parts.store;
    const subscription = this.#posting.subscriptionOf(channel);
    return openEvents(state, this.#sender(), (event) => this.#incident.factsOf(event, this.#config)).filter(
      ({ kind, site }) => gets(subscription, kind, site),
    );
  }

  /** Notes with each outage that a message began that it may not have arrived. */
  #noteUnconfirmed(entry: OutboxEntry): void {
    const { sites } = this.#parts.store.state;
    for (const name of topicsOf(entry)) {
      const site = name === null ? undefined : sites.get(name);
      if (name === null || !site?.announced || site.announced.first[entry.channel] !== entry.key) continue;
      sites.set(name, { ...site, announced: { ...site.announced, unconfirmed: true } });
    }
  }

  #settingsFor(result: SiteResult, ages: AgesAtTest, orders: readonly GivenOrder[]): AlertSettings {
    const { alerts, frequency, maintenance } = this.#config;
    const silence = silenceOf(orders, result.site, this.#parts.system.now().getTime());
    const ack = ackOf(orders, result.site);
    return {
      after: alerts.after,
      recoverAfter: alerts.recoverAfter,
      flap: alerts.flap,
      remindMs: alerts.remindHours * HOUR_MS,
      recovery: alerts.recovery,
      intervalMs: Math.max(frequency * 1000, ages.test),
      ages,
      maintenance: maintenanceAt(maintenance, result.site, result.time.getTime()) !== null,
      silenced: silence !== null,
      acknowledged: ack !== null,
      orders: [
        ...(ack === null ? [] : ([['Acknowledged', ackInWords(ack)]] as const)),
        ...(silence === null ? [] : ([['Silenced', silenceInWords(silence)]] as const)),
      ],
    };
  }

  #sender(): Sender {
    return senderOf(this.#config, this.#parts.system, this.#parts.version);
  }

  #withStateFault(records: string | null): string | null {
    const faults = [records, this.#stateFault].filter((words) => words !== null);
    return faults.length === 0 ? null : faults.join('; ');
  }

  #prune(): void {
    if (pruneSites(this.#parts.store.state, this.#config.sites)) this.#save();
  }

  #save(): void {
    const { log, store } = this.#parts;
    const saved = store.save();
    if (!saved.ok && this.#stateFault === null) log.critical(saved.why);
    if (saved.ok && this.#stateFault !== null) log.info('the state can be written again');
    this.#stateFault = saved.ok ? null : saved.why;
  }
}
