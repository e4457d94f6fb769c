import type { Log } from '../log/log.ts';
import { HEAD_START_MS } from '../model/limits.ts';
import type { Measure } from '../model/metrics-event.ts';
import type { OutboxEntry, State, ToldEvent } from '../state/store.ts';
import type { System } from '../system/system.ts';
import { clockTime } from '../words/time.ts';
import { BackgroundJob } from './background-job.ts';
import {
  type Channel,
  type ChannelFailure,
  type ChannelSession,
  failureInWords,
  type SendOutcome,
} from './channel.ts';
import {
  dueAt,
  firstDue,
  holdMs,
  holdsUp,
  isSpent,
  nounOf,
  type PreparedEntry,
  remainder,
  topicsOf,
  triedAgain,
} from './outbox.ts';
import { Repeater } from './repeater.ts';

/** What a delivery needs beside its channel. */
export interface DeliveryParts {
  readonly state: Pick<State, 'outbox'>;
  readonly system: System;
  readonly log: Log;
  readonly measure: Measure;
  /** Called after every change of the outbox. Logs its own failures; messages go out all the same. */
  readonly save: () => void;
  /** The kinds of warnings that this process has given so far; added to. */
  readonly warned: Set<string>;
  /** Called for an entry that may have arrived and is not tried again, before the change is saved. */
  readonly unconfirmed: (entry: OutboxEntry) => void;
  /** What is wrong now and this channel was told of. */
  readonly open: () => readonly ToldEvent[];
}

/**
 * Sends what waits in the outbox for one channel. There is one attempt at a time, and it ends in the background if it takes long. Made anew
 * at a start and at a reload: what waited for a connection is then tried at once.
 */
export class Delivery {
  readonly #name: string;
  readonly #noun: string;
  readonly #channel: Channel;
  readonly #parts: DeliveryParts;
  readonly #attempt: BackgroundJob;
  /** Connections that failed in a row. */
  #failures = 0;
  /** No connection before this time, in ms on the monotonic clock. */
  #heldUntil = Number.NEGATIVE_INFINITY;
  /**
   * What the messages were about that may have broken a connection. All others go first, so that one such message does
   * not stop them.
   */
  readonly #suspects = new Set<string | null>();
  /** The keys of entries that could not be prepared: the log says it once for each. */
  readonly #unprepared = new Set<string>();
  readonly #repeater: Repeater;

  constructor(name: string, channel: Channel, parts: DeliveryParts) {
    this.#name = name;
    this.#noun = nounOf(name);
    this.#channel = channel;
    this.#parts = parts;
    this.#attempt = new BackgroundJob(parts.system, HEAD_START_MS);
    this.#repeater = new Repeater(channel.repeating, { ...parts, noun: this.#noun });
    // What kept them from being prepared may be gone: the program was started again, or has another config.
    for (const entry of this.#waiting()) {
      if (entry.content === null) this.#replace(entry, { ...entry, nextTry: null });
    }
  }

  /** When {@link deliver} has something to do; `null`: nothing waits, or an attempt is under way. */
  nextDue(now: Date): Date | null {
    return this.#attempt.isRunning ? null : this.#nextDue(now);
  }

