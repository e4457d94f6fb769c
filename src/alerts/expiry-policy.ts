import type { SiteResult } from '../model/test-result.ts';
import type { SiteState } from '../state/store.ts';
import { DAY_MS } from '../words/time.ts';

/** The content of a message that a site's password will expire. */
export interface ExpiryEvent {
  /** The test whose log-in was warned. */
  readonly result: SiteResult;
  /** What the gateway said, redacted and printable. */
  readonly words: readonly string[];
  /** When the password expires; `null`: the gateway only counts the log-ins that are left. */
  readonly expires: Date | null;
  /** The log-ins that are left before the password must be changed; `null`: the gateway does not say. */
  readonly left: number | null;
  /** When the event was decided, wall clock. */
  readonly at: Date;
}

const WEEK_MS = 7 * DAY_MS;
/** From then on people are told each day, in ms before the expiry. */
const LAST_DAYS_MS = 3 * DAY_MS;
/** From then on people are told each day, by the number of log-ins that are left. */
const LAST_LOGINS = 3;

/**
 * What a test says of the expiry of the site's password, and the message that is due (`null`: none): when the expiry is at most
 * `days` away, then weekly, and daily in the last three days. A gateway that counts log-ins only makes the message due at once.
 * Only a log-in that worked says anything.
 *
 * @param days `alerts.expiry_days`; 0: no message
 */
export function judgeExpiry(
  before: SiteState['expiry'],
  result: SiteResult,
  days: number,
  now: Date,
): { readonly expiry: SiteState['expiry']; readonly event: ExpiryEvent | null } {
  if (result.stages[1].outcome !== 'ok') return { expiry: before, event: null };
  const said = saidIn(result, before);
  if (said === null) return { expiry: null, event: null };
  const { at, left, words } = said;
  const isSame = before !== null && before.at === at;
  const told = isSame ? before.told : null;
  const leftMs = at === null ? null : Date.parse(at) - now.getTime();
  if (days === 0 || (leftMs !== null && leftMs > days * DAY_MS) || !isDue(told, leftMs, left, now)) {
    return { expiry: { at, left, told }, event: null };
  }
  const expires = at === null ? null : new Date(at);
  return {
    expiry: { at, left, told: now.toISOString() },
    event: { result, words, expires, left, at: now },
  };
}

/** What the gateway said at a log-in; `null`: nothing. */
function saidIn({ warnings = [], time }: SiteResult, before: SiteState['expiry']) {
  let at: string | null = null;
  let left: number | null = null;
  const words: string[] = [];
  for (const warning of warnings) {
    if (warning.kind === 'new-version') continue;
    words.push(warning.words);
    if (warning.kind === 'grace-logins') left = warning.left;
    else at = expiryOf(time.getTime(), warning.inMs, before?.at ?? null);
  }
  return words.length === 0 ? null : { at, left, words };
}

/**
 * When a password expires. A gateway that counts in days gives a time up to a day too early, which moves from test to test: the
 * first of them stays.
 */
function expiryOf(saidAt: number, inMs: number, known: string | null): string {
  const at = saidAt + inMs;
  const countsDays = inMs % DAY_MS === 0;
  if (known !== null && countsDays && Math.abs(at - Date.parse(known)) <= DAY_MS) return known;
  return new Date(at).toISOString();
}

function isDue(told: string | null, leftMs: number | null, left: number | null, now: Date): boolean {
  if (told === null) return true;
  const isLast = leftMs === null ? left !== null && left <= LAST_LOGINS : leftMs <= LAST_DAYS_MS;
  // A clock that was set back must not silence the next message until it reaches that time again.
  return Math.abs(now.getTime() - Date.parse(told)) >= (isLast ? DAY_MS : WEEK_MS);
}
