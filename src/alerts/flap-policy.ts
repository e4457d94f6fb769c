import type { SiteResult } from '../model/test-result.ts';
import type { FirstKeys, SiteState } from '../state/store.ts';
import { HOUR_MS } from '../words/time.ts';

/** Steady for so long, in ms, a site flaps no more. */
const STEADY_MS = HOUR_MS;
/** Changes that are stored while a site flaps. */
const MOST_CHANGES = 100;

/** The content of a message that a site flaps, or is steady again. */
export interface FlapEvent {
  readonly kind: 'flapping' | 'steady';
  /** The result that led to it. */
  readonly result: SiteResult;
  /** The changes, the oldest first; of 'steady', at most the last hundred. */
  readonly changes: readonly { readonly at: Date; readonly down: boolean }[];
  /** Whether the site is down now. */
  readonly down: boolean;
  /** Why it is or was down; `null`: it is not known. */
  readonly cause: string | null;
  /** When people were told that it flaps; for 'flapping', now. */
  readonly since: Date;
  /** When the event was decided, wall clock. */
  readonly at: Date;
  /** The messages that it answers, by channel. */
  readonly first: FirstKeys;
}

/** The settings that decide when a site flaps. */
export interface FlapSettings {
  /** `changes` 0: it never does. */
  readonly flap: { readonly changes: number; readonly hours: number };
  /** Whether the end is told. */
  readonly recovery: boolean;
  /** Planned changes do not count. */
  readonly maintenance: boolean;
  readonly silenced: boolean;
}

/** How a result changed a site: an outage began or ended, or neither. */
export interface SiteChange {
  readonly before: SiteState;
  readonly after: SiteState;
  /** Whether it was down before, and is now: in an outage, told or not. */
  readonly wasDown: boolean;
  readonly isDown: boolean;
  /** Since the last test that counted, in ms. */
  readonly elapsedMs: number;
}

/** The state with what is known of changes, and the message that is due (`null`: none). */
export interface FlapVerdict {
  readonly state: SiteState;
  readonly event: FlapEvent | null;
}

/** Whether people know that a site flaps. */
export function isFlapping({ flap }: SiteState): boolean {
  return flap !== null && flap.since !== null;
}

/**
 * A result that counts against the changes before it. Enough changes within the hours: one message that the site flaps, which replaces
 * those of its outage; an outage that goes on is announced by it. Steady for an hour: one message, which announces the outage if there is
 * one. In maintenance and silenced none of an outage is sent. The caller fills in `first` of the new state.
 */
export function judgeFlap(
  { before, after, wasDown, isDown, elapsedMs }: SiteChange,
  result: SiteResult,
  settings: FlapSettings,
  now: Date,
): FlapVerdict {
  const { flap } = settings;
  const quiet = settings.maintenance || settings.silenced;
  const aged = (before.flap?.changes ?? []).map((each) => ({
    ...each,
    // Over a restart only the wall clock says it, which may have been set back.
    ago: Math.max(0, Math.round(each.ago + elapsedMs)),
  }));
  const isChange = wasDown !== isDown && !settings.maintenance;
  const changes = isChange
    ? [...aged, { at: result.time.toISOString(), down: isDown, ago: 0 }].slice(-MOST_CHANGES)
    : aged;
  const at = now.toISOString();
  const eventOf = (kind: FlapEvent['kind'], since: string, first: FirstKeys): FlapEvent => ({
    kind,
    result,
    changes: changes.map((each) => ({ at: new Date(each.at), down: each.down })),
    down: isDown,
    cause: after.cause ?? before.cause,
    since: new Date(since),
    at: now,
    first,
  });
  if (before.flap !== null && before.flap.since !== null) {
    const { since, first } = before.flap;
    const isSteady = flap.changes === 0 || (changes.at(-1)?.ago ?? STEADY_MS) >= STEADY_MS;
    if (!isSteady || (isDown && quiet)) {
      return { state: { ...after, flap: { changes, since, first } }, event: null };
    }
    const announced = isDown ? { first, at, lastReminder: at } : null;
    const event = isDown || settings.recovery ? eventOf('steady', since, first) : null;
    return {
      state: { ...after, flap: null, announced, withheld: isDown ? null : after.withheld },
      event,
    };
  }
  const recent = changes.filter(({ ago }) => ago <= flap.hours * HOUR_MS);
  if (flap.changes === 0 || recent.length === 0) return { state: { ...after, flap: null }, event: null };
  if (!isChange || quiet || recent.length < flap.changes) {
    return { state: { ...after, flap: { changes: recent, since: null, first: {} } }, event: null };
  }
  const first = before.announced?.first ?? {};
  return {
    state: {
      ...after,
      announced: null,
      withheld: isDown ? 'flapping' : null,
      flap: { changes: recent, since: at, first },
    },
    event: eventOf('flapping', at, first),
  };
}
