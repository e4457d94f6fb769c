import { EVENT_KINDS } from '../model/event-kinds.ts';
import { type SiteResult, succeeded } from '../model/test-result.ts';
import type { FirstKeys, PendingEvent, SiteState, State } from '../state/store.ts';
import type { System } from '../system/system.ts';
import { groupMessage } from './grouping.ts';
import type { SiteMessage } from './message.ts';
import { toldEvent } from './outbox.ts';
import { counts } from './policy.ts';
import type { Posting } from './posting.ts';
import { messagesFor } from './routing.ts';

/** An event of a site, without its words. */
export type SiteEvent = Omit<PendingEvent, 'note' | 'subject' | 'text' | 'foot' | 'created'> & {
  readonly at: Date;
};

/** The events of a cycle, which are told together. They wait in the state, and are stored with its next save. */
export class EventGroup {
  readonly #state: State;
  readonly #system: System;
  readonly #posting: Posting;
  /** When the first event that waits came, in ms on the monotonic clock. */
  #since = 0;
  /** The sites whose test in this cycle failed, told or not. */
  readonly #failed = new Set<string>();

  constructor(state: State, system: System, posting: Posting) {
    this.#state = state;
    this.#system = system;
    this.#posting = posting;
  }

  /** Notes whether a site has failed in this cycle. */
  count(result: SiteResult): void {
    if (counts(result) && !succeeded(result)) this.#failed.add(result.site);
    else this.#failed.delete(result.site);
  }

  /** Keeps an event until it is told. */
  add({ subject, text, foot, note }: SiteMessage, { at, ...event }: SiteEvent): void {
    const { pending } = this.#state;
    this.#posting.note(subject);
    if (pending.length === 0) this.#since = this.#system.monotonic();
    pending.push({ ...event, note, subject, text, foot, created: at.toISOString() });
  }

  /** Whether something has waited for so long, in seconds. */
  isDue(seconds: number): boolean {
    return this.#state.pending.length > 0 && this.#system.monotonic() - this.#since >= seconds * 1000;
  }

  /** Ends the cycle: tells what waits. Returns whether there was anything. */
  end(enabled: readonly string[]): boolean {
    const waits = this.#state.pending.length > 0;
    if (waits) this.tell(enabled);
    this.#failed.clear();
    return waits;
  }

  /** Puts the messages about all that waits into the outbox, for each channel what it gets. */
  tell(enabled: readonly string[]): void {
    const events = this.#state.pending.splice(0);
    for (const [name, channel] of this.#posting.channels) {
      const subscription = this.#posting.subscriptionOf(name);
      const sites = enabled.filter((site) => subscription.sites?.includes(site) ?? true);
      for (const told of messagesFor(subscription, events)) {
        const [oldest] = told;
        const [about, ...also] = new Set(told.map((event) => event.about));
        // The channel answers the first of its own messages that the events know of.
        const replyTo = told.map(({ first }) => first[name]).find((key) => key !== undefined) ?? null;
        const key = this.#posting.post(name, channel, {
          ...groupMessage(told, sites, this.#failed),
          about: about ?? null,
          also,
          replyTo,
          created: oldest.created,
          events: told.map(toldEvent),
        });
        for (const event of told) this.#noteFirst(event, name, replyTo ?? key);
      }
    }
  }

  /** Notes with the outage of an event which message of a channel it belongs to. */
  #noteFirst({ about, kind }: PendingEvent, channel: string, key: string): void {
    const { sites } = this.#state;
    const site = sites.get(about);
    if (site !== undefined) sites.set(about, answering(site, kind, { [channel]: key }));
  }
}

/** A site whose later messages answer this one, by channel, unless they answer an earlier one. */
function answering(site: SiteState, kind: PendingEvent['kind'], keys: FirstKeys): SiteState {
  const { announced, slow, flap } = site;
  if (kind === 'slow') return { ...site, slow: slow && { ...slow, first: { ...keys, ...slow.first } } };
  if (kind === 'flapping') return { ...site, flap: flap && { ...flap, first: { ...keys, ...flap.first } } };
  // A site that is steady and down is in an outage that this message has announced.
  const isOfOutage = kind === 'steady' || EVENT_KINDS[kind].alert === EVENT_KINDS.failure.alert;
  if (!isOfOutage) return site;
  return { ...site, announced: announced && { ...announced, first: { ...keys, ...announced.first } } };
}
