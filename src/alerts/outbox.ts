import { MAIL } from '../config/config.ts';
import type { OutboxEntry, PendingEvent, Prepared, ToldEvent } from '../state/store.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../words/time.ts';
import type { SendOutcome } from './channel.ts';

/** At most this many messages wait: the whole state, outbox included, is rewritten at every result. */
export const OUTBOX_LIMIT = 1000;

const BACKOFF_FIRST_MS = 30_000;
const BACKOFF_LAST_MS = 30 * MINUTE_MS;

/**
 * The waits after a try that may have delivered a message, in ms. It may come a second time with each, so there are two, and long ones: a
 * receiver that was overloaded has recovered by then, and people have read what arrived.
 */
const DOUBT_WAITS_MS = [HOUR_MS, 12 * HOUR_MS] as const;

const KEEP_MS = 7 * DAY_MS;
const KEEP_TRIES = 100;

/** An entry that its channel has prepared. */
export type PreparedEntry = OutboxEntry & { readonly content: Prepared };

/** A new entry, from what its message says. */
export function newEntry(
  message: Pick<OutboxEntry, 'key' | 'channel' | 'about' | 'subject' | 'text' | 'created' | 'replyTo'> &
    Partial<Pick<OutboxEntry, 'also' | 'events' | 'attachment'>>,
): OutboxEntry {
  return {
    also: [],
    events: [],
    ...message,
    tries: 0,
    doubts: 0,
    nextTry: null,
    delivered: false,
    content: null,
  };
}

/** An event that waited for others, as its message keeps it for programs. */
export function toldEvent({ kind, about, subject, created, since, cause }: PendingEvent): ToldEvent {
  return { kind, site: about, summary: subject, at: created, since, cause };
}

/** What reports are about. No site has such a name. */
const REPORTS = '\0reports';

/**
 * The sites that an entry is about; `null`: the host. Entries about one of them leave in order. A report that is not accepted, maybe
 * since it is large, holds up other reports only.
 */
export function topicsOf({ about, also, events }: OutboxEntry): readonly (string | null)[] {
  return events[0]?.kind === 'report' ? [REPORTS] : [about, ...also];
}

/** What the log calls a message of a channel at the beginning of a line: `Mail`, or `Message to chat`. */
export function nounOf(channel: string): string {
  return channel === MAIL ? 'Mail' : `Message to ${channel}`;
}

/** How long to wait after so many failed tries in a row, in ms: 30 s, doubled each time up to 30 min. */
export function backoffMs(tries: number): number {
  return Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.max(0, tries - 1));
}

/** How long to leave a receiver alone, in ms: as {@link backoffMs}, or longer if it asks for it (`askedMs`), at most 30 min. */
export function holdMs(tries: number, askedMs: number): number {
  return Math.max(backoffMs(tries), Math.min(askedMs, BACKOFF_LAST_MS));
}

/** Whether an entry has waited 7 days. */
export function isOld({ created }: OutboxEntry, now: Date): boolean {
  return now.getTime() - Date.parse(created) >= KEEP_MS;
}

/** Whether an entry has waited 7 days and was tried 100 times. Both, so that neither a host that was off nor many restarts cost a message. */
export function isSpent(entry: OutboxEntry, now: Date): boolean {
  return entry.tries >= KEEP_TRIES && isOld(entry, now);
}

/** When an entry is tried next. A time further away than its longest wait was set by another clock and counts as now. */
export function dueAt({ nextTry, doubts }: OutboxEntry, now: Date): Date {
  const next = nextTry === null ? now.getTime() : Date.parse(nextTry);
  const longest = DOUBT_WAITS_MS[doubts - 1] ?? BACKOFF_LAST_MS;
  return next - now.getTime() > longest ? now : new Date(next);
}

/** An entry after one more failed try. */
export function triedAgain<T extends OutboxEntry>(entry: T, now: Date): T {
  const tries = entry.tries + 1;
  return { ...entry, tries, nextTry: new Date(now.getTime() + backoffMs(tries)).toISOString() };
}

/** An entry after a try that may have delivered it; `null`: it is not tried again. */
export function doubted<T extends OutboxEntry>(entry: T, now: Date): T | null {
  const wait = DOUBT_WAITS_MS[entry.doubts];
  if (wait === undefined) return null;
  const nextTry = new Date(now.getTime() + wait).toISOString();
  return { ...entry, tries: entry.tries + 1, doubts: entry.doubts + 1, nextTry };
}

/** Whether an entry keeps what follows about the same site behind it. Not if people may have got it. */
export function holdsUp({ delivered, doubts }: OutboxEntry): boolean {
  return !delivered && doubts === 0;
}

/**
 * What remains of an entry after a try; `null`: nothing. A recipient that was reached is not sent to again. A recipient that
 * is refused permanently is dropped once the message has reached another. An entry that has reached no recipient is kept whole: a
 * receiver that refuses every recipient is more likely misconfigured than every recipient is wrong.
 */
export function remainder(entry: PreparedEntry, outcome: SendOutcome, now: Date): OutboxEntry | null {
  if (outcome.kind === 'disconnected' && outcome.sent === 'all') return doubted(entry, now);
  const tried = triedAgain(entry, now);
  if (outcome.kind === 'disconnected') return tried;
  const delivered = entry.delivered || outcome.kind === 'delivered';
  if (!delivered) return tried;
  const recipients = entry.content.recipients.filter((each) => {
    const refusal = outcome.refused.find(({ recipient }) => recipient === each);
    if (refusal !== undefined) return !refusal.failure.permanent;
    return outcome.kind === 'refused';
  });
  if (recipients.length === 0) return null;
  return { ...tried, delivered, content: { ...entry.content, recipients } };
}

/**
 * When the first of some entries can go; `null`: there is none. An entry waits for those before it about the same
 * site, so that a failure is read before its recovery. One that has reached a recipient, or may have, holds up no other.
 */
export function firstDue(entries: readonly OutboxEntry[], now: Date): Date | null {
  const blocked = new Set<string | null>();
  let first: Date | null = null;
  const block = (entry: OutboxEntry) => {
    for (const topic of topicsOf(entry)) blocked.add(topic);
  };
  for (const entry of entries) {
    if (topicsOf(entry).some((topic) => blocked.has(topic))) {
      block(entry);
      continue;
    }
    const due = dueAt(entry, now);
    if (first === null || due < first) first = due;
    if (holdsUp(entry)) block(entry);
  }
  return first;
}
