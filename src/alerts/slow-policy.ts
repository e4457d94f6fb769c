import { type SiteResult, succeeded } from '../model/test-result.ts';
import type { FirstKeys, SiteState } from '../state/store.ts';
import { counts } from './policy.ts';

/** The content of a message that a site works and is slow, or is as fast as before. */
export interface SlowEvent {
  readonly kind: 'slow' | 'fast';
  /** The result that led to it. */
  readonly result: SiteResult;
  /** Slow tests in a row up to the message. */
  readonly tests: number;
  /** The first of them. */
  readonly since: Date;
  /** When the event was decided, wall clock. */
  readonly at: Date;
  /** The messages that said that it is slow, by channel. Empty: this event does, or no channel was configured. */
  readonly first: FirstKeys;
}

/** The settings that decide when a slow site is told. */
export interface SlowSettings {
  /** Slow tests in a row before the message. */
  readonly after: number;
  /** Tests in a row that are not slow, before the site counts as fast. */
  readonly recoverAfter: number;
  /** Whether the end is told. */
  readonly recovery: boolean;
  /** Whether the begin is withheld: in maintenance, silenced or flapping. The first slow test after it is told. */
  readonly quiet: boolean;
}

/** What is known of slow tests, and the message that is due (`null`: none). */
export interface SlowVerdict {
  readonly slow: SiteState['slow'];
  readonly event: SlowEvent | null;
}

/**
 * One message when a site was slow so many times in a row, one when it is not any more. A failure ends a row that was not told; an
 * outage has messages of its own. The caller fills in `first` of the new state.
 */
export function judgeSlow(
  before: SiteState['slow'],
  result: SiteResult,
  settings: SlowSettings,
  now: Date,
): SlowVerdict {
  if (!counts(result)) return { slow: before, event: null };
  const told = before?.told === true ? before : null;
  if (!succeeded(result)) return { slow: told, event: null };
  const event = { result, at: now, first: told?.first ?? {} };
  if ((result.slow ?? []).length > 0) {
    const tests = (before?.tests ?? 0) + 1;
    const since = before?.since ?? result.time.toISOString();
    const slow = { tests, since, told: told !== null, fast: 0, first: event.first };
    if (slow.told || tests < settings.after || settings.quiet) return { slow, event: null };
    return {
      slow: { ...slow, told: true },
      event: { ...event, kind: 'slow', tests, since: new Date(since) },
    };
  }
  if (told === null) return { slow: null, event: null };
  const fast = told.fast + 1;
  if (fast < settings.recoverAfter) return { slow: { ...told, fast }, event: null };
  const { tests, since } = told;
  return {
    slow: null,
    event: settings.recovery ? { ...event, kind: 'fast', tests, since: new Date(since) } : null,
  };
}
