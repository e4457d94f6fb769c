import type { Place } from '../system/place.ts';
import { searchInTime } from './search-in-time.ts';

/** A text that is looked for in each line by itself. */
export interface Pattern {
  readonly regex: RegExp;
  /** Words on the same line that say the contrary: the line then does not count. */
  readonly unless?: RegExp;
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

/** Where the line begins that holds `position`. The text itself begins with a line. */
export function lineStart(text: string, position: number): number {
  const start = position === 0 ? 0 : text.lastIndexOf('\n', position - 1) + 1;
  return position - ((position - start) % LONGEST_LINE);
}

/**
 * Looks through the lines of `text` from the offset `from` on, until one of `patterns` is in a line. Of several in one
 * line, that counts which is complete first.
 */
export function search(
  patterns: readonly Pattern[],
  text: string,
  from: number,
  place: Pick<Place, 'canOpenFiles'>,
): Search {
  const timed = patterns.some((pattern) => pattern.timed === true);
  let position = from;
  while (position < text.length) {
    const part = timed
      ? searchInTime(() => searchPart(patterns, text, position), place)
      : searchPart(patterns, text, position);
    if (part.kind !== 'nothing' || part.from <= position) return part;
    position = part.from;
  }
  return { kind: 'nothing', from: position };
}

/**
 * Searches some lines, at most {@link LONGEST_LINE} characters and the rest of a line per call, so that a flood of short
 * lines does not use up the deadline.
 */
function searchPart(patterns: readonly Pattern[], text: string, from: number): Search {
  const globals = patterns.map(({ regex }) => new RegExp(regex, `${regex.flags.replace('g', '')}g`));
  let position = from;
  while (position < Math.min(text.length, from + LONGEST_LINE)) {
    const start = lineStart(text, position);
    const newline = text.indexOf('\n', position);
    const end = Math.min(newline === -1 ? text.length : newline, start + LONGEST_LINE);
    const complete = end < text.length || end === start + LONGEST_LINE;
    const found = end > position && searchLine(patterns, globals, text.slice(start, end), position - start);
    if (found) {
      const pending = !complete && patterns[found.index]?.wholeLine === true;
      return { kind: 'found', index: found.index, end: start + found.end, pending };
    }
    if (!complete) return { kind: 'nothing', from: position };
    position = end === newline ? end + 1 : end;
  }
  return { kind: 'nothing', from: position };
}

function searchLine(patterns: readonly Pattern[], globals: readonly RegExp[], line: string, from: number) {
  let best: { readonly index: number; readonly end: number } | undefined;
  for (const [index, { unless }] of patterns.entries()) {
    const regex = globals[index];
    if (regex === undefined) continue;
    regex.lastIndex = from;
    const match = regex.exec(line);
    if (match === null || unless?.test(line)) continue;
    const end = match.index + match[0].length;
    if (best === undefined || end < best.end) best = { index, end };
  }
  return best;
}
