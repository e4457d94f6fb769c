import { TERMINAL } from '../system/pty.ts';

/** Ends a version of a line in {@link Drawn.versions}: the program has drawn over it, another version follows. */
export const REDRAWN = '\r';
/** Ends a line in {@link Drawn.versions} that is followed by one with text from before, to which the cursor has moved. */
export const REVISITED = '\v';

/** What a program has added to its terminal. */
export interface Drawn {
  /**
   * All that could be seen, in order: a line ends with `\n` or {@link REVISITED}, a version of it that was drawn over with
   * {@link REDRAWN}. It only grows, whatever the program erases: what was searched stays where it was.
   */
  readonly versions: string;
  /** The lines that are final now, as they are displayed, each with `\n`. */
  readonly finished: string;
  /** Whether text is left out before `versions`, and before `finished`: so much was drawn at once. */
  readonly versionsCut: boolean;
  readonly finishedCut: boolean;
}

/** Of more characters at once the first ones are left out: to put all together would keep the terminal unread for too long. */
const MOST_AT_ONCE = 128 * 1024;

/** The version that is displayed, of all {@link Drawn.versions} of one line. */
export function lastVersion(line: string): string {
  return line.slice(line.lastIndexOf(REDRAWN) + 1);
}

/** Fills the columns of a tab or a wide character after the first, so that a column is a UTF-16 code unit. */
const FILLER = '\0';
/** Characters of one code unit that fill two columns. Those of two units (emoji among them) count two as they are. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/g;
/** Much faster to look for. */
const MAY_BE_WIDE = /[\u1100-\uffff]/;
/** A tab stop is at every eighth column. */
export const TAB_STOP = 8;
const TAB = '\t'.padEnd(TAB_STOP, FILLER);

/**
 * The line of a terminal that the cursor is in, as a person sees it: columns and a cursor. All other lines are final text: where
 * the cursor moves up, a new line begins there, and the old one stays in the text.
 *
 * - While the program draws a version, its text is what stands left of the cursor. What is still displayed right of it, from
 *   the version before, is added when the version ends, or when the program rests ({@link settle}).
 * - A line that is longer than the terminal is wide is not wrapped. It can no longer be redrawn: moves are ignored, text is
 *   appended, and a carriage return ends it.
 * - A combining mark counts one column.
 *
 * A change costs the width of the terminal at most: time is linear in the input.
 */
export class DrawnLine {
  /** One code unit a column. Empty once the line is too long: its text is then in the finished output. */
  #line = '';
  /** Always left of the terminal's right border, but for `TERMINAL.columns` right after the last column was filled. */
  #cursor = 0;
  /** The columns that stand in the current version's text. */
  #added = 0;
  #tooLong = false;
  /** From 0, at the top of the screen. */
  #row = 0;
  /** The lowest row that has had text. */
  #lowestWritten = -1;
  #saved = { row: 0, column: 0 };
  /** Where the cursor was when the program entered a screen of its own; `undefined`: it has not. */
  #entered: { readonly row: number; readonly column: number } | undefined;
  /** The last character that was printed. */
  #last = '';
  #versions = '';
  #finished = '';
  #versionsCut = false;
  #finishedCut = false;

  /** What was added since the last call. */
  take(): Drawn {
    const drawn = {
      versions: this.#versions,
      finished: this.#finished,
      versionsCut: this.#versionsCut,
      finishedCut: this.#finishedCut,
    };
    this.#versions = '';
    this.#finished = '';
    this.#versionsCut = false;
    this.#finishedCut = false;
    return drawn;
  }

