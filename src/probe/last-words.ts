import type { ClientProfile } from '../clients/profile.ts';
import type { Terminal } from '../console/expect.ts';
import type { Redact } from '../log/log.ts';
import { redactedTail } from '../log/redact.ts';
import type { Exit } from '../system/place.ts';
import { printable } from '../words/printable.ts';

/** The maximum length of a quote, in characters. */
const LAST_WORDS = 200;
/** A line is judged by its beginning, in characters: the patterns below need the square of a line's length. */
const JUDGED = 5 * LAST_WORDS;
/** A prompt: an unterminated line that waits for input. */
const QUESTION = /[:?>\])]\s*$/;
/** The start of an error message: `Error: ...`, `Login Error: ...`, `java.lang.Error: ...`, `Failed to ...`. */
const SAYS_WHY =
  /^\W*(?:(?:[\w.]+ ){0,3}(?:[\w.]*error|[\w.]*exception|failure|fatal|critical)\b[^:]{0,40}:|error\b|(?:failed|failure|cannot|can't|could not|unable|exception in)\b)/i;
/** Lines that only report the end. */
const SAYS_NOTHING =
  /^(?:disconnect(?:ed|ing)|(?:not )?connected|exit(?:ing|ed)?|terminated|(?:good)?bye|logg(?:ed|ing) (?:off|out)|\W*)[\s.!]*$/i;

/** What a client printed after the last answer. */
export interface LastWords {
  /** The most informative line, redacted and printable; empty if there is none. */
  readonly words: string;
  /** Whether its last line is a prompt. Then `words` is that line. */
  readonly asks: boolean;
}

/**
 * Returns the last words of a client that no pattern has matched, without the echo of `typed`, our last answer.
 *
 * @param known patterns of lines that are preferred to all others
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
  // Redact all of the text, not only its end: a secret may start before the end.
  const { text, cut } = client.transcript;
  const length = own.trim().split('\n').length;
  const lines = redactedTail(text.trimEnd(), text.length, redact, cut).split('\n').slice(-length).map(judged);
  const isKnown = lines.some((line) => known.some((pattern) => pattern.test(line)));
  const line = asks && !isKnown ? (lines.at(-1) ?? '') : mostTelling(lines, known);
  return { words: printable([...line].slice(0, LAST_WORDS).join('')), asks };
}

/**
 * The line that best explains why a client ended: a known line; otherwise the first error message, since the others are its
 * consequences; otherwise the last line with content.
 */
export function mostTelling(lines: readonly string[], known: readonly RegExp[] = []): string {
  const said = lines.map(judged);
  return (
    said.findLast((line) => known.some((pattern) => pattern.test(line))) ??
    said.find((line) => SAYS_WHY.test(line)) ??
    said.findLast((line) => !SAYS_NOTHING.test(line)) ??
    said.at(-1) ??
    ''
  );
}

/** What decides about a line. */
function judged(line: string): string {
  return line.trim().slice(0, JUDGED);
}

/** Describes the end of a client that ended by itself. */
export function endInWords(
  client: Terminal,
  redact: Redact,
  known: readonly RegExp[] = [],
): string | undefined {
  if (client.exit === undefined) return undefined;
  const { words } = lastWords(client, '', redact, known);
  return `the client ended (${exitInWords(client.exit)})${words === '' ? '' : `: ${words}`}`;
}

/**
 * Quotes the line in which a running client reports the end of its session; `undefined`: there is none, or it has logged in again
 * since then.
 */
export function endSaid(
  client: Terminal,
  { ends = [], success: { expect, unless } }: Pick<ClientProfile, 'ends' | 'success'>,
  redact: Redact,
): string | undefined {
  const lines = client.unread.split('\n');
  const end = lines.findLastIndex((line) => ends.some((pattern) => pattern.test(line)));
  // The last line, without its end, may be a prompt such as `CONNECT CMD> `, which comes after everything.
  const isBack = lines.slice(end + 1, -1).some((line) => expect.test(line) && unless?.test(line) !== true);
  return end !== -1 && !isBack ? `the client said: ${lastWords(client, '', redact, ends).words}` : undefined;
}

/** The last `length` characters of what a client printed, redacted. */
export function quote(client: Terminal, length: number, redact: Redact): string {
  const { text, cut } = client.transcript;
  return redactedTail(text, length, redact, cut);
}

/** Whether a program has ended by itself, with status 0. */
export function isReturn({ code, signal }: Exit): boolean {
  return code === 0 && signal === 0;
}

/** `exit status 1` or `signal 9`. */
export function exitInWords({ code, signal }: Exit): string {
  return signal === 0 ? `exit status ${code}` : `signal ${signal}`;
}
