import { type Drawn, DrawnLine, TAB_STOP } from './drawn-line.ts';

/** A string sequence (OSC, DCS, ...) that is still open after this many characters was none: what follows is text again. */
const LONGEST_STRING_SEQUENCE = 1024;
/** More parameters of a control sequence, in characters, mean nothing to it. */
const LONGEST_PARAMETERS = 32;

type State = 'text' | 'escape' | 'csi' | 'string' | 'string-escape' | 'charset';

/** What a control character does to the line. Those that are not here do nothing. */
const CONTROLS = new Map<string, (line: DrawnLine) => void>([
  ['\b', (line) => line.moveTo(line.column - 1)],
  ['\t', (line) => line.tab()],
  ['\n', (line) => line.lineFeed()],
  ['\v', (line) => line.lineFeed()],
  ['\f', (line) => line.lineFeed()],
  ['\r', (line) => line.moveTo(0)],
]);

/** What the character after an escape does to the line. */
const ESCAPES = new Map<string, (line: DrawnLine) => void>([
  ['7', (line) => line.save()],
  ['8', (line) => line.restore()],
  ['D', (line) => line.moveToRow(line.row + 1)],
  ['E', (line) => line.lineFeed()],
  ['M', (line) => line.moveToRow(line.row - 1)],
  ['c', (line) => line.beginAgain(0, 0)],
]);

/** By its last character, what a control sequence does to the line. Its parameters are 0 where they are left out. */
const SEQUENCES = new Map<string, (line: DrawnLine, first: number, second: number) => void>([
  ['@', (line, count) => line.insert(count || 1)],
  ['A', (line, count) => line.moveToRow(line.row - (count || 1))],
  ['B', (line, count) => line.moveToRow(line.row + (count || 1))],
  ['C', (line, count) => line.moveTo(line.column + (count || 1))],
  ['D', (line, count) => line.moveTo(line.column - (count || 1))],
  ['E', (line, count) => toLineStart(line, line.row + (count || 1))],
  ['F', (line, count) => toLineStart(line, line.row - (count || 1))],
  ['G', (line, column) => line.moveTo((column || 1) - 1)],
  ['`', (line, column) => line.moveTo((column || 1) - 1)],
  ['H', (line, row, column) => toPosition(line, row, column)],
  ['f', (line, row, column) => toPosition(line, row, column)],
  ['I', (line, count) => line.moveTo(tabStop(line, count || 1))],
  ['J', erase],
  ['K', erase],
  ['P', (line, count) => line.remove(count || 1)],
  ['X', (line, count) => line.erase(line.column, line.column + (count || 1))],
  ['Z', (line, count) => line.moveTo(tabStop(line, -(count || 1)))],
  ['a', (line, count) => line.moveTo(line.column + (count || 1))],
  ['b', (line, count) => line.repeat(count || 1)],
  ['d', (line, row) => line.moveToRow((row || 1) - 1)],
  ['e', (line, count) => line.moveToRow(line.row + (count || 1))],
  ['r', (line) => toPosition(line, 0, 0)],
  ['s', (line) => line.save()],
  ['u', (line) => line.restore()],
]);

/** What the modes of a terminal's own (DECSET, DECRST) do that show another screen, by their number. */
const ALTERNATE_SCREEN = /^\?(?:47|1047|1049)$/;

function toLineStart(line: DrawnLine, row: number): void {
  line.moveToRow(row);
  line.moveTo(0);
}

function toPosition(line: DrawnLine, row: number, column: number): void {
  line.moveToRow((row || 1) - 1);
  line.moveTo((column || 1) - 1);
}

/** Of what is erased on the screen, only the cursor's line matters: all others are final. */
function erase(line: DrawnLine, mode: number): void {
  if (mode === 0) line.erase(line.column, Number.POSITIVE_INFINITY);
  else line.erase(0, mode === 1 ? line.column + 1 : Number.POSITIVE_INFINITY);
}

