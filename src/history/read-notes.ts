import { counted } from '../words/numbers.ts';
import { printable } from '../words/printable.ts';

/** What was met while the CSV files were read and is not plain. */
export interface ReadNotes {
  /** Rows that were understood, each one once. */
  rows: number;
  /** Lines that are no rows, left out. */
  strange: number;
  /** The first of them, as `file:line: text`. */
  firstStrange: string | null;
  /** Rows that stand there twice, as the script wrote the first of each day; counted once. */
  repeated: number;
  /** Rows of another day than their file's, by more than a time zone explains; left out. */
  elsewhere: number;
  /** Rows in an hour that the clock showed twice. */
  twice: number;
  /** Rows at a time that the clock never showed. */
  never: number;
  /** Files that could not be read, as `file: why`. */
  readonly unread: string[];
}

/** To note in what is met: nothing yet. */
export function createNotes(): ReadNotes {
  return {
    rows: 0,
    strange: 0,
    firstStrange: null,
    repeated: 0,
    elsewhere: 0,
    twice: 0,
    never: 0,
    unread: [],
  };
}

/** Counts a line that is no row. */
export function noteStrange(notes: ReadNotes, file: string, line: number, text: string): void {
  notes.strange += 1;
  notes.firstStrange ??= `${file}:${line}: ${printable(text.slice(0, 120))}`;
}

/** What makes the figures doubtful, for people; none if there is nothing to say. What the script is known for is not said. */
export function doubtsInWords(notes: ReadNotes): string[] {
  const words = notes.unread.map((why) => `not read: ${why}`);
  if (notes.strange > 0) {
    const [line, is] =
      notes.strange === 1 ? ['line', 'is no row and was'] : ['lines', 'are no rows and were'];
    words.push(`${notes.strange} ${line} ${is} left out; the first: ${notes.firstStrange}`);
  }
  if (notes.elsewhere > 0) {
    words.push(`${counted(notes.elsewhere, 'row')} left out: of another day than the file`);
  }
  if (notes.never > 0) {
    words.push(
      `${counted(notes.never, 'row')} at a time that was skipped when the clock was set forward: written under another time zone?`,
    );
  }
  return words;
}

/** {@link doubtsInWords}, and what was settled. */
export function notesInWords(notes: ReadNotes): readonly string[] {
  if (notes.twice === 0) return doubtsInWords(notes);
  const twice = `${counted(notes.twice, 'row')} in an hour that the clock showed twice: told apart by the order in the file`;
  return [...doubtsInWords(notes), twice];
}
