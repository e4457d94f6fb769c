import type { Result } from '../model/result.ts';
import type { OutboxEntry, Prepared, ToldEvent } from '../state/store.ts';

/** Why a message did not reach its recipients. */
export interface ChannelFailure {
  /** In words, redacted, one line. */
  readonly words: string;
  /** Where to look to fix it: a setting of the config, or a file of the host; `null`: nowhere. */
  readonly setting: string | null;
  /** Whether the same message will be refused again. */
  readonly permanent: boolean;
  /** How long the receiver asks to be left alone, in ms; `null` or not set: it does not. */
  readonly retryAfterMs?: number | null;
}

/** A failure in words, with where to look. */
export function failureInWords({ words, setting }: ChannelFailure): string {
  return setting === null ? words : `${words} (see ${setting})`;
}

/** A recipient for whom a message was refused. */
export interface Refusal<F extends ChannelFailure = ChannelFailure> {
  readonly recipient: string;
  readonly failure: F;
}

/** The outcome of sending one message. */
export type SendOutcome<F extends ChannelFailure = ChannelFailure> =
  /** It was accepted for all recipients but `refused`. `reply` is the receiver's answer, redacted. */
  | { readonly kind: 'delivered'; readonly reply: string; readonly refused: readonly Refusal<F>[] }
  /** It was accepted for no recipient. `refused` lists the recipients that were refused by name. */
  | { readonly kind: 'refused'; readonly failure: F; readonly refused: readonly Refusal<F>[] }
  /** The connection broke. `sent`: how much of the message had been sent by then. After all of it, it may have arrived. */
  | { readonly kind: 'disconnected'; readonly failure: F; readonly sent: Sent };

/** How much of a message was sent before its connection broke. `all`: the receiver has not said that it did not take the message. */
export type Sent = 'nothing' | 'part' | 'all';

/** A problem that did not prevent delivery but should be fixed. */
export interface ChannelWarning {
  /** The log gives each kind once. */
  readonly kind: string;
  /** One line, redacted. */
  readonly words: string;
}

/** An open connection of a channel. */
export interface ChannelSession<C extends Prepared = Prepared> {
  readonly warnings: readonly ChannelWarning[];
  /** Whether it can send another message. */
  readonly usable: boolean;
  /** Sends what {@link Channel.prepare} of the same channel gave. Never rejects. */
  send(content: C): Promise<SendOutcome>;
  /** Never rejects. */
  close(): Promise<void>;
}

/** How a receiver is told again of what is wrong. */
export interface Repeating {
  readonly everyMs: number;
  /** Sends all of it. An abort ends it at once. Never rejects. */
  send(open: readonly ToldEvent[], signal: AbortSignal): Promise<Result<undefined, ChannelFailure>>;
}

/**
 * A way to people, as one config describes it, such as a mail server. It knows its protocol. delivery.ts decides which messages
 * wait, when they are tried again, and in which order.
 */
export interface Channel<C extends Prepared = Prepared> {
  /** Makes the key of a new message, which is globally unique. */
  newKey(): string;
  /**
   * Gives what is sent for an entry. At the first try it makes that content; later it returns the content that the entry
   * holds, so that every try sends the same, unless the config wants another form by then. Never rejects.
   */
  prepare(entry: OutboxEntry): Promise<Result<C>>;
  /** For a receiver that forgets what it is not told again, such as Alertmanager. Without: it does not. */
  readonly repeating?: Repeating | undefined;
  /** Connects. An abort ends it at once. Never rejects. */
  open(signal: AbortSignal): Promise<Result<ChannelSession<C>, ChannelFailure>>;
}
