/** Why a message did not reach its recipients. */
export interface ChannelFailure {
  /** In words, redacted, one line. */
  readonly words: string;
  /** Where to look to fix it: a setting of the config, or a file of the host; `null`: nowhere. */
  readonly setting: string | null;
  /** Whether the same message will be refused again. */
  readonly permanent: boolean;
}

/** A recipient for whom a message was refused. */
export interface Refusal<F extends ChannelFailure = ChannelFailure> {
  readonly recipient: string;
  readonly failure: F;
}

/** What became of one message. */
export type SendOutcome<F extends ChannelFailure = ChannelFailure> =
  /** It was accepted for all recipients but `refused`. `reply` is the receiver's answer, redacted. */
  | { readonly kind: 'delivered'; readonly reply: string; readonly refused: readonly Refusal<F>[] }
  /** It was accepted for nobody. `refused` lists the recipients that were refused by name. */
  | { readonly kind: 'refused'; readonly failure: F; readonly refused: readonly Refusal<F>[] }
  /** The connection broke. `mayHaveArrived`: the receiver had begun to take the message. */
  | { readonly kind: 'disconnected'; readonly failure: F; readonly mayHaveArrived: boolean };
