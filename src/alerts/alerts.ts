import type { Config, SiteConfig } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import type { ControlFolder } from '../control/control-folder.ts';
import { ackOf, type GivenOrder, isOver, silenceOf } from '../control/order.ts';
import { ackInWords, orderInWords, silenceInWords } from '../control/order-words.ts';
import type { Log, Redact } from '../log/log.ts';
import { EVENT_KINDS } from '../model/event-kinds.ts';
import { HEAD_START_MS } from '../model/limits.ts';
import { maintenanceAt } from '../model/maintenance.ts';
import type { Measure } from '../model/metrics-event.ts';
import { type ReportPeriod, reportedOf } from '../model/report-period.ts';
import type { Result } from '../model/result.ts';
import { type HostReport, type SiteResult, succeeded } from '../model/test-result.ts';
import type {
  FirstKeys,
  OutboxEntry,
  PendingEvent,
  SiteState,
  StateStore,
  ToldEvent,
} from '../state/store.ts';
import type { System } from '../system/system.ts';
import { HOUR_MS } from '../words/time.ts';
import { certificateMessage, changeInWords } from './certificate-message.ts';
import { judgeCertificates } from './certificate-policy.ts';
import type { Channel } from './channel.ts';
import { Delivery } from './delivery.ts';
import { judgeExpiry } from './expiry-policy.ts';
import { flapMessage } from './flap-message.ts';
import { isFlapping } from './flap-policy.ts';
import { groupMessage } from './grouping.ts';
import { type HostEvent, isUntested, judgeHost, withoutUnused } from './host-policy.ts';
import {
  expiryMessage,
  type HostFacts,
  hostMessage,
  type Message,
  type Sender,
  type SiteMessage,
  senderOf,
  siteMessage,
} from './message.ts';
import { type AgesAtTest, Moments } from './moments.ts';
import { openEvents } from './open-events.ts';
import { isOld, newEntry, nounOf, OUTBOX_LIMIT, toldEvent, topicsOf } from './outbox.ts';
import { type AlertSettings, counts, judgeSite, NEVER_TESTED, pruneSites } from './policy.ts';
import { reportMessage } from './report-message.ts';
import { ALL_EVENTS, gets, getsReports, messagesFor, type Subscription } from './routing.ts';
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
  readonly control: Pick<ControlFolder, 'read' | 'remove'>;
  readonly system: System;
  readonly log: Log;
  readonly measure: Measure;
  readonly version: string;
}

/** The alerts of one `run`. */
export class RunAlerts implements Alerts {
  readonly #parts: AlertsParts;
  readonly #moments: Moments;
  /** The kinds of warnings that the channels have given. */
  readonly #warned = new Set<string>();
  #config: Config;
  #knownOrders: ReadonlySet<string> = new Set();
  #orderProblems: ReadonlySet<string> = new Set();
  #channels: ReadonlyMap<string, Channel> = new Map();
  #deliveries: readonly Delivery[] = [];
  /** When the first event that waits for others came, in ms on the monotonic clock. */
  #pendingSince = 0;
  /** The sites whose test in this cycle failed, told or not. */
  readonly #failed = new Set<string>();
  /** Why the state can't be written, in words; `null`: it can. */
  #stateFault: string | null = null;

  constructor(config: Config, redact: Redact, parts: AlertsParts) {
    this.#parts = parts;
    this.#moments = new Moments(parts.system);
    this.#config = config;
    this.#adopt(config, redact);
    // The cycle of what still waits ended with the process before.
    this.endCycle();
  }

