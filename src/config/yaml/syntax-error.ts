/** What is wrong with a text that is no YAML, and where a user should look. Holds nothing of the text. */
export interface SyntaxFault {
  /** Offset in the text. */
  readonly at: number;
  readonly text: string;
}

/** js-yaml's reasons for a line that is none of its mapping. */
const MISFIT = /mapping entry|mapping key|separator is expected/;
/** A key whose value follows at once. */
const NO_SPACE = /^ *[\w-]+:[^ \t]/;
/** What looks like a blank and is none to YAML, where a blank should be. */
const ODD_BLANK = /^ *(?:[\w-]+:)? *[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]/;
const MERGE_MARKER = /^(?:<{7}|\|{7}|={7}|>{7})(?: |$)/;
const HAS_COLON = /:[ \t]|:$/;
/** Such a line needs no colon. */
const ITEM_OR_END = /^ *[-\]}]/;
/** A value whose quote or bracket its line does not close. */
const OPEN = /(?:: +|- +|[[{,] *)(?:(?<q>")(?:[^"\\]|\\.)*|(?<s>')(?:[^']|'')*|(?<b>[[{])[^\]}]*)$/;
const BEHIND_QUOTES = /[:-] +["']/;
const SKIPPED = /^[ \t]*(?:#|$)/;
const NEEDS_QUOTES = /mapping entry|tag|anchor|alias|separator is expected|node content|line break/;
const QUOTES =
  'a value that begins with one of ! & * @ % ` { [ | > or with "- ", or holds ": ", needs quotes';
const BEHIND_CLOSING_QUOTE = String.raw`more stands behind a closing quote: a quote is written \" within "...", and '' within '...'`;
const BLANKS_DIFFER = 'the blanks at the beginning of this line differ from those of its neighbours';
/** Lines above the mark that are looked at, and characters of a line: no honest config comes near. */
const MAX_LINES = 100;
const MAX_LENGTH = 500;

/**
 * Says what js-yaml's reason most likely means. It stops where it can't go on, and that is often a line behind the fault: a key
 * without its colon, or without the space behind that, begins a text that goes on in the next line.
 *
 * @param mark offset where js-yaml stopped.
 * @param reason why, without anything that it quotes of the text.
 */
export function explainSyntaxError(source: string, mark: number, reason: string): SyntaxFault {
  const here = lineAround(source, mark);
  const found =
    (reason === 'deficient indentation' && openAbove(source, here)) ||
    (MISFIT.test(reason) && misfit(source, here, mark));
  return found || { at: mark, text: `${reason}${NEEDS_QUOTES.test(reason) ? ` (${QUOTES})` : ''}` };
}

/** The nearest line that opens what should have been closed on it. */
function openAbove(source: string, here: Line): SyntaxFault | undefined {
  for (const { at, text } of linesAbove(source, here.at)) {
    const open = OPEN.exec(text)?.groups;
    if (open !== undefined) return { at, text: notClosed(open['q'] ?? open['s'] ?? open['b'] ?? '') };
  }
  return undefined;
}

/** Why a line is none of its mapping; `undefined` if it is for its value. */
function misfit(source: string, here: Line, mark: number): SyntaxFault | undefined {
  const read = source.slice(here.at, mark);
  const isKey = !read.includes(':');
  const [above] = isKey ? linesAbove(source, here.at) : [];
  for (const line of above === undefined ? [here] : [above, here]) {
    const text = faultOf(line.text);
    if (text !== undefined) return { at: line.at, text };
  }
  if (isKey) return { at: mark, text: BLANKS_DIFFER };
  return BEHIND_QUOTES.test(read) ? { at: mark, text: BEHIND_CLOSING_QUOTE } : undefined;
}

/** What is wrong with a line in which a key with its value should stand. */
function faultOf(line: string): string | undefined {
  if (MERGE_MARKER.test(line)) return 'a mark of a merge that was not finished';
  if (ODD_BLANK.test(line)) {
    return 'holds what looks like a blank and is none (a no-break space, say): type the blanks anew';
  }
  if (NO_SPACE.test(line)) return 'is the space after its colon missing?';
  return HAS_COLON.test(line) || ITEM_OR_END.test(line) ? undefined : 'is the colon behind its key missing?';
}

function notClosed(open: string): string {
  if (open === '"' || open === "'") return `is its closing ${open} missing?`;
  return `is its closing ${open === '{' ? '}' : ']'} missing? (a text that begins with ${open} needs quotes)`;
}

interface Line {
  readonly at: number;
  readonly text: string;
}

function lineAround(source: string, offset: number): Line {
  const at = startOfLine(source, offset);
  const text = /^[^\r\n]*/.exec(source.slice(at, at + MAX_LENGTH))?.[0] ?? '';
  return { at, text };
}

/** The lines above one that begins at an offset, the next one first, without empty ones and comments. */
function* linesAbove(source: string, from: number): Generator<Line> {
  let start = from;
  for (let seen = 0; seen < MAX_LINES && start > 0; seen += 1) {
    start = startOfLine(source, start - (source.startsWith('\r\n', start - 2) ? 2 : 1));
    const line = lineAround(source, start);
    if (!SKIPPED.test(line.text)) yield line;
  }
}

/** Lines end as in YAML: LF, CR LF or CR. */
function startOfLine(source: string, offset: number): number {
  return offset === 0
    ? 0
    : 1 + Math.max(source.lastIndexOf('\n', offset - 1), source.lastIndexOf('\r', offset - 1));
}