  /**
   * Begins an attempt at what is due, unless one is under way. Resolves when it has ended, or {@link HEAD_START_MS} after it began: it
   * then goes on in the background. An abort ends it at once. Rejects only with a bug.
   */
  deliver(signal: AbortSignal): Promise<void> {
    return this.#attempt.run(async (ended) => {
      const { system } = this.#parts;
      const started = system.monotonic();
      await this.#deliver(ended);
      const isHeld = this.#heldUntil > system.monotonic();
      if (isHeld || system.monotonic() - started > HEAD_START_MS) return;
      const repeated = await this.#repeater.repeat(ended);
      if (repeated === null) return;
      if (repeated.ok) this.#failures = 0;
      else this.#hold(repeated.why);
    }, signal);
  }

  /** Ends an attempt that is under way, if it has not ended within `graceMs`. Rejects only with a bug. */
  end(graceMs?: number): Promise<void> {
    return this.#attempt.end(graceMs);
  }

  #nextDue(now: Date): Date | null {
    const due = [firstDue(this.#waiting(), now), this.#repeater.nextDue(now)].filter((each) => each !== null);
    if (due.length === 0) return null;
    const first = Math.min(...due.map((each) => each.getTime()));
    const held = this.#heldUntil - this.#parts.system.monotonic();
    return new Date(Math.max(first, now.getTime() + held));
  }

  /**
   * One attempt at what is due, first in, first out. The first connection that fails ends it. A connection begins only within the head
   * start: later a tunnel may be up. An abort counts as no try of a message that can't have arrived.
   */
  async #deliver(signal: AbortSignal): Promise<void> {
    const { system } = this.#parts;
    const started = system.monotonic();
    const now = system.now();
    const first = this.#nextDue(now);
    if (first === null || first > now) return;
    const isDue = (entry: OutboxEntry) => dueAt(entry, now) <= now;
    const prepared = await this.#prepareAll(this.#waiting().filter(isDue), signal);
    const blocked = new Set<string | null>();
    const block = (entry: OutboxEntry) => {
      for (const topic of topicsOf(entry)) blocked.add(topic);
    };
    let session: ChannelSession | null = null;
    for (const entry of this.#waiting().toSorted((one, other) => this.#rank(one) - this.#rank(other))) {
      if (signal.aborted) break;
      const ready = prepared.get(entry.key);
      // What can't be prepared holds up nothing else.
      if (ready === false) continue;
      if (topicsOf(entry).some((topic) => blocked.has(topic))) {
        block(entry);
        continue;
      }
      if (!ready || !isDue(entry) || !isPrepared(entry)) {
        if (holdsUp(entry)) block(entry);
        continue;
      }
      if (session !== null && !session.usable) {
        await session.close();
        session = null;
      }
      if (session === null && system.monotonic() - started > HEAD_START_MS) break;
      session ??= await this.#open(this.#waiting().filter(isDue), signal);
      if (session === null) break;
      const outcome = await session.send(entry.content);
      if (outcome.kind === 'disconnected' && outcome.sent !== 'all' && signal.aborted) break;
      this.#note(entry, outcome);
      if (outcome.kind === 'disconnected') break;
      // What follows about the same site may overtake a permanent refusal, but not a temporary one.
      if (outcome.kind === 'refused' && !outcome.failure.permanent && holdsUp(entry)) {
        block(entry);
      }
    }
    await session?.close();
  }

  #waiting(): readonly OutboxEntry[] {
    return this.#parts.state.outbox.filter(({ channel }) => channel === this.#name);
  }

  #rank(entry: OutboxEntry): number {
    return Number(topicsOf(entry).some((topic) => this.#suspects.has(topic)));
  }

  /** Prepares what is not prepared yet, and stores that before any of it is sent. Returns, by key, whether an entry is prepared. */
  async #prepareAll(due: readonly OutboxEntry[], signal: AbortSignal): Promise<ReadonlyMap<string, boolean>> {
    const prepared = new Map<string, boolean>();
    let changed = false;
    for (const entry of due) {
      if (signal.aborted) break;
      const content = await this.#channel.prepare(entry);
      prepared.set(entry.key, content.ok);
      if (content.ok && content.value === entry.content) continue;
      if (content.ok) this.#replace(entry, { ...entry, content: content.value });
      else this.#noteUnprepared(entry, content.why);
      changed = true;
    }
    if (changed) this.#parts.save();
    return prepared;
  }

  #noteUnprepared(entry: OutboxEntry, why: string): void {
    const { log, measure, system } = this.#parts;
    if (!this.#unprepared.has(entry.key)) {
      log.critical(`The ${this.#noun.toLowerCase()} "${entry.subject}" can't be built: ${why}`);
    }
    this.#unprepared.add(entry.key);
    measure({ kind: 'mailed', channel: this.#name, fate: 'failed' });
    this.#keep(entry, triedAgain(entry, system.now()), why);
  }

  async #open(due: readonly OutboxEntry[], signal: AbortSignal): Promise<ChannelSession | null> {
    const { log, warned } = this.#parts;
    const opened = await this.#channel.open(signal);
    if (!opened.ok) {
      if (!signal.aborted) this.#noteUnreachable(due, opened.why);
      return null;
    }
    for (const { kind, words } of opened.value.warnings) {
      if (!warned.has(kind)) log.warning(`${this.#noun}: ${words}`);
      warned.add(kind);
    }
    return opened.value;
  }

  /** No session is a failed try of all that was due. When they are tried again depends on the connection, not on them. */
  #noteUnreachable(due: readonly OutboxEntry[], failure: ChannelFailure): void {
    const { log, measure, save, system } = this.#parts;
    this.#hold(failure);
    measure({ kind: 'mailed', channel: this.#name, fate: 'failed' });
    for (const entry of due) this.#keep(entry, { ...entry, tries: entry.tries + 1 }, failure.words);
    save();
    const next = this.#nextDue(system.now());
    const nextTry = next === null ? '' : `, next try at ${clockTime(next)}`;
    log.error(
      `${this.#noun} not sent: ${failureInWords(failure)}; ${this.#waiting().length} waiting${nextTry}`,
    );
  }

  #note(entry: PreparedEntry, outcome: SendOutcome): void {
    const { log, measure, save, system, unconfirmed } = this.#parts;
    if (outcome.kind === 'disconnected') {
      this.#hold(outcome.failure);
      if (outcome.sent !== 'nothing') for (const topic of topicsOf(entry)) this.#suspects.add(topic);
    } else {
      this.#failures = 0;
      for (const topic of topicsOf(entry)) this.#suspects.delete(topic);
      for (const { recipient, failure } of outcome.refused) {
        log.error(`${this.#noun} "${entry.subject}" is refused for ${recipient}: ${failureInWords(failure)}`);
      }
    }
    const failure = outcome.kind === 'delivered' ? outcome.refused[0]?.failure : outcome.failure;
    const inDoubt = outcome.kind === 'disconnected' && outcome.sent === 'all';
    const kept = this.#keep(entry, remainder(entry, outcome, system.now()), failure?.words);
    if (inDoubt && kept === null) {
      measure({ kind: 'mailed', channel: this.#name, fate: 'unconfirmed' });
      unconfirmed(entry);
    }
    save();
    measure({
      kind: 'mailed',
      channel: this.#name,
      fate: outcome.kind === 'delivered' ? 'delivered' : 'failed',
    });
    if (outcome.kind === 'delivered') {
      const refused = outcome.refused.map(({ recipient }) => recipient);
      const reached = entry.content.recipients.filter((each) => !refused.includes(each));
      log.info(`${this.#noun} sent: "${entry.subject}"${this.#to(reached)}: ${outcome.reply}`);
    } else {
      const next = kept === null ? 'not tried again' : `next try at ${clockTime(this.#nextTryOf(kept))}`;
      const what = inDoubt
        ? `${this.#noun} may have been delivered: "${entry.subject}"${this.#to(entry.content.recipients)}`
        : `${this.#noun} not sent: "${entry.subject}"`;
      log.error(`${what}: ${failureInWords(outcome.failure)}; ${next}`);
    }
  }

  #nextTryOf(entry: OutboxEntry): Date {
    const { system } = this.#parts;
    const now = system.now();
    const held = this.#heldUntil - system.monotonic();
    return new Date(Math.max(dueAt(entry, now).getTime(), now.getTime() + held));
  }

  /** The recipients in words. A channel that has no others names itself, which the noun does already. */
  #to(recipients: readonly string[]): string {
    return recipients.join() === this.#name ? '' : ` to ${recipients.join(', ')}`;
  }

  #hold({ retryAfterMs }: ChannelFailure): void {
    this.#failures += 1;
    this.#heldUntil = this.#parts.system.monotonic() + holdMs(this.#failures, retryAfterMs ?? 0);
  }

  /** Replaces an entry by what remains of it, unless it was tried long enough. Returns what is kept. */
  #keep(entry: OutboxEntry, remaining: OutboxEntry | null, why: string | undefined): OutboxEntry | null {
    const { log, measure, system } = this.#parts;
    const spent = remaining !== null && isSpent(remaining, system.now());
    if (spent) {
      const { subject, tries, content } = remaining;
      const to = content === null ? '' : this.#to(content.recipients);
      measure({ kind: 'mailed', channel: this.#name, fate: 'lost' });
      log.critical(`${this.#noun} given up after ${tries} tries: "${subject}"${to}: ${why}`);
    }
    const kept = spent ? null : remaining;
    this.#replace(entry, kept);
    return kept;
  }

  #replace(entry: OutboxEntry, by: OutboxEntry | null): void {
    const { outbox } = this.#parts.state;
    const index = outbox.indexOf(entry);
    if (index >= 0) outbox.splice(index, 1, ...(by === null ? [] : [by]));
  }
}

function isPrepared(entry: OutboxEntry): entry is PreparedEntry {
  return entry.content !== null;
}
