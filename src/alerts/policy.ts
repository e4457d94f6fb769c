import { type Cause, countsAgainstAccount, type SiteResult, succeeded } from '../model/test-result.ts';
import type { SiteState, State } from '../state/store.ts';

/** What decides when a mail is due. */
export interface AlertSettings {
  /** Failures in a row before the first mail. */
  readonly after: number;
  /** Milliseconds between reminders; 0: none. */
  readonly remindMs: number;
  readonly recovery: boolean;
  /** Milliseconds from one test of a site to the next: the config's frequency, or longer where a cycle takes longer. */
  readonly intervalMs: number;
  readonly ages: Ages;
}

/** How long ago what a streak notes was, in ms; 0 for what it does not. */
export interface Ages {
  /** Since the last test that counted. */
  readonly result: number;
  /** Since the last mail that said that the site is down. */
  readonly reminder: number;
}

/** What people are told about a site. */
export interface SiteEvent {
  readonly kind: 'failure' | 'reminder' | 'recovery';
  /** The result that brought it about. */
  readonly result: SiteResult;
  /** Counted failures of the streak. */
  readonly failures: number;
  /** The first failure of the streak. */
  readonly since: Date;
  /** The last success before it; `null`: none is known. */
  readonly lastSuccess: Date | null;
  /** When the event was decided, wall clock. */
  readonly at: Date;
  /** The mail that announced the outage; `null`: this one does, or none was sent. */
  readonly replyTo: string | null;
}

/** A site that was never tested. */
export const NEVER_TESTED: SiteState = {
  consecutiveFailures: 0,
  since: null,
  lastSuccess: null,
  lastResult: null,
  announced: null,
  rejectedAt: null,
};

/** A streak that nobody was told about is forgotten after so many intervals without a result that counts. */
const STALE_INTERVALS = 3;

const HOST_CAUSES: readonly Cause[] = [
  'client-missing',
  'client-not-started',
  'client-busy',
  'ping-missing',
  'ping-not-permitted',
  'ping-not-started',
  'host-not-clean',
  'ps-missing',
];

/**
 * Whether a result says something about the site. A success always does. A failure does not if this host was unfit to
 * test: it reported a fault of its own (other than records that can't be written, which spoil no test), or a stage
 * failed for a cause that is the host's.
 */
export function counts(result: SiteResult): boolean {
  if (succeeded(result)) return true;
  const unfit = [...result.host].some(([kind, words]) => kind !== 'records' && words !== null);
  return (
    !unfit && !result.stages.some((stage) => stage.outcome !== 'ok' && HOST_CAUSES.includes(stage.cause))
  );
}

/**
 * One result of a site against its streak: the new streak, and what people are to be told (`null`: nothing). The
 * caller fills in `announced.messageId` once the mail of a 'failure' has one. A result that does not count changes
 * no more than the time of the last rejection.
 */
export function judgeSite(
  before: SiteState,
  result: SiteResult,
  settings: AlertSettings,
  now: Date,
): { readonly state: SiteState; readonly event: SiteEvent | null } {
  const judged = { ...before, rejectedAt: rejectedAtAfter(before, result) };
  if (!counts(result)) return { state: judged, event: null };
  const state = isStale(before, settings) ? { ...judged, consecutiveFailures: 0, since: null } : judged;
  return succeeded(result)
    ? judgeSuccess(state, result, settings, now)
    : judgeFailure(state, result, settings, now);
}

/** When the credentials were last rejected: also a test that does not count for the site is one more try at its account. */
function rejectedAtAfter(before: SiteState, { time, stages: [, login] }: SiteResult): string | null {
  if (login.outcome === 'ok') return null;
  return countsAgainstAccount(login) ? time.toISOString() : before.rejectedAt;
}

function judgeSuccess(state: SiteState, result: SiteResult, settings: AlertSettings, now: Date) {
  const time = result.time.toISOString();
  const due = state.announced !== null && settings.recovery;
  // The mail of the failure could not be built: the outage is told of at its end.
  const owed = state.announced === null && state.consecutiveFailures >= settings.after && settings.recovery;
  return {
    state: { ...NEVER_TESTED, lastSuccess: time, lastResult: time },
    event: due || owed ? eventOf('recovery', state, result, now) : null,
  };
}

function judgeFailure(before: SiteState, result: SiteResult, settings: AlertSettings, now: Date) {
  const time = result.time.toISOString();
  const state: SiteState = {
    ...before,
    consecutiveFailures: before.consecutiveFailures + 1,
    since: before.since ?? time,
    lastResult: time,
  };
  const at = now.toISOString();
  if (state.announced === null) {
    if (state.consecutiveFailures < settings.after) return { state, event: null };
    const announced = { messageId: null, at, lastReminder: at };
    return { state: { ...state, announced }, event: eventOf('failure', state, result, now) };
  }
  const silent = settings.ages.reminder;
  if (settings.remindMs === 0 || silent < settings.remindMs) return { state, event: null };
  return {
    state: { ...state, announced: { ...state.announced, lastReminder: at } },
    event: eventOf('reminder', state, result, now),
  };
}

function eventOf(kind: SiteEvent['kind'], state: SiteState, result: SiteResult, at: Date): SiteEvent {
  return {
    kind,
    result,
    failures: state.consecutiveFailures,
    since: new Date(state.since ?? result.time),
    lastSuccess: state.lastSuccess === null ? null : new Date(state.lastSuccess),
    at,
    replyTo: state.announced?.messageId ?? null,
  };
}

function isStale(state: SiteState, { intervalMs, ages }: AlertSettings): boolean {
  if (state.consecutiveFailures === 0 || state.announced !== null) return false;
  return ages.result > STALE_INTERVALS * intervalMs;
}

/** The ages of what another process has noted: only the wall clock is common to both. */
export function agesByWallClock({ lastResult, announced }: SiteState, { time }: SiteResult, now: Date): Ages {
  return {
    result: lastResult === null ? 0 : time.getTime() - Date.parse(lastResult),
    // A clock that was set back must not silence the reminders until it has caught up.
    reminder: announced === null ? 0 : Math.abs(now.getTime() - Date.parse(announced.lastReminder)),
  };
}

/** The new streak when the mail of its event could not be built: it is due again at the next result. */
export function withoutAnnouncement(before: SiteState, next: SiteState, kind: SiteEvent['kind']): SiteState {
  const { consecutiveFailures, since, lastSuccess, announced } = before;
  if (kind === 'recovery') return { ...next, consecutiveFailures, since, lastSuccess, announced };
  return { ...next, announced };
}

/**
 * Drops the streaks of the sites that are tested no more: a disabled one's at once, so that it starts afresh; that of
 * one taken out of the config when none of its mails waits any longer.
 *
 * @param sites the config's sites, the disabled ones too
 * @returns whether anything was dropped
 */
export function pruneSites(
  state: Pick<State, 'sites' | 'mails'>,
  sites: readonly { readonly name: string; readonly enabled: boolean }[],
): boolean {
  const before = state.sites.size;
  const known = new Map(sites.map(({ name, enabled }) => [name, enabled]));
  for (const name of [...state.sites.keys()]) {
    const waiting = state.mails.some((mail) => mail.site === name);
    const keep = known.get(name) ?? waiting;
    if (!keep) state.sites.delete(name);
  }
  return state.sites.size < before;
}
