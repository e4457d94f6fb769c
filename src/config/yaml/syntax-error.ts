/** Why a text is not YAML, and where a user should look. */
export interface SyntaxProblem {
  /** Offset in the text. */
  readonly at: number;
  /** Holds nothing of the text of the config. */
  readonly text: string;
}

/** js-yaml's reasons for a line that does not fit into its mapping. */
const MISFIT = /mapping entry|mapping key|separator is expected/;
/** A key whose value follows without a space. */
const NO_SPACE = /^ *[\w-]+:[^ \t]/;
/** A character that looks like a space and is not one to YAML, where a space should be. */
const ODD_SPACE = /^ *(?:[\w-]+:)? *[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]/;
const MERGE_MARKER = /^(?:<{7}|\|{7}|={7}|>{7})(?: |$)/;
const HAS_COLON = /:[ \t]|:$/;
/** The beginning of a line that needs no colon. */
const ITEM_OR_END = /^ *[-\]}]/;
/** A value whose quote or bracket its line does not close. */
const OPEN = /(?:: +|- +|[[{,] *)(?:(?<q>")(?:[^"\\]|\\.)*|(?<s>')(?:[^']|'')*|(?<b>[[{])[^\]}]*)$/;
const AFTER_QUOTES = /[:-] +["']/;
const SKIPPED = /^[ \t]*(?:#|$)/;
const NEEDS_QUOTES = /mapping entry|tag|anchor|alias|separator is expected|node content|line break/;
const QUOTES =
  'a value that begins with one of ! & * @ % ` { [ | > or with "- ", or holds ": ", needs quotes';
const AFTER_CLOSING_QUOTE = String.raw`text follows a closing quote: write a quote as \" within "...", and as '' within '...'`;
const INDENT_DIFFERS = 'this line is not indented like its neighbours';
/** The most lines above the mark, and characters of a line, that are searched. Real configs need far less. */
const MAX_LINES = 100;
const MAX_LENGTH = 500;

/**
 * Explains what js-yaml's reason most likely means. js-yaml often stops a line after the mistake: a key without its colon, or
 * without the space after the colon, begins a text that continues on the next line.
 *
 * @param mark offset where js-yaml stopped.
 * @param reason why, without the part that quotes the text.
 */
export function explainSyntaxError(source: string, mark: number, reason: string): SyntaxProblem {
  const here = lineAround(source, mark);
  const found =
    (reason === 'deficient indentation' && openAbove(source, here)) ||
    (MISFIT.test(reason) && misfit(source, here, mark));
  return found || { at: mark, text: `${reason}${NEEDS_QUOTES.test(reason) ? ` (${QUOTES})` : ''}` };
}

/** The nearest line above with a quote or a bracket that the line does not close. */
function openAbove(source: string, here: Line): SyntaxProblem | undefined {
  for (const { at, text } of linesAbove(source, here.at)) {
    const open = OPEN.exec(text)?.groups;
    if (open !== undefined) return { at, text: notClosed(open['q'] ?? open['s'] ?? open['b'] ?? '') };
  }
  return undefined;
}

/** Why a line does not fit into its mapping; `undefined` if the cause is its value. */
function misfit(source: string, here: Line, mark: number): SyntaxProblem | undefined {
  const read = source.slice(here.at, mark);
  const isKey = !read.includes(':');
  const [above] = isKey ? linesAbove(source, here.at) : [];
  for (const line of above === undefined ? [here] : [above, here]) {
    const text = mistakeIn(line.text);
    if (text !== undefined) return { at: line.at, text };
  }
  if (isKey) return { at: mark, text: INDENT_DIFFERS };
  return AFTER_QUOTES.test(read) ? { at: mark, text: AFTER_CLOSING_QUOTE } : undefined;
}

/** What is wrong with a line that should hold a key and its value. */
function mistakeIn(line: string): string | undefined {
  if (MERGE_MARKER.test(line)) return 'a mark of a merge conflict';
  if (ODD_SPACE.test(line)) {
    return 'holds a character that looks like a space and is not one (such as a no-break space): type the spaces again';
  }
  if (NO_SPACE.test(line)) return 'is the space after its colon missing?';
  return HAS_COLON.test(line) || ITEM_OR_END.test(line) ? undefined : 'is the colon after its key missing?';
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

/** The lines above the one that begins at an offset, the nearest first, without empty lines and comments. */
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
