import type { EmailConfig } from '../../config/config.ts';
import type { Log } from '../../log/log.ts';
import { MAIL_ATTEMPT_MS } from '../../model/limits.ts';
import type { Measure } from '../../model/metrics-event.ts';
import type { StateStore, StoredMail } from '../../state/store.ts';
import { clockTime } from '../../words/time.ts';
import type { SendOutcome } from '../channel.ts';
import { backoffMs, dueAt, firstDue, isSpent, remainder } from '../outbox.ts';
import type { MailFailure } from './smtp/mail-failure.ts';
import { openSession, type Session, type SessionParts } from './smtp/session.ts';

/** Sends the stored mails. */
export interface Mailer {
  /**
   * One attempt at what is due, first in, first out; the first lost connection ends it. Begins no mail later than a
   * minute after its start. An abort ends it at once and counts as no try. Never rejects.
   */
  deliver(signal: AbortSignal): Promise<void>;
  /** When {@link Mailer.deliver} has something to do; `null`: no mail waits. */
  nextDue(now: Date): Date | null;
}

/** What the mailer needs beside the config. */
export interface MailerParts extends SessionParts {
  readonly store: StateStore;
  readonly log: Log;
  readonly measure: Measure;
  /** Called after every change of the stored mails. Says itself if it fails: the mails go out all the same. */
  readonly save: () => void;
  /** The kinds of warnings given in this process so far; added to. */
  readonly warned: Set<string>;
}

/** The mailer of one mail server. */
export function createMailer(email: EmailConfig, parts: MailerParts): Mailer {
  const { store, system, log, measure, save } = parts;
  /** Lost connections in a row. */
  let losses = 0;
  let heldUntil = Number.NEGATIVE_INFINITY;
  /** Sites whose mail cost a connection after DATA: the others go first, so that one such mail does not stop them all. */
  const suspects = new Set<string | null>();

  const nextDue = (now: Date) => {
    const first = firstDue(store.state.mails, now);
    if (first === null) return null;
    const held = heldUntil - system.monotonic();
    return held <= 0 ? first : new Date(Math.max(first.getTime(), now.getTime() + held));
  };

  const holdQueue = () => {
    losses += 1;
    heldUntil = system.monotonic() + backoffMs(losses);
  };

  /** Puts what is left of a mail in its place, or takes it out. Gives what is kept. */
  const replace = (mail: StoredMail, left: StoredMail | null, why: MailFailure | null): StoredMail | null => {
    const spent = left !== null && isSpent(left, system.now());
    if (spent) {
      measure({ kind: 'mailed', fate: 'lost' });
      log.critical(
        `Mail given up after ${left.tries} tries: "${left.subject}" to ${left.recipients.join(', ')}: ${why?.words}`,
      );
    }
    const kept = spent ? null : left;
    const { mails } = store.state;
    const index = mails.indexOf(mail);
    if (index >= 0) mails.splice(index, 1, ...(kept === null ? [] : [kept]));
    return kept;
  };

  const open = async (due: readonly StoredMail[], signal: AbortSignal): Promise<Session | null> => {
    const opened = await openSession(email, parts, signal);
    if (!opened.ok) {
      if (opened.why.cause !== 'stopped') lose(due, opened.why);
      return null;
    }
    for (const { kind, words } of opened.value.warnings) {
      if (!parts.warned.has(kind)) log.warning(`Mail: ${words}`);
      parts.warned.add(kind);
    }
    return opened.value;
  };

  /** No session: a try in vain for all that was due. When they are tried again is the queue's matter, not theirs. */
  const lose = (due: readonly StoredMail[], failure: MailFailure) => {
    holdQueue();
    measure({ kind: 'mailed', fate: 'failed' });
    for (const mail of due) replace(mail, { ...mail, tries: mail.tries + 1 }, failure);
    save();
    const next = nextDue(system.now());
    const waiting = `${store.state.mails.length} waiting`;
    log.error(
      `Mail not sent: ${inWords(failure)}; ${waiting}${next === null ? '' : `, next try at ${clockTime(next)}`}`,
    );
  };

  const note = (mail: StoredMail, outcome: SendOutcome<MailFailure>) => {
    const left = remainder(mail, outcome, system.now());
    if (outcome.kind === 'disconnected') {
      holdQueue();
      if (outcome.mayHaveArrived) suspects.add(mail.site);
    } else {
      losses = 0;
      suspects.delete(mail.site);
      for (const { recipient, failure } of outcome.refused) {
        log.error(`Mail "${mail.subject}" is refused for ${recipient}: ${inWords(failure)}`);
      }
    }
    const failure = outcome.kind === 'delivered' ? (outcome.refused[0]?.failure ?? null) : outcome.failure;
    const kept = replace(mail, left, failure);
    save();
    measure({ kind: 'mailed', fate: outcome.kind === 'delivered' ? 'delivered' : 'failed' });
    if (outcome.kind === 'delivered') {
      const reached = mail.recipients.filter((each) =>
        outcome.refused.every(({ recipient }) => recipient !== each),
      );
      log.info(`Mail sent: "${mail.subject}" to ${reached.join(', ')}: ${outcome.reply}`);
    } else {
      const next = kept === null ? 'not tried again' : `next try at ${clockTime(dueAt(kept, system.now()))}`;
      log.error(`Mail not sent: "${mail.subject}": ${inWords(outcome.failure)}; ${next}`);
    }
  };

  const deliver = async (signal: AbortSignal) => {
    const started = system.monotonic();
    const now = system.now();
    const first = nextDue(now);
    if (first === null || first > now) return;
    const isDue = (mail: StoredMail) => dueAt(mail, now) <= now;
    const rank = ({ site }: StoredMail) => Number(suspects.has(site));
    const blocked = new Set<string | null>();
    let session: Session | null = null;
    for (const mail of [...store.state.mails].sort((one, other) => rank(one) - rank(other))) {
      if (signal.aborted || system.monotonic() - started > MAIL_ATTEMPT_MS) break;
      if (blocked.has(mail.site)) continue;
      if (!isDue(mail)) {
        if (!mail.delivered) blocked.add(mail.site);
        continue;
      }
      if (session !== null && !session.usable) {
        await session.close();
        session = null;
      }
      session ??= await open(store.state.mails.filter(isDue), signal);
      if (session === null) break;
      const outcome = await session.send(mail);
      if (outcome.kind === 'disconnected' && outcome.failure.cause === 'stopped') break;
      note(mail, outcome);
      if (outcome.kind === 'disconnected') break;
      // What the server refuses for good is overtaken by what follows about the same site; what it defers is not.
      if (outcome.kind === 'refused' && !outcome.failure.permanent && !mail.delivered) blocked.add(mail.site);
    }
    await session?.close();
  };

  return { deliver, nextDue };
}

function inWords({ words, setting }: MailFailure): string {
  return setting === null ? words : `${words} (see ${setting})`;
}
