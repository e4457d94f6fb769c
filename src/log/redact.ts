import type { Secret } from '../model/secret.ts';
import type { Redact } from './log.ts';
import { type Form, formsOf } from './secret-forms.ts';

/** What stands for a secret. */
export const SHOWN = '***';

/**
 * Makes the function that puts `***` for every secret in a foreign text, however it is encoded there
 * ({@link formsOf}) and also where a terminal broke it over lines or coloured a part of it.
 *
 * Where secrets overlap, all that belongs to any of them goes.
 */
export function createRedactor(secrets: readonly Secret[]): Redact {
  const find = createFinder(secrets);
  return (text) => {
    let redacted = '';
    let from = 0;
    for (const { start, end } of find(text)) {
      redacted += text.slice(from, start) + SHOWN;
      from = end;
    }
    return redacted + text.slice(from);
  };
}

/** A secret, or several that overlap, in a text: from the character `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Makes the function that finds every secret in a text, in the order of the text. `breaks`, a global pattern, says what may
 * stand between two characters of a secret.
 */
export function createFinder(secrets: readonly Secret[]): (text: string, breaks?: RegExp) => readonly Span[] {
  const texts = new Set(secrets.map((secret) => secret.reveal()));
  const patterns = patternsByHead([...texts].flatMap(formsOf));
  if (patterns.size === 0) return () => [];
  return (text, breaks = BREAK) => {
    const { joined, origin } = withoutBreaks(text, breaks);
    const found: { start: number; end: number }[] = [];
    // Every place is tried, also within what was found already: another secret may begin there.
    for (let index = 0; index < joined.length; index++) {
      const pattern = patterns.get(joined.charCodeAt(index));
      if (pattern === undefined) continue;
      pattern.lastIndex = index;
      if (!pattern.test(joined)) continue;
      const start = origin(index);
      const end = origin(pattern.lastIndex - 1) + 1;
      const last = found.at(-1);
      if (last === undefined || start >= last.end) found.push({ start, end });
      else last.end = Math.max(last.end, end);
    }
    return found;
  };
}

/**
 * For each first character (its code) one pattern of all the forms that may begin with it: a single pattern of all
 * forms tries hundreds of them at every place (1 s for 1 MB and 50 secrets).
 */
function patternsByHead(forms: readonly Form[]): ReadonlyMap<number, RegExp> {
  const sources = new Map<number, string[]>();
  for (const { heads, source } of [...forms].sort((a, b) => b.length - a.length)) {
    for (const head of heads) {
      const code = head.charCodeAt(0);
      sources.set(code, [...(sources.get(code) ?? []), source]);
    }
  }
  return new Map([...sources].map(([code, alternatives]) => [code, new RegExp(alternatives.join('|'), 'y')]));
}

/** What a terminal puts between two characters that belong together: an escape sequence, a line break. */
const BREAK = /\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|[()][0-9A-Za-z]|[=>78])|[\r\n]+/g;

/** The text without its breaks, and where each of its characters came from. */
function withoutBreaks(
  text: string,
  pattern: RegExp,
): {
  readonly joined: string;
  readonly origin: (index: number) => number;
} {
  const breaks = [...text.matchAll(pattern)];
  if (breaks.length === 0) return { joined: text, origin: (index) => index };
  const origins = new Uint32Array(text.length);
  let joined = '';
  let from = 0;
  const keep = (to: number) => {
    for (let index = from; index < to; index++) origins[joined.length + index - from] = index;
    joined += text.slice(from, to);
  };
  for (const { index, 0: found } of breaks) {
    keep(index);
    from = index + found.length;
  }
  keep(text.length);
  return { joined, origin: (index) => origins[index] ?? text.length };
}

/**
 * The last `n` characters (UTF-16 code units) of a foreign text, without secrets.
 *
 * The whole text is redacted before it is cut, so that the cut leaves no part of a secret. `cutAtFront` says that
 * the text's own beginning is missing: then the rest of a secret may stand there, which nothing can recognise, and
 * all up to the second line end is dropped. (A secret holds no line end, and a terminal breaks it over two lines
 * at most.) Where there are no two line ends, nothing is left.
 */
export function redactedTail(text: string, n: number, redact: Redact, cutAtFront: boolean): string {
  const redacted = redact(text);
  const sure = cutAtFront
    ? (/^(?:[^\r\n]*(?:\r\n|\r(?!\n)|\n)){2}/.exec(redacted)?.[0].length ?? redacted.length)
    : 0;
  const start = Math.max(sure, redacted.length - n);
  // Not in the middle of a surrogate pair.
  const code = redacted.charCodeAt(start);
  return redacted.slice(start > 0 && code >= 0xdc00 && code <= 0xdfff ? start + 1 : start);
}
