import { durationInWords, MINUTE_MS } from '../../../words/time.ts';

/** One wait for a mail server. */
export interface Wait {
  /** What is waited for, in words. */
  readonly what: string;
  /** How long at most, in ms. */
  readonly ms: number;
}

/** RFC 5321, 4.5.3.2 has no figure for a connection. Postfix waits as long. */
export const CONNECTION: Wait = { what: 'connection', ms: 30_000 };
/** RFC 5321, 4.5.3.2.1. Name look-ups, ident and tests for spam cost servers 5 to 30 s. */
export const GREETING: Wait = { what: 'greeting', ms: 5 * MINUTE_MS };
/** RFC 5321, 4.5.3.2.5, for the whole message: it fits into a few blocks. */
export const MESSAGE_SENT: Wait = { what: 'room for the message', ms: 3 * MINUTE_MS };
/** RFC 5321, 4.5.3.2.6: a client that gives up earlier sends mails that the server has taken a second time. */
export const MESSAGE_ANSWER: Wait = { what: 'answer to the message', ms: 10 * MINUTE_MS };

/** RFC 5321, 4.5.3.2.2 and 4.5.3.2.3; for commands without a figure, Postfix waits as long. */
const ANSWER_MS = 5 * MINUTE_MS;
/** RFC 5321, 4.5.3.2.4. */
const DATA_ANSWER_MS = 2 * MINUTE_MS;
/** For TLS where plain text would do as well. */
const OPTIONAL_TLS_MS = 30_000;

const VERBS = /^(?:EHLO|HELO|STARTTLS|AUTH|MAIL|RCPT|DATA|QUIT|RSET)\b/;

/** The wait for TLS: for the answer to STARTTLS, and for the handshake. */
export function tlsWait(optional: boolean): Wait {
  return { what: 'TLS', ms: optional ? OPTIONAL_TLS_MS : ANSWER_MS };
}

/**
 * The wait for the answer to a command. What is no command is the second line of AUTH and is never shown.
 *
 * @param tlsIsOptional whether plain text is used where TLS fails
 */
export function waitAfter(command: string, tlsIsOptional: boolean): Wait {
  const verb = VERBS.exec(command)?.[0] ?? 'AUTH';
  if (verb === 'STARTTLS') return tlsWait(tlsIsOptional);
  return { what: `answer to ${verb}`, ms: verb === 'DATA' ? DATA_ANSWER_MS : ANSWER_MS };
}

/** Says what did not come: `no greeting within 5 min`. */
export function lackInWords({ what, ms }: Wait): string {
  return `no ${what} within ${durationInWords(ms)}`;
}

/**
 * Begins the wait for each answer of a session. Several commands may be sent at once (RFC 2920): then each answer has its own time,
 * which begins with the answer before.
 */
export class ReplyWaits {
  readonly #begin: (wait: Wait) => void;
  readonly #pending: Wait[] = [];
  #last: Wait | undefined;

  /** @param begin ends the wait that was begun before. */
  constructor(begin: (wait: Wait) => void) {
    this.#begin = begin;
  }

  /** Something was sent, and its answer is waited for. */
  sent(wait: Wait): void {
    this.#pending.push(wait);
    if (this.#pending.length === 1) this.#begin(wait);
    this.#last = wait;
  }

  /** An answer has come. Where none is pending, what follows has the same time again: the handshake after STARTTLS. */
  replied(): void {
    this.#pending.shift();
    const next = this.#pending[0] ?? this.#last;
    if (next !== undefined) this.#begin(next);
  }
}
