import type { Secret } from '../model/secret.ts';
import type { Redact } from './log.ts';
import { type Form, formsOf } from './secret-forms.ts';

/** What stands for a secret. */
export const SHOWN = '***';

/**
 * Returns a function that replaces every secret in a text by `***`: in all encodings of {@link formsOf}, and also if a terminal broke
 * the secret over lines or coloured a part of it. Overlapping secrets are all removed.
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
 * Returns one pattern for each first character (its code), of all forms that may begin with it. A single pattern of all forms is slow:
 * it tries hundreds of them at every position (1 s for 1 MB and 50 secrets).
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

/** What a terminal inserts into a text: escape sequences and line breaks. */
const BREAK = /\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|[()][0-9A-Za-z]|[=>78])|[\r\n]+/g;

/** The text without its breaks, and the original position of each of its characters. */
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
 * Returns the last `n` characters (UTF-16 code units) of a text, redacted. The whole text is redacted before it is cut, so that no part
 * of a secret remains.
 *
 * If `cutAtFront`, the beginning of the text is missing. It may start with the rest of a secret, which can't be recognised, so all up
 * to the second line end is removed; without two line ends, everything. (A secret has no line end, and a terminal breaks it over two
 * lines at most.)
 */
export function redactedTail(text: string, n: number, redact: Redact, cutAtFront: boolean): string {
  const redacted = redact(text);
  const safeStart = cutAtFront
    ? (/^(?:[^\r\n]*(?:\r\n|\r(?!\n)|\n)){2}/.exec(redacted)?.[0].length ?? redacted.length)
    : 0;
  const start = Math.max(safeStart, redacted.length - n);
  // Do not cut a surrogate pair.
  const code = redacted.charCodeAt(start);
  return redacted.slice(start > 0 && code >= 0xdc00 && code <= 0xdfff ? start + 1 : start);
}
