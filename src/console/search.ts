import type { Place } from '../system/place.ts';
import { REDRAWN, REVISITED } from './drawn-line.ts';
import { isQuick } from './quick-pattern.ts';
import { searchInTime } from './search-in-time.ts';

/** A text that is looked for in each line by itself. */
export interface Pattern {
  readonly regex: RegExp;
  /** Words on the same line that say the contrary: the line then does not count. */
  readonly unless?: RegExp;
  /** One of the lines before it, since the last match, must match this. Of a long text only the last lines count. */
  readonly within?: RegExp;
  /**
   * A line that says how it went is judged when all of it is there, so that the borders of the writes decide nothing. A
   * prompt has no line end: it counts at once.
   */
  readonly wholeLine?: boolean;
  /** A pattern of a user. The search has a deadline, unless all of them are {@link isQuick quick}. */
  readonly timed?: boolean;
}

/**
 * A match that was consumed. What is drawn again of it is no new match:
 *
 * - In a later version of the same line ({@link REDRAWN}), a match does not count whose words ({@link Found.words}) are a part of
 *   those that were matched before, or end with them. Other words count.
 * - On a line to which the cursor has moved back ({@link REVISITED}), the same holds for all that was matched on any line.
 * - On a new line everything counts again. So does what is appended to a line: `Username:Username:` asks twice.
 *
 * In doubt a question stays unanswered: an answer that is typed twice may lock an account.
 */
export interface Earlier {
  /** Where the match ended in the text that is searched; negative if that is no longer in it. */
  readonly end: number;
  readonly words: string;
}

/** The text that is searched: {@link Drawn.versions}, or its end. */
export interface Searched {
  readonly text: string;
  /** What stood before the text: `\n`, if it begins with a new line. */
  readonly before: string;
  readonly earlier: readonly Earlier[];
}

