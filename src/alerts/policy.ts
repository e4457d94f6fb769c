import {
  type Cause,
  countsAgainstAccount,
  decisiveFailure,
  type SiteResult,
  succeeded,
} from '../model/test-result.ts';
import type { FirstKeys, SiteState, State, Withheld } from '../state/store.ts';
import { type FlapEvent, type FlapSettings, isFlapping, judgeFlap } from './flap-policy.ts';
import { topicsOf } from './outbox.ts';

/** The settings that decide when a message is due. */
export interface AlertSettings extends Pick<FlapSettings, 'flap'> {
  /** Consecutive failures before the first message. */
  readonly after: number;
  /** Successes in a row that end an outage. */
  readonly recoverAfter: number;
  /** Milliseconds between reminders; 0: none. */
  readonly remindMs: number;
  readonly recovery: boolean;
  /** Milliseconds from one test of a site to the next: the config's frequency, or longer where a cycle takes longer. */
  readonly intervalMs: number;
  readonly ages: Ages;
  /** The site is in a maintenance window. */
  readonly maintenance: boolean;
  /** Somebody silenced the site. */
  readonly silenced: boolean;
  /** Somebody works on the outage: no reminders. */
  readonly acknowledged: boolean;
  /** See {@link SiteEvent.orders}. */
  readonly orders: SiteEvent['orders'];
}

/** The ages of a streak's events, in ms; 0 if there was no such event. */
export interface Ages {
  /** Since the last test that counted. */
  readonly result: number;
  /** Since the last message that said that the site is down. */
  readonly reminder: number;
}

/** The content of a message about a site. */
export interface SiteEvent {
  readonly kind: 'failure' | 'reminder' | 'recovery';
  /** The result that led to it. */
  readonly result: SiteResult;
  /** Counted failures of the streak. */
  readonly failures: number;
  /** The first failure of the streak. */
  readonly since: Date;
  /** The last success before it; `null`: none is known. */
  readonly lastSuccess: Date | null;
  /** Why the last failed test of the outage failed; `null`: an older program did not store it. */
  readonly cause: string | null;
  /** Of a recovery: the first success of those that ended the outage. */
  readonly back: Date;
  /** When the event was decided, wall clock. */
  readonly at: Date;
  /** What people told the monitor about it: rows for the message, such as `Acknowledged`. */
  readonly orders: readonly (readonly [name: string, words: string])[];
  /** The messages that announced the outage, by channel. Empty: this event does, or no channel was configured. */
  readonly first: FirstKeys;
}

/** A site that was never tested. */
export const NEVER_TESTED: SiteState = {
  consecutiveFailures: 0,
  since: null,
  cause: null,
  withheld: null,
  recovering: null,
  lastSuccess: null,
  lastResult: null,
  announced: null,
  interval: null,
  rejectedAt: null,
  expiry: null,
  certificates: [],
  slow: null,
  flap: null,
};

/** An unannounced streak is dropped after this many intervals without a result that counts. */
const STALE_INTERVALS = 3;

const HOST_CAUSES: readonly Cause[] = [
  'client-missing',
  'client-not-started',
  'client-busy',
  'inside-not-asked',
  'ping-missing',
  'ping-not-permitted',
  'ping-not-started',
  'ping-not-sent',
  'host-not-clean',
  'no-uplink',
  'ps-missing',
];

/**
 * Whether a result says something about the site. A success always does. A failure does not if this host was unfit to
 * test: it reported a fault of its own (other than records that can't be written, which affect no test), or a stage
 * failed for a cause that is the host's.
 */
export function counts(result: SiteResult): boolean {
  if (succeeded(result)) return true;
  const unfit = [...result.host].some(([kind, words]) => kind !== 'records' && words !== null);
  return (
    !unfit && !result.stages.some((stage) => stage.outcome !== 'ok' && HOST_CAUSES.includes(stage.cause))
  );
}

/** What the policy decides at a result. */
export interface Verdict {
  readonly state: SiteState;
  /** The message that is due; `null`: none. */
  readonly event: SiteEvent | FlapEvent | null;
  /** For a failure that is neither announced now nor was before: why. `null` otherwise. */
  readonly withheld: Withheld | null;
}

/**
 * One result of a site against its streak and its changes ({@link judgeFlap}). Each failure is announced, or was before, or is withheld for one reason. What is withheld in a
 * maintenance window or a silence is announced by the first failure after it. The end of an announced outage is always told, so that nobody
 * waits for it. The caller fills in `announced.first` of the new state. A result that does not count only changes the time of
 * the last rejection.
 */
export function judgeSite(
  before: SiteState,
  result: SiteResult,
  settings: AlertSettings,
  now: Date,
): Verdict {
  const judged = { ...before, rejectedAt: rejectedAtAfter(before, result) };
  if (!counts(result)) return { state: judged, event: null, withheld: before.announced ? null : 'host' };
  const state = isStale(before, settings)
    ? { ...judged, consecutiveFailures: 0, since: null, cause: null, withheld: null }
    : judged;
  const verdict = succeeded(result)
    ? judgeSuccess(state, result, settings, now)
    : judgeFailure(state, result, settings, now);
  const change = {
    before,
    after: verdict.state,
    wasDown: isOutage(before, settings),
    isDown: isOutage(verdict.state, settings),
    elapsedMs: settings.ages.result,
  };
  const flapping = judgeFlap(change, result, settings, now);
  return flapping.event === null
    ? { ...verdict, state: flapping.state }
    : { ...flapping, withheld: flapping.state.withheld };
}