  async use(config: Config, redact: Redact): Promise<void> {
    // One that is cut off while the receiver answers is sent again.
    await Promise.all(this.#deliveries.map((delivery) => delivery.end(HEAD_START_MS)));
    this.#adopt(config, redact);
  }

  async end(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.end()));
  }

  #adopt(config: Config, redact: Redact): void {
    const { store, channels, system, log, measure } = this.#parts;
    this.#config = config;
    this.#channels = channels(config, redact);
    const parts = {
      state: store.state,
      system,
      log,
      measure,
      save: () => this.#save(),
      warned: this.#warned,
      unconfirmed: (entry: OutboxEntry) => this.#noteUnconfirmed(entry),
    };
    this.#deliveries = [...this.#channels].map(
      ([name, channel]) => new Delivery(name, channel, { ...parts, open: () => this.#openFor(name) }),
    );
    this.#giveUpUnconfigured();
    this.#prune();
  }

  async record(result: SiteResult, records: string | null): Promise<void> {
    const { state } = this.#parts.store;
    const { site } = result;
    const before = state.sites.get(site) ?? NEVER_TESTED;
    const now = this.#parts.system.now();
    const ages = this.#moments.agesAt(result, before);
    const orders = this.#readOrders();
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
      this.#await(message, { about: site, kind, first, at, since, cause });
    }
    // What no outage is about.
    const none = { first: {}, since: null, cause: null };
    if (slowness !== null) {
      const { kind, first, at } = slowness;
      const since = slowness.since.toISOString();
      const message = slowMessage(slowness, this.#sender(), addresses);
      this.#await(message, { about: site, kind, first, at, since, cause: null });
    }
    if (warning !== null) {
      const { at } = warning;
      this.#await(expiryMessage(warning, this.#sender()), { about: site, kind: 'expiry', at, ...none });
    }
    for (const change of judged.changes) this.#parts.log.warning(`${site}: ${changeInWords(change)}`);
    for (const each of judged.events) {
      const { kind, at } = each;
      const message = certificateMessage(each, this.#sender(), addresses);
      this.#await(message, { about: site, kind, at, ...none });
    }
    if (succeeded(result) && next.recovering === null) this.#removeAcks(orders, result);
    this.#moments.note(result, before, event !== null);
    if (counts(result) && !succeeded(result)) this.#failed.add(site);
    else this.#failed.delete(site);
    const { groupSeconds } = this.#config.alerts;
    const waited = this.#parts.system.monotonic() - this.#pendingSince;
    if (state.pending.length > 0 && waited >= groupSeconds * 1000) this.#tell();
    this.#save();
    if (this.#judgeHost(new Map(result.host).set('records', this.#withStateFault(records)))) this.#save();
  }

  async checkRecords(records: string | null): Promise<string | null> {
    if (this.#stateFault !== null) this.#save();
    const fault = this.#withStateFault(records);
    this.noteHost(new Map([['records', fault]]));
    return fault;
  }

  noteHost(report: HostReport): void {
    if (this.#judgeHost(report)) this.#save();
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
    for (const [name, channel] of this.#channels) {
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
      this.#post(name, channel, message);
    }
    this.skipReport(period);
  }

  skipReport(period: ReportPeriod): void {
    this.#parts.store.state.reported = reportedOf(period);
    this.#save();
  }

  endCycle(): void {
    if (this.#parts.store.state.pending.length > 0) {
      this.#tell();
      this.#save();
    }
    this.#failed.clear();
  }

  async deliver(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.deliver(signal)));
    this.#prune();
  }

  nextDue(now: Date): Date | null {
    const due = this.#deliveries.map((delivery) => delivery.nextDue(now)).filter((each) => each !== null);
    return due.toSorted((one, other) => one.getTime() - other.getTime())[0] ?? null;
  }

  /** Adds a report to the host's incident. Returns whether there is anything to store. */
  #judgeHost(report: HostReport): boolean {
    const { store, system } = this.#parts;
    const { state } = store;
    const before = state.host;
    const used = [
      ...enabledClients(this.#config).map(({ name }) => `client ${name}` as const),
      ...this.#enabledSites().map(({ name }) => `ping ${name}` as const),
    ];
    const { state: next, events } = judgeHost(before, withoutUnused(report, before, used), system.now());
    state.host = next;
    for (const event of events) {
      const message = hostMessage(event, this.#sender(), this.#factsOf(event));
      this.#note(message.subject);
      const first = this.#tellHost(event, message);
      if (state.host !== null && event.kind === 'host-fault') state.host = { ...state.host, first };
    }
    return state.host !== before;
  }

  /** Puts a message about this host into the outbox. Returns, by channel, the key of the first one about these faults. */
  #tellHost({ kind, at, since, first }: HostEvent, { subject, text }: Message): FirstKeys {
    const created = at.toISOString();
    const told = { kind, site: null, summary: subject, at: created, since: since.toISOString(), cause: null };
    const keys = [...this.#channels].flatMap(([name, channel]): [string, string][] => {
      if (!gets(this.#subscriptionOf(name), kind, null)) return [];
      const replyTo = first[name] ?? null;
      const message = { about: null, also: [], subject, text, created, replyTo, events: [told] };
      return [[name, this.#post(name, channel, message)]];
    });
    return { ...Object.fromEntries(keys), ...first };
  }

  /** Keeps an event of a site until it is told together with the others of its cycle. It is stored with the next save. */
  #await(
    { subject, text, foot, note }: SiteMessage,
    {
      at,
      ...event
    }: Omit<PendingEvent, 'note' | 'subject' | 'text' | 'foot' | 'created'> & {
      readonly at: Date;
    },
  ): void {
    const { store, system } = this.#parts;
    const { pending } = store.state;
    this.#note(subject);
    if (pending.length === 0) this.#pendingSince = system.monotonic();
    pending.push({ ...event, note, subject, text, foot, created: at.toISOString() });
  }

  /** Puts the messages about all that waits into the outbox, for each channel what it gets. They are stored with the next save. */
  #tell(): void {
    const { state } = this.#parts.store;
    const events = state.pending.splice(0);
    for (const [name, channel] of this.#channels) {
      const subscription = this.#subscriptionOf(name);
      const sites = this.#enabledSites()
        .map(({ name }) => name)
        .filter((name) => subscription.sites?.includes(name) ?? true);
      for (const told of messagesFor(subscription, events)) {
        const [oldest] = told;
        const [about, ...also] = new Set(told.map((event) => event.about));
        // The channel answers the first of its own messages that the events know of.
        const replyTo = told.map(({ first }) => first[name]).find((key) => key !== undefined) ?? null;
        const key = this.#post(name, channel, {
          ...groupMessage(told, sites, this.#failed),
          about: about ?? null,
          also,
          replyTo,
          created: oldest.created,
          events: told.map(toldEvent),
        });
        for (const event of told) this.#noteFirst(event, name, replyTo ?? key);
      }
    }
  }

  /** Notes with the outage of an event which message of a channel it belongs to. */
  #noteFirst({ about, kind }: PendingEvent, channel: string, key: string): void {
    const { sites } = this.#parts.store.state;
    const site = sites.get(about);
    if (site !== undefined) sites.set(about, answering(site, kind, { [channel]: key }));
  }

  /** Writes an event to the log. */
  #note(subject: string): void {
    const none = this.#channels.size === 0 ? ' (no mail: logging.email is not set)' : '';
    this.#parts.log.warning(`Alert: ${subject}${none}`);
  }

  /** Puts a message into the outbox. It is stored with the next save. Returns its key. */
  #post(
    name: string,
    channel: Channel,
    message: Pick<
      OutboxEntry,
      'about' | 'also' | 'subject' | 'text' | 'created' | 'replyTo' | 'events' | 'attachment'
    >,
  ): string {
    const key = channel.newKey();
    this.#parts.store.state.outbox.push(newEntry({ ...message, key, channel: name }));
    this.#giveUpOldest();
    return key;
  }

  /** Gives up the messages whose channel has not been in the config for as long as a message is kept. */
  #giveUpUnconfigured(): void {
    const { log, measure, store, system } = this.#parts;
    const { outbox } = store.state;
    const now = system.now();
    for (const entry of outbox.filter((each) => !this.#channels.has(each.channel) && isOld(each, now))) {
      const { channel, subject } = entry;
      outbox.splice(outbox.indexOf(entry), 1);
      measure({ kind: 'mailed', channel, fate: 'lost' });
      log.critical(`${nounOf(channel)} given up, the config has no such channel: "${subject}"`);
    }
  }

  /** What is wrong now, as far as a channel gets it. */
  #openFor(channel: string): readonly ToldEvent[] {
    const { state } = this.#parts.store;
    const subscription = this.#subscriptionOf(channel);
    return openEvents(state, this.#sender(), (event) => this.#factsOf(event)).filter(({ kind, site }) =>
      gets(subscription, kind, site),
    );
  }

  #subscriptionOf(channel: string): Subscription {
    return this.#config.channels.find(({ name }) => name === channel) ?? ALL_EVENTS;
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

  #giveUpOldest(): void {
    const { log, measure, store } = this.#parts;
    const { outbox } = store.state;
    for (const { channel, subject } of outbox.splice(0, Math.max(0, outbox.length - OUTBOX_LIMIT))) {
      measure({ kind: 'mailed', channel, fate: 'lost' });
      log.critical(`${nounOf(channel)} given up, more than ${OUTBOX_LIMIT} are waiting: "${subject}"`);
    }
  }

  /** What people told the monitor. Removes what is over; logs what is new, and each problem once. */
  #readOrders(): readonly GivenOrder[] {
    const { control, log, system } = this.#parts;
    const { orders, problems } = control.read();
    for (const problem of problems) {
      if (!this.#orderProblems.has(problem)) log.warning(problem);
    }
    this.#orderProblems = new Set(problems);
    const now = system.now().getTime();
    const [over, valid] = [
      orders.filter((order) => isOver(order, now)),
      orders.filter((order) => !isOver(order, now)),
    ];
    for (const { id } of over) control.remove(id);
    for (const order of valid) {
      if (!this.#knownOrders.has(order.id)) log.info(orderInWords(order));
    }
    this.#knownOrders = new Set(valid.map(({ id }) => id));
    return valid;
  }

  /** An acknowledgement is about one outage: it goes with it. */
  #removeAcks(orders: readonly GivenOrder[], result: SiteResult): void {
    for (const order of orders) {
      const isDone =
        order.kind === 'ack' && order.site === result.site && order.from <= result.time.getTime();
      if (isDone) this.#parts.control.remove(order.id);
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

  #enabledSites(): readonly SiteConfig[] {
    return this.#config.sites.filter(({ enabled }) => enabled);
  }

  #factsOf({ faults }: HostEvent): HostFacts {
    const enabled = this.#enabledSites();
    const untested = enabled.filter(({ name, client }) => isUntested(faults, name, client.name));
    return {
      sites: enabled.map(({ name }) => name),
      untested: untested.map(({ name }) => name),
      free: freeBytes(this.#config.logging.dir, this.#parts.system),
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

/** A site whose later messages answer this one, by channel, unless they answer an earlier one. */
function answering(site: SiteState, kind: PendingEvent['kind'], keys: FirstKeys): SiteState {
  const { announced, slow, flap } = site;
  if (kind === 'slow') return { ...site, slow: slow && { ...slow, first: { ...keys, ...slow.first } } };
  if (kind === 'flapping') return { ...site, flap: flap && { ...flap, first: { ...keys, ...flap.first } } };
  // A site that is steady and down is in an outage that this message has announced.
  const isOfOutage = kind === 'steady' || EVENT_KINDS[kind].alert === EVENT_KINDS.failure.alert;
  if (!isOfOutage) return site;
  return { ...site, announced: announced && { ...announced, first: { ...keys, ...announced.first } } };
}

/** The free space of a folder for an ordinary user, in bytes; `null`: it can't be read. */
function freeBytes(folder: string, { files }: System): number | null {
  try {
    const { bavail, bsize } = files.statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