/**
 * Turns what a program writes to a terminal into the text that a person sees there, chunk by chunk, whatever the chunks'
 * borders: UTF-8 (bytes that are none become U+FFFD), escape sequences (ECMA-48) and control characters. Those that redraw the
 * current line do so ({@link DrawnLine}); all others leave nothing.
 */
export class PlainText {
  readonly #decoder = new TextDecoder('utf-8');
  readonly #line = new DrawnLine();
  #state: State = 'text';
  #parameters = '';
  #stringLength = 0;

  /** Reads the next bytes; returns what they add. */
  write(bytes: Uint8Array): Drawn {
    const text = this.#decoder.decode(bytes, { stream: true });
    for (let at = 0; at < text.length; ) {
      const end = this.#state === 'text' ? endOfPrintable(text, at) : at;
      if (end > at) this.#line.print(text.slice(at, end));
      at = end < text.length && this.#reads(text.charAt(end)) ? end + 1 : end;
    }
    return this.#line.take();
  }

  /** The current line as it is displayed. */
  get line(): string {
    return this.#line.text;
  }

  /** What is displayed at the end of the current line and is in no {@link Drawn.versions} yet. */
  get rest(): string {
    return this.#line.rest;
  }

  /** The program rests: {@link rest} belongs to the current version, too. Returns what that adds. */
  settle(): Drawn {
    this.#line.settle();
    return this.#line.take();
  }

  /** Whether `char` belongs to what has come before; else it is to be read once more. */
  #reads(char: string): boolean {
    switch (this.#state) {
      case 'text':
        if (char === '\x1b') this.#state = 'escape';
        else CONTROLS.get(char)?.(this.#line);
        return true;
      case 'escape':
        this.#parameters = '';
        this.#stringLength = 0;
        if (char < ' ' && char !== '\x1b') {
          this.#state = 'text';
          return false;
        }
        if (char === '[') this.#state = 'csi';
        else if (']PX^_'.includes(char)) this.#state = 'string';
        else if ('()*+-./ #%'.includes(char)) this.#state = 'charset';
        else this.#state = char === '\x1b' ? 'escape' : 'text';
        ESCAPES.get(char)?.(this.#line);
        return true;
      case 'charset':
        this.#state = 'text';
        return true;
      case 'csi':
        // Parameter and intermediate bytes continue it; a final byte ends it; anything else is no part of it.
        if (char >= ' ' && char <= '?') {
          if (this.#parameters.length < LONGEST_PARAMETERS) this.#parameters += char;
          return true;
        }
        this.#state = 'text';
        if (char < '@' || char > '~') return false;
        this.#control(char);
        return true;
      case 'string':
        this.#stringLength += 1;
        if (char === '\x1b') this.#state = 'string-escape';
        else if (char === '\x07' || this.#stringLength >= LONGEST_STRING_SEQUENCE) this.#state = 'text';
        return true;
      case 'string-escape':
        // An escape that does not end the string breaks it off.
        this.#state = char === '\\' ? 'text' : 'escape';
        return char === '\\';
    }
  }

  /** A control sequence; of a terminal's own (`?`, `>`) only another screen, and none with intermediate bytes. */
  #control(final: string): void {
    if (ALTERNATE_SCREEN.test(this.#parameters)) {
      if (final === 'h') this.#line.enterScreen();
      if (final === 'l') this.#line.leaveScreen();
      return;
    }
    const change = SEQUENCES.get(final);
    if (change === undefined || !/^[\d;]*$/.test(this.#parameters)) return;
    const [first = '', second = ''] = this.#parameters.split(';');
    change(this.#line, Number(first), Number(second));
  }
}

/** The column of a tab stop, `count` stops right of the cursor, or left of it if negative. */
function tabStop(line: DrawnLine, count: number): number {
  const from = count > 0 ? Math.floor(line.column / TAB_STOP) : Math.ceil(line.column / TAB_STOP);
  return (from + count) * TAB_STOP;
}

/** The index of the next C0 or C1 control character in `text`, or the length of `text`. */
function endOfPrintable(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) break;
  }
  return at;
}
