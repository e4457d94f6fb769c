import type { Terminal } from '../console/expect.ts';
import type { Redact } from '../log/log.ts';
import { redactedTail } from '../log/redact.ts';
import type { Exit } from '../system/place.ts';
import { printable } from '../words/printable.ts';

/** What is quoted of a client's last words, in characters. */
const LAST_WORDS = 200;
/** A line without an end that waits for somebody to type. */
const QUESTION = /[:?>\])]\s*$/;
/** The beginning of a line that says what went wrong: `Error: ...`, `Login Error: ...`, `java.lang.Error: ...`, `Failed to ...`. */
const SAYS_WHY =
  /^\W*(?:(?:[\w.]+ ){0,3}(?:[\w.]*error|[\w.]*exception|failure|fatal|critical)\b[^:]{0,40}:|error\b|(?:failed|failure|cannot|can't|could not|unable|exception in)\b)/i;
/** Lines that say no more than that it is over. */
const SAYS_NOTHING =
  /^(?:disconnect(?:ed|ing)|(?:not )?connected|exit(?:ing|ed)?|terminated|(?:good)?bye|logg(?:ed|ing) (?:off|out)|\W*)[\s.!]*$/i;

/** What a client said after it was last answered. */
export interface LastWords {
  /** The line that says most, redacted and printable; empty if it said nothing. */
  readonly words: string;
  /** Whether its last line waits for an answer. Then that is quoted. */
  readonly asks: boolean;
}

/**
 * What a client has said that no pattern has matched. The echo of `typed`, our last answer, is not its own.
 *
 * @param known patterns of lines that say more than any other
 */
export function lastWords(
  client: Terminal,
  typed: string,
  redact: Redact,
  known: readonly RegExp[] = [],
): LastWords {
  const { unread } = client;
  const own =
    typed !== '' && unread.trimStart().startsWith(typed) ? unread.trimStart().slice(typed.length) : unread;
  if (own.trim() === '') return { words: '', asks: false };
  const asks = !own.endsWith('\n') && QUESTION.test(own);
  // All of the text is redacted, not only its end: a secret may begin before it.
  const { text, cut } = client.transcript;
  const length = own.trim().split('\n').length;
  const lines = redactedTail(text.trimEnd(), text.length, redact, cut).split('\n').slice(-length);
  const isKnown = lines.some((line) => known.some((pattern) => pattern.test(line.trim())));
  const line = asks && !isKnown ? (lines.at(-1) ?? '').trim() : mostTelling(lines, known);
  return { words: printable([...line].slice(0, LAST_WORDS).join('')), asks };
}

/**
 * The line that says most about why a client ended: one that is known, else the first that begins as an error does, since what
 * follows it is its consequence, else the last that says anything.
 */
export function mostTelling(lines: readonly string[], known: readonly RegExp[] = []): string {
  const said = lines.map((line) => line.trim());
  return (
    said.findLast((line) => known.some((pattern) => pattern.test(line))) ??
    said.find((line) => SAYS_WHY.test(line)) ??
    said.findLast((line) => !SAYS_NOTHING.test(line)) ??
    said.at(-1) ??
    ''
  );
}

/** The end of a client that nobody has ended, in words. */
export function endInWords(
  client: Terminal,
  redact: Redact,
  known: readonly RegExp[] = [],
): string | undefined {
  if (client.exit === undefined) return undefined;
  const { words } = lastWords(client, '', redact, known);
  return `the client ended (${exitInWords(client.exit)})${words === '' ? '' : `: ${words}`}`;
}

/** The line in which a client that still runs says that its session has ended, in words; `undefined`: none does. */
export function endSaid(client: Terminal, ends: readonly RegExp[], redact: Redact): string | undefined {
  const says = client.unread.split('\n').some((line) => ends.some((pattern) => pattern.test(line)));
  return says ? `the client said: ${lastWords(client, '', redact, ends).words}` : undefined;
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
