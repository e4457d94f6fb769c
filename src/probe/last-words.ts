import type { Terminal } from '../console/expect.ts';
import type { Redact } from '../log/log.ts';
import { redactedTail } from '../log/redact.ts';
import type { Exit } from '../system/place.ts';
import { printable } from '../words/printable.ts';

/** What is quoted of a client's last words, in characters. */
const LAST_WORDS = 200;
/** A line without an end that waits for somebody to type. */
const QUESTION = /[:?>\])]\s*$/;

/** What a client said after it was last answered. */
export interface LastWords {
  /** Its last line, redacted and printable; empty if it said nothing. */
  readonly words: string;
  /** Whether that line waits for an answer. */
  readonly asks: boolean;
}

/** What a client has said that no pattern has matched. The echo of `typed`, our last answer, is not its own. */
export function lastWords(client: Terminal, typed: string, redact: Redact): LastWords {
  const { unread } = client;
  const own =
    typed !== '' && unread.trimStart().startsWith(typed) ? unread.trimStart().slice(typed.length) : unread;
  if (own.trim() === '') return { words: '', asks: false };
  // All of the text is redacted, not only its end: a secret may begin before it.
  const { text, cut } = client.transcript;
  const lines = redactedTail(text.trimEnd(), LAST_WORDS, redact, cut).split('\n');
  return { words: printable(lines.at(-1)?.trim() ?? ''), asks: !own.endsWith('\n') && QUESTION.test(own) };
}

/** The end of a client that nobody has ended, in words. */
export function endInWords(client: Terminal, redact: Redact): string | undefined {
  if (client.exit === undefined) return undefined;
  const { words } = lastWords(client, '', redact);
  return `the client ended (${exitInWords(client.exit)})${words === '' ? '' : `: ${words}`}`;
}

/** The last `length` characters of what a client printed, redacted. */
export function quote(client: Terminal, length: number, redact: Redact): string {
  const { text, cut } = client.transcript;
  return redactedTail(text, length, redact, cut);
}

/** `exit status 1` or `signal 9`. */
export function exitInWords({ code, signal }: Exit): string {
  return signal === 0 ? `exit status ${code}` : `signal ${signal}`;
}