  /** The line as it is displayed. */
  get text(): string {
    return shown(this.#line);
  }

  /** What is displayed right of the current version's text. */
  get rest(): string {
    if (this.#added >= this.#line.length) return '';
    return shown(this.#line.slice(this.#added, this.#line.trimEnd().length));
  }

  /** Adds {@link rest} to the current version: the line is displayed like this for a while. */
  settle(): void {
    this.#versions += this.rest;
    this.#added = Math.max(this.#added, this.#line.trimEnd().length);
  }

  get column(): number {
    return this.#cursor;
  }

  get row(): number {
    return this.#row;
  }

  /** Writes printable characters at the cursor. */
  print(text: string): void {
    this.#beginAfterTooLong();
    this.#last = lastCharacter(text);
    const columns = MAY_BE_WIDE.test(text) ? text.replace(WIDE, `$&${FILLER}`) : text;
    const room = this.#tooLong ? 0 : TERMINAL.columns - this.#cursor;
    if (room > 0) this.#put(columns.slice(0, room));
    if (columns.length > room) this.#appendTooLong(columns.slice(room));
  }

  /** Moves to the next tab stop; at the end of the line a tab becomes a part of the text. */
  tab(): void {
    this.#beginAfterTooLong();
    if (this.#tooLong || this.#cursor === TERMINAL.columns) {
      this.#appendTooLong('\t');
      return;
    }
    const stop = Math.min((Math.floor(this.#cursor / TAB_STOP) + 1) * TAB_STOP, TERMINAL.columns);
    if (this.#cursor < this.#line.length) this.moveTo(stop);
    else this.#put(TAB.slice(0, stop - this.#cursor), '\t');
  }

  /** Moves within the line. */
  moveTo(column: number): void {
    if (this.#tooLong && column > 0) return;
    this.#cursor = Math.max(0, Math.min(column, TERMINAL.columns - 1));
  }

  /** Ends the line and begins the next one, at its first column. */
  lineFeed(): void {
    if (this.#row < TERMINAL.rows - 1) this.moveToRow(this.#row + 1);
    else {
      // The screen scrolls.
      this.#endLine();
      this.#lowestWritten = Math.min(this.#lowestWritten, this.#row - 1);
      this.#versions += '\n';
    }
    this.#cursor = 0;
  }

  /** Moves up or down, in the same column. Where it moves away from the line, the line is final. */
  moveToRow(row: number): void {
    const to = Math.max(0, Math.min(row, TERMINAL.rows - 1));
    if (to === this.#row) return;
    this.#endLine();
    this.#cursor = Math.min(this.#cursor, TERMINAL.columns - 1);
    this.#row = to;
    this.#versions += to <= this.#lowestWritten ? REVISITED : '\n';
  }

  /** Blanks the columns from `from` to before `to`. */
  erase(from: number, to: number): void {
    if (from >= this.#line.length) return;
    const line = unjoined(unjoined(this.#line, from), to);
    const left = line.slice(0, from);
    const right = line.slice(to);
    this.#redraw(right === '' ? left : left + ' '.repeat(to - from) + right, from);
  }

  /** Removes columns at the cursor; what is right of them moves left. */
  remove(count: number): void {
    const at = this.#cursor;
    if (at >= this.#line.length) return;
    const line = unjoined(unjoined(this.#line, at), at + count);
    this.#redraw(line.slice(0, at) + line.slice(at + count), at);
  }

  /** Inserts blanks at the cursor; what is right of it moves right, and is gone beyond the terminal's border. */
  insert(count: number): void {
    const at = this.#cursor;
    if (at >= this.#line.length) return;
    const line = unjoined(this.#line, at);
    const blanks = ' '.repeat(Math.min(count, TERMINAL.columns - at));
    this.#redraw((line.slice(0, at) + blanks + line.slice(at)).slice(0, TERMINAL.columns), at);
  }

  /** Prints the last character again. */
  repeat(count: number): void {
    if (this.#last !== '') this.print(this.#last.repeat(Math.min(count, TERMINAL.columns)));
  }

  /** Begins an empty line. The one before it is final. */
  beginAgain(row: number, column: number): void {
    if (this.#line !== '' || this.#tooLong) {
      this.#endLine();
      this.#versions += '\n';
    }
    this.#row = row;
    this.#cursor = column;
  }

  /** Shows an empty screen, until {@link leaveScreen} shows the one before again. */
  enterScreen(): void {
    const position = { row: this.#row, column: Math.min(this.#cursor, TERMINAL.columns - 1) };
    this.#entered ??= position;
    this.beginAgain(position.row, position.column);
  }

  /** Goes back to where {@link enterScreen} was called. Of the line there, what it showed is not drawn again. */
  leaveScreen(): void {
    if (this.#entered === undefined) return;
    this.beginAgain(this.#entered.row, this.#entered.column);
    this.#entered = undefined;
  }

  /** Notes where the cursor is. */
  save(): void {
    this.#saved = { row: this.#row, column: this.#cursor };
  }

  /** Moves to where {@link save} was called last. */
  restore(): void {
    this.moveToRow(this.#saved.row);
    this.moveTo(this.#saved.column);
  }

  #put(columns: string, text = shown(columns)): void {
    const at = this.#cursor;
    const end = at + columns.length;
    this.#cursor = end;
    if (at === this.#line.length && at === this.#added) {
      this.#line += columns;
      this.#added = end;
      this.#versions += text;
      return;
    }
    const line = unjoined(unjoined(this.#line, at), end);
    this.#redraw(line.slice(0, at).padEnd(at) + columns + line.slice(end), at, end);
  }

  /**
   * The line becomes `line`: from `at` on it may differ. The version then holds the columns up to `drawn`, which the program has
   * just drawn.
   */
  #redraw(line: string, at: number, drawn = Math.min(this.#cursor, this.#added)): void {
    // A character that reached over the border left of `at` is blank now.
    const from = Math.max(0, at - TAB_STOP);
    if (line.slice(from, this.#added) !== this.#line.slice(from, this.#added)) {
      this.#versions += this.rest + REDRAWN;
      this.#added = 0;
      this.#bound();
    }
    this.#line = line;
    if (drawn <= this.#added) return;
    const added = line.slice(this.#added, drawn);
    this.#versions += shown(added);
    this.#added += added.length;
  }

  #appendTooLong(columns: string): void {
    if (!this.#tooLong) {
      this.#finished += this.text;
      this.#line = '';
      this.#added = 0;
      this.#tooLong = true;
    }
    const text = shown(columns);
    this.#versions += text;
    this.#finished += text;
  }

  #beginAfterTooLong(): void {
    if (this.#tooLong && this.#cursor === 0) this.lineFeed();
  }

  /** All of a line's text but its end, which {@link lineFeed} and {@link moveToRow} know. */
  #endLine(): void {
    if (this.#line !== '' || this.#tooLong) this.#lowestWritten = Math.max(this.#lowestWritten, this.#row);
    this.#versions += this.rest;
    this.#finished += `${this.text}\n`;
    this.#line = '';
    this.#added = 0;
    this.#tooLong = false;
    this.#bound();
  }

  #bound(): void {
    if (this.#versions.length > MOST_AT_ONCE) {
      this.#versions = '';
      this.#versionsCut = true;
    }
    if (this.#finished.length > MOST_AT_ONCE) {
      this.#finished = '';
      this.#finishedCut = true;
    }
  }
}

function lastCharacter(text: string): string {
  return /.$/su.exec(text.slice(-2))?.[0] ?? '';
}

function shown(columns: string): string {
  return columns.includes(FILLER) ? columns.replaceAll(FILLER, '') : columns;
}

/** A line in which no character reaches over the border left of the column `at`: one that did is blank, as on a terminal. */
function unjoined(line: string, at: number): string {
  if (!continues(line, at)) return line;
  let from = at - 1;
  while (continues(line, from)) from -= 1;
  let to = at + 1;
  while (continues(line, to)) to += 1;
  return line.slice(0, from) + ' '.repeat(to - from) + line.slice(to);
}

/** Whether a column belongs to the character left of it. */
function continues(line: string, column: number): boolean {
  const code = line.charCodeAt(column);
  return column > 0 && (code === 0 || (code >= 0xdc00 && code <= 0xdfff));
}
