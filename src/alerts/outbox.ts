import type { StoredMail } from '../state/store.ts';
import { DAY_MS, MINUTE_MS } from '../words/time.ts';
import type { SendOutcome } from './channel.ts';

const BACKOFF_FIRST_MS = 30_000;
const BACKOFF_LAST_MS = 30 * MINUTE_MS;

const KEEP_MS = 7 * DAY_MS;
const KEEP_TRIES = 100;

/** How long to wait after so many failed tries in a row, in ms: 30 s, doubled each time up to 30 min. */
export function backoffMs(tries: number): number {
  return Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.max(0, tries - 1));
}

/** Whether a mail has been tried for 7 days and 100 times: both, so that a host that was off, or a loop of restarts, costs none. */
export function isSpent(mail: StoredMail, now: Date): boolean {
  return mail.tries >= KEEP_TRIES && now.getTime() - Date.parse(mail.created) >= KEEP_MS;
}

/** When a mail is to be tried next. A time further off than any back-off was set by another clock and counts as now. */
export function dueAt({ nextTry }: StoredMail, now: Date): Date {
  const next = nextTry === null ? now.getTime() : Date.parse(nextTry);
  return next - now.getTime() > BACKOFF_LAST_MS ? now : new Date(next);
}

/** A mail after one more try in vain. */
function triedAgain(mail: StoredMail, now: Date): StoredMail {
  const tries = mail.tries + 1;
  return { ...mail, tries, nextTry: new Date(now.getTime() + backoffMs(tries)).toISOString() };
}

/**
 * What is left of a mail after a try; `null`: nothing. Whoever got it does not get it again, and whom the server
 * refuses for good is dropped once the mail has reached somebody. One that has reached nobody is kept whole: a server
 * that refuses every address is more likely set up wrongly than all addresses are, and the mail must not be lost by that.
 */
export function remainder(mail: StoredMail, outcome: SendOutcome, now: Date): StoredMail | null {
  const tried = triedAgain(mail, now);
  if (outcome.kind === 'disconnected') return tried;
  const delivered = mail.delivered || outcome.kind === 'delivered';
  if (!delivered) return tried;
  const recipients = mail.recipients.filter((each) => {
    const refusal = outcome.refused.find(({ recipient }) => recipient === each);
    if (refusal !== undefined) return !refusal.failure.permanent;
    return outcome.kind === 'refused';
  });
  return recipients.length === 0 ? null : { ...tried, recipients, delivered };
}

/**
 * When the first mail of a queue can go; `null`: the queue is empty. A mail waits for those before it about the same
 * site, so that a failure is read before its recovery; one that has reached somebody already makes nobody wait.
 */
export function firstDue(mails: readonly StoredMail[], now: Date): Date | null {
  const blocked = new Set<string | null>();
  let first: Date | null = null;
  for (const mail of mails) {
    if (blocked.has(mail.site)) continue;
    const due = dueAt(mail, now);
    if (first === null || due < first) first = due;
    if (!mail.delivered) blocked.add(mail.site);
  }
  return first;
}