/** Whether a site is down as people understand it, told or not: one failure alone is not. */
function isOutage({ announced, consecutiveFailures }: SiteState, { after }: AlertSettings): boolean {
  return announced !== null || consecutiveFailures >= after;
}

/** When the credentials were last rejected. A test that does not count for the site still uses its account. */
function rejectedAtAfter(before: SiteState, { time, stages: [, login] }: SiteResult): string | null {
  if (login.outcome === 'ok') return null;
  return countsAgainstAccount(login) ? time.toISOString() : before.rejectedAt;
}

function judgeSuccess(before: SiteState, result: SiteResult, settings: AlertSettings, now: Date): Verdict {
  const time = result.time.toISOString();
  const recovering = {
    successes: (before.recovering?.successes ?? 0) + 1,
    since: before.recovering?.since ?? time,
  };
  const state = { ...before, recovering };
  if (isOutage(state, settings) && recovering.successes < settings.recoverAfter) {
    return { state: { ...state, lastResult: time }, event: null, withheld: null };
  }
  const due = state.announced !== null && settings.recovery;
  // The threshold was lowered below the streak, or the program 1.0.0 could not build the mail of the failure.
  const owed =
    state.announced === null &&
    (state.withheld === null || state.withheld === 'below-threshold') &&
    state.consecutiveFailures >= settings.after &&
    settings.recovery;
  return {
    withheld: null,
    state: { ...NEVER_TESTED, lastSuccess: time, lastResult: time },
    event: due || owed ? eventOf('recovery', state, result, settings, now) : null,
  };
}

function judgeFailure(before: SiteState, result: SiteResult, settings: AlertSettings, now: Date): Verdict {
  const time = result.time.toISOString();
  const state: SiteState = {
    ...before,
    consecutiveFailures: before.consecutiveFailures + 1,
    since: before.since ?? time,
    cause: decisiveFailure(result)?.cause ?? null,
    recovering: null,
    lastResult: time,
  };
  const at = now.toISOString();
  if (state.announced === null) {
    const withheld = reasonToWithhold(state, settings);
    if (withheld !== null) return { state: { ...state, withheld }, event: null, withheld };
    const announced = { first: {}, at, lastReminder: at };
    return {
      state: { ...state, withheld: null, announced },
      event: eventOf('failure', state, result, settings, now),
      withheld: null,
    };
  }
  const silent = settings.ages.reminder;
  if (settings.remindMs === 0 || silent < settings.remindMs) return { state, event: null, withheld: null };
  // A reminder that is due meanwhile is sent by the first failure after it.
  if (settings.maintenance || settings.silenced || settings.acknowledged)
    return { state, event: null, withheld: null };
  return {
    withheld: null,
    state: { ...state, announced: { ...state.announced, lastReminder: at } },
    event: eventOf('reminder', state, result, settings, now),
  };
}

/** Why a failure that no message has announced is not announced either; `null`: it is. */
function reasonToWithhold(state: SiteState, settings: AlertSettings): Withheld | null {
  if (state.consecutiveFailures < settings.after) return 'below-threshold';
  if (settings.maintenance) return 'maintenance';
  if (settings.silenced) return 'silenced';
  return isFlapping(state) ? 'flapping' : null;
}

function eventOf(
  kind: SiteEvent['kind'],
  state: SiteState,
  result: SiteResult,
  { orders }: AlertSettings,
  at: Date,
): SiteEvent {
  return {
    kind,
    result,
    failures: state.consecutiveFailures,
    since: new Date(state.since ?? result.time),
    cause: state.cause,
    lastSuccess: state.lastSuccess === null ? null : new Date(state.lastSuccess),
    back: new Date(state.recovering?.since ?? result.time),
    at,
    orders,
    first: state.announced?.first ?? {},
  };
}

function isStale(state: SiteState, { intervalMs, ages }: AlertSettings): boolean {
  if (state.consecutiveFailures === 0 || state.announced !== null) return false;
  return ages.result > STALE_INTERVALS * intervalMs;
}

/** The ages of events that another process stored: only the wall clock is common to both. */
export function agesByWallClock({ lastResult, announced }: SiteState, { time }: SiteResult, now: Date): Ages {
  return {
    result: lastResult === null ? 0 : time.getTime() - Date.parse(lastResult),
    // A clock that was set back must not silence the reminders until it reaches that time again.
    reminder: announced === null ? 0 : Math.abs(now.getTime() - Date.parse(announced.lastReminder)),
  };
}

/**
 * Drops the streaks of the sites that are no longer tested: that of a disabled site at once, so that it starts afresh;
 * that of a site that is no longer in the config once none of its messages waits.
 *
 * @param sites the config's sites, the disabled ones too
 * @returns whether anything was dropped
 */
export function pruneSites(
  state: Pick<State, 'sites' | 'outbox' | 'pending'>,
  sites: readonly { readonly name: string; readonly enabled: boolean }[],
): boolean {
  const before = state.sites.size;
  const known = new Map(sites.map(({ name, enabled }) => [name, enabled]));
  for (const name of [...state.sites.keys()]) {
    const waiting =
      state.pending.some(({ about }) => about === name) ||
      state.outbox.some((entry) => topicsOf(entry).includes(name));
    const keep = known.get(name) ?? waiting;
    if (!keep) state.sites.delete(name);
  }
  return state.sites.size < before;
}
