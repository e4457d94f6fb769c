import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlainText } from '../../src/console/plain-text.ts';
import { inChunks } from '../support/chunks.ts';
import { CASES } from '../support/property.ts';

/** A piece of output, and what it does to a line of single columns. */
interface Piece {
  readonly bytes: string;
  readonly draw: (line: Line) => void;
}
interface Line {
  columns: string[];
  cursor: number;
}

const moved = (bytes: string, to: (cursor: number) => number): Piece => ({
  bytes,
  draw: (line) => {
    line.cursor = Math.max(0, to(line.cursor));
  },
});
const changed = (bytes: string, change: (columns: string[], cursor: number) => void): Piece => ({
  bytes,
  draw: ({ columns, cursor }) => change(columns, cursor),
});
const printed = (text: string): Piece => ({
  bytes: text,
  draw: (line) => {
    for (const char of text) {
      line.columns[line.cursor] = char;
      line.cursor += 1;
    }
  },
});
const blank = (columns: string[], from: number, to: number) => {
  for (let column = from; column < Math.min(to, columns.length); column += 1) columns[column] = ' ';
};

const number = fc.integer({ min: 1, max: 12 });
const piece: fc.Arbitrary<Piece> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('a', 'bc', 'Username:', 'é', ' ', '   ', '12 %', '⠋').map(printed),
  },
  fc.constant(moved('\r', () => 0)),
  fc.constant(moved('\b', (cursor) => cursor - 1)),
  number.map((n) => moved(`\x1b[${n}G`, () => n - 1)),
  number.map((n) => moved(`\x1b[${n}D`, (cursor) => cursor - n)),
  number.map((n) => moved(`\x1b[${n}C`, (cursor) => cursor + n)),
  fc.constant(changed('\x1b[K', (columns, cursor) => blank(columns, cursor, Infinity))),
  fc.constant(changed('\x1b[1K', (columns, cursor) => blank(columns, 0, cursor + 1))),
  fc.constant(changed('\x1b[2K', (columns) => blank(columns, 0, Infinity))),
  number.map((n) => changed(`\x1b[${n}X`, (columns, cursor) => blank(columns, cursor, cursor + n))),
  number.map((n) => changed(`\x1b[${n}P`, (columns, cursor) => columns.splice(cursor, n))),
  number.map((n) =>
    changed(`\x1b[${n}@`, (columns, cursor) => {
      if (cursor < columns.length) columns.splice(cursor, 0, ...Array<string>(n).fill(' '));
    }),
  ),
  fc.constant(changed('\x1b[1;31m', () => undefined)),
);
const output = fc.array(fc.oneof({ weight: 20, arbitrary: piece }, fc.constant('\n' as const)), {
  maxLength: 60,
});

/** What a terminal displays: each line without the blanks at its end, which nobody sees. */
function displayed(pieces: readonly (Piece | '\n')[]): string {
  const lines: Line[] = [{ columns: [], cursor: 0 }];
  for (const one of pieces) {
    const line = lines.at(-1);
    if (one === '\n' || line === undefined) lines.push({ columns: [], cursor: 0 });
    else one.draw(line);
  }
  return withoutEnds(
    lines.map(({ columns }) => Array.from(columns, (char) => char ?? ' ').join('')).join('\n'),
  );
}

const withoutEnds = (text: string) => text.replace(/ +$/gm, '');

test('any output is displayed as a terminal displays it, whatever its chunks', () => {
  const places = fc.array(fc.record({ at: fc.nat(), after: fc.constant(0) }), { maxLength: 20 });
  fc.assert(
    fc.property(output, places, (pieces, cuts) => {
      const bytes = Buffer.from(pieces.map((one) => (one === '\n' ? '\r\n' : one.bytes)).join(''));
      const plain = new PlainText();
      let finished = '';
      let versions = '';
      for (const { data } of inChunks(bytes, cuts)) {
        const drawn = plain.write(data);
        finished += drawn.finished;
        versions += drawn.versions;
      }
      expect(withoutEnds(finished + plain.line)).toBe(displayed(pieces));
      // What is searched ends as what is displayed, without the versions that were drawn over.
      const lastVersions = `${versions}${plain.rest}`.replace(/^.*\r/gm, '');
      expect(withoutEnds(lastVersions)).toBe(displayed(pieces));
      expect(versions).toBe(new PlainText().write(bytes).versions);
    }),
    CASES,
  );
});
