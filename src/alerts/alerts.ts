import type { Config } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import type { Log, Redact } from '../log/log.ts';
import type { Measure } from '../model/metrics-event.ts';
import type { HostFaultKind, HostReport, SiteResult } from '../model/test-result.ts';
import type { HostFaultState, SiteState, StateStore } from '../state/store.ts';
import type { System } from '../system/system.ts';
import { HOUR_MS } from '../words/time.ts';
import { hostWithoutAnnouncement, judgeHost } from './host-policy.ts';
import { createMailer, type Mailer } from './mail/mailer.ts';
import { composeMail, type MailTopic } from './mail/mime.ts';
import { trust } from './mail/smtp/trust.ts';
import { hostMessage, type Message, siteMessage } from './message.ts';
import {
  type Ages,
  type AlertSettings,
  agesByWallClock,
  counts,
  judgeSite,
  NEVER_TESTED,
  pruneSites,
  withoutAnnouncement,
} from './policy.ts';
import { senderOf } from './sender.ts';

/** From results to mails: what the monitor's loop calls. */
export interface Alerts {
  /**
   * Takes a result into the site's streak and stores it together with the mail that is due, then the same for the
   * host's incident. To be called when the result's row is on disk, or can't be. Never rejects.
   *
   * @param records why rows or log can't be written, in words; `null`: they can
   */
  record(result: SiteResult, records: string | null): Promise<void>;
  /**
   * Between two cycles: tries the state again if it could not be written, and takes into the host's incident whether all
   * can be written now. Never rejects.
   *
   * @returns what can't be written, the state too, in words; `null`: nothing
   */
  checkRecords(records: string | null): Promise<string | null>;
  /** One attempt at the mails that are due. To be called when no tunnel is up. Never rejects. */
  deliver(signal: AbortSignal): Promise<void>;
  /** When {@link Alerts.deliver} has something to do; `null`: no mail waits, or no mail server is configured. */
  nextDue(now: Date): Date | null;
  /** Goes on with another config. Streaks, incident and waiting mails stay; a waiting mail is tried at once. */
  use(config: Config, redact: Redact): void;
}

/** What the alerts need beside the config. */
export interface AlertsParts {
  readonly store: StateStore;
  readonly system: System;
  readonly log: Log;
  readonly measure: Measure;
  readonly version: string;
}

/** What became of an event's mail; `id` is its Message-ID, `null` where no mail is configured. */
type Queued = { readonly built: true; readonly id: string | null } | { readonly built: false };

/**
 * What happened to a site last, on the monotonic clock: a step of the wall clock must neither end a streak nor bring or
 * move a reminder. What was before this process is dated back from its first test here.
 */
interface Moments {
  readonly tested: number;
  /** A test that counted. */
  readonly result: number;
  /** A mail that said that it is down. */
  readonly reminder: number;
}

/** At most this many mails wait: the whole state, mails included, is rewritten at every result. */
const MAILS_LIMIT = 1000;

