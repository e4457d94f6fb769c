import { counted } from '../words/numbers.ts';
import { printable } from '../words/printable.ts';
import { MINUTE_MS } from '../words/time.ts';

/** Counts of what was read from the CSV files, and of what was skipped or doubtful. */
export interface ReadNotes {
  /** Rows that were read, without repeated ones. */
  rows: number;
  /** Lines that are not rows; skipped. */
  invalid: number;
  /** By the name of each file that has such lines, the first one as `file:line: text`. */
  readonly firstInvalid: Map<string, string>;
  /** Rows that occur twice, as the script wrote the first row of each day; counted once. */
  repeated: number;
  /** Rows of another day than their file, by more than a time zone explains; skipped. */
  otherDay: number;
  /** Rows later than {@link now}. */
  later: number;
  /** The current time, in ms since the epoch. */
  readonly now: number;
  /** Rows in an hour that the clock showed twice. */
  ambiguous: number;
  /** Rows at a time that the clock skipped. */
  nonexistent: number;
  /** Files that can't be read, as `file: reason`. */
  readonly unread: string[];
}

/** How much later than {@link ReadNotes.now} a row may be, in ms: it may be written while the files are read. */
export const LATER_MS = MINUTE_MS;

/** Returns notes with all counts at 0. `now` is in ms since the epoch. */
export function createNotes(now: number): ReadNotes {
  return {
    rows: 0,
    invalid: 0,
    firstInvalid: new Map(),
    repeated: 0,
    otherDay: 0,
    later: 0,
    now,
    ambiguous: 0,
    nonexistent: 0,
    unread: [],
  };
}

/** Lines of one file that are not rows. */
export interface InvalidLines {
  count: number;
  /** The first of them, as `file:line: text`. */
  first: string;
}

/** Describes a line of a file for {@link InvalidLines}. */
export function describeLine(file: string, line: number, text: string): string {
  return `${file}:${line}: ${printable(text.slice(0, 120))}`;
}

/** Counts the lines of a file that are not rows. A file in which no line is a row can't be read. */
export function noteInvalid(
  notes: ReadNotes,
  file: string,
  { count, first }: InvalidLines,
  rows: number,
): void {
  if (rows === 0) {
    notes.unread.push(`${file}: no line of it is a row; the first: ${first}`);
    return;
  }
  notes.invalid += count;
  notes.firstInvalid.set(file, first);
}

/** Returns, in words, what makes the figures doubtful. Known faults of the script are not among it. */
export function doubtsInWords(notes: ReadNotes): string[] {
  const words = notes.unread.map((file) => `can't read ${file}`);
  if (notes.invalid > 0) {
    const are = notes.invalid === 1 ? 'that is not a row' : 'that are not rows';
    const [first, ...others] = notes.firstInvalid.keys();
    const also = others.length > 0 ? `; also in ${others.join(', ')}` : '';
    words.push(
      `skipped ${counted(notes.invalid, 'line')} ${are}; the first: ${notes.firstInvalid.get(first ?? '')}${also}`,
    );
  }
  if (notes.otherDay > 0) {
    words.push(`skipped ${counted(notes.otherDay, 'row')} of another day than the file`);
  }
  if (notes.later > 0) {
    words.push(
      `left out ${counted(notes.later, 'row')} later than the clock of this host: written in another time zone, or before the clock was set back?`,
    );
  }
  if (notes.nonexistent > 0) {
    words.push(
      `${counted(notes.nonexistent, 'row')} at a time that the clock skipped: written in another time zone?`,
    );
  }
  return words;
}

/** Returns {@link doubtsInWords}, and the doubts that were resolved. */
export function notesInWords(notes: ReadNotes): readonly string[] {
  if (notes.ambiguous === 0) return doubtsInWords(notes);
  const ambiguous = `${counted(notes.ambiguous, 'row')} in an hour that the clock showed twice: their order in the file decides which`;
  return [...doubtsInWords(notes), ambiguous];
}