/** A pattern in the first line that holds one. */
export interface Found {
  readonly kind: 'found';
  /** Of the pattern. */
  readonly index: number;
  /** Where the match ends. */
  readonly end: number;
  /** The text of the match. */
  readonly matched: string;
  /** The letters of the match; if it has none, those before it in its line. */
  readonly words: string;
  /** The match must be judged again when its line has grown. */
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

/** How long parts are searched under one deadline, in ms: little enough to leave most of it to the last one. */
const PARTS_MS = 100;

/** How many lines before a match count: more than any form has, and few enough for a flood of prompts. */
const LINES_BEFORE = 200;
/** The longest form, in characters. */
const LONGEST_FORM = 32 * 1024;

/** The lines of a form, trimmed: the last {@link LINES_BEFORE} of a text. */
export function formLines(text: string): readonly string[] {
  return text
    .slice(-LONGEST_FORM)
    .split('\n')
    .slice(-LINES_BEFORE)
    .map((line) => line.slice(0, LONGEST_LINE).trim());
}

/** A text that is searched with each version of a redrawn line as a line. */
export function asLines(text: string): string {
  return text.replaceAll(REDRAWN, '\n').replaceAll(REVISITED, '\n');
}

/** How much of a line before a match without letters says what was asked, in characters. */
const ASKED = 80;

const LINE_ENDS = ['\n', REVISITED];
const LINE_END = new RegExp(`[${LINE_ENDS.join('')}${REDRAWN}]`, 'g');

/** Whether `char` ends a line, or a version of it. */
export function isLineEnd(char: string): boolean {
  return char === REDRAWN || LINE_ENDS.includes(char);
}

/** The index of the next end of a line in `text`, or of a version of a line; `undefined` if there is none. */
export function lineEnd(text: string, from: number): number | undefined {
  LINE_END.lastIndex = from;
  return LINE_END.exec(text)?.index;
}

/** Where the line, or the version of it, begins that holds `position`. The text itself begins with a line. */
export function versionStart(text: string, position: number): number {
  return afterLast([...LINE_ENDS, REDRAWN], text, position);
}

/** Where the text begins that follows the last of `ends` before `position`. */
function afterLast(ends: readonly string[], text: string, position: number): number {
  let start = 0;
  // Each is looked for only behind the one before it: most texts hold but the first.
  for (const end of ends) start += text.slice(start, position).lastIndexOf(end) + 1;
  return start;
}

/** As {@link versionStart}; a line that is too long is taken for several. */
export function lineStart(text: string, position: number): number {
  return position - ((position - versionStart(text, position)) % LONGEST_LINE);
}

/**
 * Looks through the lines of `text` from the offset `from` on, until one of `patterns` is in a line. Of several in one
 * line, that counts which is complete first.
 *
 * @param formStart where the text begins in which {@link Pattern.within} is looked for
 */
export function search(
  patterns: readonly Pattern[],
  searched: Searched,
  from: number,
  place: Pick<Place, 'canOpenFiles'>,
  formStart = from,
): Search {
  const globals = patterns.map(({ regex }) => new RegExp(regex, `${regex.flags.replace('g', '')}g`));
  const timed = patterns.some((pattern) => pattern.timed === true && !isQuickPattern(pattern));
  let position = from;
  // `undefined`: there is more to search.
  const searchUntil = (time: number): Search | undefined => {
    while (position < searched.text.length) {
      const part = searchPart(patterns, globals, searched, position, formStart);
      if (part.kind !== 'nothing' || part.from <= position) return part;
      position = part.from;
      if (performance.now() > time) return undefined;
    }
    return { kind: 'nothing', from: position };
  };
  for (;;) {
    const result = timed
      ? searchInTime(() => searchUntil(performance.now() + PARTS_MS), place)
      : searchUntil(Number.POSITIVE_INFINITY);
    if (result !== undefined) return result;
  }
}

function isQuickPattern({ regex, unless, within }: Pattern): boolean {
  return [regex, unless, within].every((each) => each === undefined || isQuick(each));
}

/**
 * Searches some lines, at most {@link LONGEST_LINE} characters and the rest of a line per call: so a flood of short lines uses up no
 * deadline.
 */
function searchPart(
  patterns: readonly Pattern[],
  globals: readonly RegExp[],
  searched: Searched,
  from: number,
  formStart: number,
): Search {
  const { text } = searched;
  let position = from;
  let version = versionStart(text, position);
  let line = lineOf(searched, version);
  while (position < Math.min(text.length, from + LONGEST_LINE)) {
    const start = position - ((position - version) % LONGEST_LINE);
    const lineEnds = lineEnd(text, position);
    const end = Math.min(lineEnds ?? text.length, start + LONGEST_LINE);
    const complete = end < text.length || end === start + LONGEST_LINE;
    const found =
      end > position &&
      searchLine(
        patterns,
        globals,
        text.slice(start, end),
        position - start,
        drawnBefore(searched, line, version),
        () => formLines(asLines(text.slice(formStart, start))),
      );
    if (found) {
      const pending = !complete && patterns[found.index]?.wholeLine === true;
      return { kind: 'found', ...found, end: start + found.end, pending };
    }
    if (!complete) return { kind: 'nothing', from: position };
    position = end;
    if (end === lineEnds) {
      position += 1;
      version = position;
      const by = text.charAt(end);
      if (by !== REDRAWN) line = { start: version, isNew: by === '\n' };
    }
  }
  return { kind: 'nothing', from: position };
}

/** The line of which a version begins at `version`. */
function lineOf({ text, before }: Searched, version: number): Line {
  const start = afterLast(LINE_ENDS, text, version);
  return { start, isNew: (start === 0 ? before : text.charAt(start - 1)) === '\n' };
}

interface Line {
  readonly start: number;
  /** Else what was matched on lines before may be drawn again on it. So may it on a line whose beginning is not in the text. */
  readonly isNew: boolean;
}

/** The words of what was matched before and may be drawn again in a version of a line. */
function drawnBefore({ earlier }: Searched, line: Line, version: number): readonly string[] {
  return earlier
    .filter(({ end }) => end <= version && (!line.isNew || end > line.start))
    .map(({ words }) => words);
}

interface Match {
  readonly index: number;
  readonly end: number;
  readonly matched: string;
  readonly words: string;
}

function searchLine(
  patterns: readonly Pattern[],
  globals: readonly RegExp[],
  line: string,
  from: number,
  before: readonly string[],
  formBefore: () => readonly string[],
): Match | undefined {
  let lines: readonly string[] | undefined;
  let best: Match | undefined;
  for (const [index, { unless, within }] of patterns.entries()) {
    const regex = globals[index];
    if (regex === undefined) continue;
    const match = nextMatch(regex, line, from, before);
    if (match === null || unless?.test(line)) continue;
    if (best !== undefined && match.end >= best.end) continue;
    if (within !== undefined) {
      lines ??= formBefore();
      if (!lines.some((text) => within.test(text))) continue;
    }
    best = { index, ...match };
  }
  return best;
}

/** The first match from `from` on that is none of those before, drawn again. */
function nextMatch(regex: RegExp, line: string, from: number, before: readonly string[]) {
  regex.lastIndex = from;
  for (;;) {
    const found = regex.exec(line);
    if (found === null) return null;
    const [matched] = found;
    const end = found.index + matched.length;
    const words = wordsOf(line, matched, end);
    const drawnAgain = before.some((old) => old.includes(words) || (old !== '' && words.endsWith(old)));
    if (!drawnAgain) return { end, matched, words };
    if (matched === '') regex.lastIndex += 1;
  }
}

function wordsOf(line: string, matched: string, end: number): string {
  const asked = line.slice(Math.max(0, end - ASKED), end);
  return lettersOf(matched) || lettersOf(asked) || asked;
}

function lettersOf(text: string): string {
  return text.replace(/\P{L}+/gu, '');
}
