import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import type { Measure } from '../model/metrics-event.ts';
import type { OutboxEntry, State } from '../state/store.ts';
import type { System } from '../system/system.ts';
import type { Channel } from './channel.ts';
import { isOld, newEntry, nounOf, OUTBOX_LIMIT } from './outbox.ts';
import { ALL_EVENTS, type Subscription } from './routing.ts';

/** A message as it is put into the outbox. */
export type Posted = Pick<
  OutboxEntry,
  'about' | 'also' | 'subject' | 'text' | 'created' | 'replyTo' | 'events' | 'attachment'
>;

/** The environment of {@link Posting}. */
export interface PostingParts {
  readonly state: State;
  readonly system: System;
  readonly log: Log;
  readonly measure: Measure;
}

/** Puts messages into the outbox, for the channels of the config. What it changes is stored with the next save of the state. */
export class Posting {
  readonly #parts: PostingParts;
  #config: Pick<Config, 'channels'>;
  #channels: ReadonlyMap<string, Channel>;

  constructor(config: Pick<Config, 'channels'>, channels: ReadonlyMap<string, Channel>, parts: PostingParts) {
    this.#parts = parts;
    this.#config = config;
    this.#channels = channels;
    this.#giveUpUnconfigured();
  }

  /** Continues with another config. */
  use(config: Pick<Config, 'channels'>, channels: ReadonlyMap<string, Channel>): void {
    this.#config = config;
    this.#channels = channels;
    this.#giveUpUnconfigured();
  }

  /** The channels, by name. */
  get channels(): ReadonlyMap<string, Channel> {
    return this.#channels;
  }

  /** What a channel gets. */
  subscriptionOf(channel: string): Subscription {
    return this.#config.channels.find(({ name }) => name === channel) ?? ALL_EVENTS;
  }

  /** Writes to the log that people are told of something. */
  note(subject: string): void {
    const none = this.#channels.size === 0 ? ' (no mail: logging.email is not set)' : '';
    this.#parts.log.warning(`Alert: ${subject}${none}`);
  }

  /** Puts a message into the outbox. Returns its key. */
  post(name: string, channel: Channel, message: Posted): string {
    const key = channel.newKey();
    this.#parts.state.outbox.push(newEntry({ ...message, key, channel: name }));
    this.#giveUpOldest();
    return key;
  }

  #giveUpOldest(): void {
    const { log, measure, state } = this.#parts;
    const { outbox } = state;
    for (const { channel, subject } of outbox.splice(0, Math.max(0, outbox.length - OUTBOX_LIMIT))) {
      measure({ kind: 'mailed', channel, fate: 'lost' });
      log.critical(`${nounOf(channel)} given up, more than ${OUTBOX_LIMIT} are waiting: "${subject}"`);
    }
  }

  /** Gives up the messages whose channel has not been in the config for as long as a message is kept. */
  #giveUpUnconfigured(): void {
    const { log, measure, state, system } = this.#parts;
    const { outbox } = state;
    const now = system.now();
    for (const entry of outbox.filter((each) => !this.#channels.has(each.channel) && isOld(each, now))) {
      const { channel, subject } = entry;
      outbox.splice(outbox.indexOf(entry), 1);
      measure({ kind: 'mailed', channel, fate: 'lost' });
      log.critical(`${nounOf(channel)} given up, the config has no such channel: "${subject}"`);
    }
  }
}
