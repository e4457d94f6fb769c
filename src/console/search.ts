import type { Place } from '../system/place.ts';
import { searchInTime } from './search-in-time.ts';

/** A text that is looked for in each line by itself. */
export interface Pattern {
  readonly regex: RegExp;
  /** Words on the same line that say the contrary: the line then does not count. */
  readonly unless?: RegExp;
  /** One of the lines before it, since the last match, must match this; of a long text only the last ones are looked at. */
  readonly within?: RegExp;
  /**
   * A line that says how it went is judged when all of it is there, so that the borders of the writes decide nothing. A
   * prompt has no line end: it counts at once.
   */
  readonly wholeLine?: boolean;
  /** It is somebody's own, and may take for ever: the search has a deadline. */
  readonly timed?: boolean;
}

/** A pattern in the first line that holds one. */
export interface Found {
  readonly kind: 'found';
  /** Of the pattern. */
  readonly index: number;
  /** Where the match ends. */
  readonly end: number;
  /** It is to be judged again when its line has gone on. */
  readonly pending: boolean;
}

/** What a search came to. */
export type Search =
  | Found
  /** `from`: where the next search of more text begins; all before it is judged for good. */
  | { readonly kind: 'nothing'; readonly from: number }
  /** Why it could not be brought to its end, in words. */
  | { readonly kind: 'failed'; readonly why: string };

/**
 * A longer line is taken for several, in characters: far more than any prompt, and little enough that a pattern that needs
 * the square of a line's length (as `connect to .* failed` does) needs no more than some ms.
 */
export const LONGEST_LINE = 4096;

/** How many lines before a match are looked at: more than any form has, and few enough for a flood of prompts. */
const LINES_BEFORE = 200;
/** The longest form, in characters. */
const LONGEST_FORM = 32 * 1024;

/** The lines of a form, without blanks at their ends: the last {@link LINES_BEFORE} of a text. */
export function formLines(text: string): readonly string[] {
  return text
    .slice(-LONGEST_FORM)
    .split('\n')
    .slice(-LINES_BEFORE)
    .map((line) => line.slice(0, LONGEST_LINE).trim());
}

/** Where the line begins that holds `position`. The text itself begins with a line. */
export function lineStart(text: string, position: number): number {
  const start = position === 0 ? 0 : text.lastIndexOf('\n', position - 1) + 1;
  return position - ((position - start) % LONGEST_LINE);
}

/**
 * Looks through the lines of `text` from the offset `from` on, until one of `patterns` is in a line. Of several in one
 * line, that counts which is complete first.
 *
 * @param formStart where the text begins in which {@link Pattern.within} is looked for
 */
export function search(
  patterns: readonly Pattern[],
  text: string,
  from: number,
  place: Pick<Place, 'canOpenFiles'>,
  formStart = from,
): Search {
  const timed = patterns.some((pattern) => pattern.timed === true);
  let position = from;
  while (position < text.length) {
    const part = timed
      ? searchInTime(() => searchPart(patterns, text, position, formStart), place)
      : searchPart(patterns, text, position, formStart);
    if (part.kind !== 'nothing' || part.from <= position) return part;
    position = part.from;
  }
  return { kind: 'nothing', from: position };
}

/**
 * Searches some lines, at most {@link LONGEST_LINE} characters and the rest of a line per call, so that a flood of short
 * lines does not use up the deadline.
 */
function searchPart(patterns: readonly Pattern[], text: string, from: number, formStart: number): Search {
  const globals = patterns.map(({ regex }) => new RegExp(regex, `${regex.flags.replace('g', '')}g`));
  let position = from;
  while (position < Math.min(text.length, from + LONGEST_LINE)) {
    const start = lineStart(text, position);
    const newline = text.indexOf('\n', position);
    const end = Math.min(newline === -1 ? text.length : newline, start + LONGEST_LINE);
    const complete = end < text.length || end === start + LONGEST_LINE;
    const before = () => formLines(text.slice(formStart, start));
    const found =
      end > position && searchLine(patterns, globals, text.slice(start, end), position - start, before);
    if (found) {
      const pending = !complete && patterns[found.index]?.wholeLine === true;
      return { kind: 'found', index: found.index, end: start + found.end, pending };
    }
    if (!complete) return { kind: 'nothing', from: position };
    position = end === newline ? end + 1 : end;
  }
  return { kind: 'nothing', from: position };
}

function searchLine(
  patterns: readonly Pattern[],
  globals: readonly RegExp[],
  line: string,
  from: number,
  before: () => readonly string[],
) {
  let lines: readonly string[] | undefined;
  let best: { readonly index: number; readonly end: number } | undefined;
  for (const [index, { unless, within }] of patterns.entries()) {
    const regex = globals[index];
    if (regex === undefined) continue;
    regex.lastIndex = from;
    const match = regex.exec(line);
    if (match === null || unless?.test(line)) continue;
    const end = match.index + match[0].length;
    if (best !== undefined && end >= best.end) continue;
    if (within !== undefined) {
      lines ??= before();
      if (!lines.some((text) => within.test(text))) continue;
    }
    best = { index, end };
  }
  return best;
}