/** The alerts of one `run`. */
export function createAlerts(first: Config, redact: Redact, parts: AlertsParts): Alerts {
  const { store, system, log, measure, version } = parts;
  const { state } = store;
  const warned = new Set<string>();
  /** The subjects of mails that could not be built and are due still: said once, tried at every result. */
  const unbuilt = new Set<string>();
  const moments = new Map<string, Moments>();
  let config = first;
  let mailer: Mailer | undefined;
  let stateFault: string | null = null;

  const save = () => {
    const fault = store.save();
    if (fault !== null && stateFault === null) log.critical(fault);
    if (fault === null && stateFault !== null) log.info('the state can be written again');
    stateFault = fault;
  };

  const use = (next: Config, nextRedact: Redact) => {
    config = next;
    unbuilt.clear();
    const { email } = config.logging;
    let context: ReturnType<typeof trust> | undefined;
    const secureContext = () => {
      context ??= trust(email?.ca, system);
      return context;
    };
    mailer =
      email &&
      createMailer(email, { store, system, log, measure, save, warned, secureContext, redact: nextRedact });
    if (pruneSites(state, config.sites)) save();
  };

  /** Queues the mail of an event. Never rejects: a mail that can't be built costs no test. */
  const queue = async (message: Message, topic: MailTopic): Promise<Queued> => {
    const { email } = config.logging;
    const again = unbuilt.has(message.subject);
    if (!again)
      log.warning(`Alert: ${message.subject}${email ? '' : ' (no mail: logging.email is not set)'}`);
    if (email === undefined) return { built: true, id: null };
    try {
      const mail = await composeMail(message, topic, email);
      unbuilt.clear();
      state.mails.push(mail);
      for (const lost of state.mails.splice(0, Math.max(0, state.mails.length - MAILS_LIMIT))) {
        measure({ kind: 'mailed', fate: 'lost' });
        log.critical(`Mail given up, more than ${MAILS_LIMIT} are waiting: "${lost.subject}"`);
      }
      return { built: true, id: mail.id };
    } catch (error) {
      if (!again) log.critical(`The mail "${message.subject}" can't be built: ${(error as Error).message}`);
      unbuilt.add(message.subject);
      return { built: false };
    }
  };

  /** Whether there was anything to store. */
  const judgeThisHost = async (report: HostReport): Promise<boolean> => {
    const now = system.now();
    const before = state.host;
    const { state: next, event } = judgeHost(before, withoutUnused(report, before, config), now);
    if (event === null) {
      state.host = next;
    } else {
      const message = hostMessage(event, senderOf(config, system, version));
      const mail = await queue(message, { site: null, replyTo: event.replyTo, at: now });
      if (mail.built) state.host = next && { ...next, messageId: next.messageId ?? mail.id };
      else state.host = hostWithoutAnnouncement(before, next);
    }
    return state.host !== before;
  };

  const settingsFor = ({ tested, result, reminder }: Moments, clock: number): AlertSettings => {
    const { after, remindHours, recovery } = config.alerts;
    return {
      after,
      remindMs: remindHours * HOUR_MS,
      recovery,
      intervalMs: Math.max(config.frequency * 1000, clock - tested),
      ages: { result: clock - result, reminder: clock - reminder },
    };
  };

  const record = async (result: SiteResult, records: string | null) => {
    const now = system.now();
    const { site } = result;
    const before = state.sites.get(site) ?? NEVER_TESTED;
    const clock = system.monotonic();
    const last = moments.get(site) ?? momentsBefore(agesByWallClock(before, result, now), clock);
    const { state: next, event } = judgeSite(before, result, settingsFor(last, clock), now);
    let { reminder } = last;
    if (event === null) {
      state.sites.set(site, next);
    } else {
      const message = siteMessage(event, senderOf(config, system, version));
      const mail = await queue(message, { site, replyTo: event.replyTo, at: now });
      state.sites.set(
        site,
        mail.built ? withMessageId(next, mail.id) : withoutAnnouncement(before, next, event.kind),
      );
      if (mail.built) reminder = clock;
    }
    moments.set(site, { tested: clock, result: counts(result) ? clock : last.result, reminder });
    save();
    if (await judgeThisHost(new Map(result.host).set('records', withStateFault(records)))) save();
  };

  const withStateFault = (records: string | null) => {
    const faults = [records, stateFault].filter((words) => words !== null);
    return faults.length === 0 ? null : faults.join('; ');
  };

  const checkRecords = async (records: string | null) => {
    if (stateFault !== null) save();
    const fault = withStateFault(records);
    if (await judgeThisHost(new Map([['records', fault]]))) save();
    return fault;
  };

  const deliver = async (signal: AbortSignal) => {
    await mailer?.deliver(signal);
    if (pruneSites(state, config.sites)) save();
  };

  use(first, redact);
  return { record, checkRecords, deliver, use, nextDue: (now) => mailer?.nextDue(now) ?? null };
}

/** The moments of a site that this process has not tested yet, at `clock`. */
function momentsBefore({ result, reminder }: Ages, clock: number): Moments {
  return { tested: clock, result: clock - result, reminder: clock - reminder };
}

/** A streak whose outage, if it has one, was told of by the mail `id`. */
function withMessageId(state: SiteState, id: string | null): SiteState {
  const { announced } = state;
  return announced === null
    ? state
    : { ...state, announced: { ...announced, messageId: announced.messageId ?? id } };
}

/** Counts what no test will look at again as well: a client that no site uses any longer, the pings of a site that is not tested. */
function withoutUnused(report: HostReport, open: HostFaultState | null, config: Config): HostReport {
  const used = new Set<HostFaultKind>([
    ...enabledClients(config).map(({ name }) => `client ${name}` as const),
    ...config.sites.filter(({ enabled }) => enabled).map(({ name }) => `ping ${name}` as const),
  ]);
  const merged = new Map<HostFaultKind, string | null>();
  for (const { kind } of open?.faults ?? []) {
    if (/^(?:client|ping) /.test(kind) && !used.has(kind)) merged.set(kind, null);
  }
  for (const [kind, words] of report) merged.set(kind, words);
  return merged;
}
