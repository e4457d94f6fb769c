import { stripVTControlCharacters } from 'node:util';

/** The width of a text in terminal columns, at most, without its styles. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].reduce((sum, char) => sum + columnsOf(char), 0);
}

/** The width of a character in terminal columns, at most: two beyond the alphabets, for example in a site named 東京. */
export function columnsOf(char: string): number {
  // Punctuation; lines and blocks, as in a sparkline.
  return char < '\u1100' || /[\u2010-\u2027\u2500-\u259f]/.test(char) ? 1 : 2;
}

/** The width of each column of a table: that of its widest cell. */
export function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: count }, (_, index) =>
    Math.max(...rows.map((row) => widthOf(row[index] ?? ''))),
  );
}

/** Pads a cell with blanks to `width` columns, with the text on `side`. A wider cell is not changed. */
export function padded(cell: string, width: number, side: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return side === 'left' ? cell + blanks : blanks + cell;
}

/** A row of a table, with two blanks between cells. The first `left` cells are aligned left, the others right. */
export function tableRow(cells: readonly string[], widths: readonly number[], left: number): string {
  return cells
    .map((cell, index) => padded(cell, widths[index] ?? 0, index < left ? 'left' : 'right'))
    .join('  ');
}

/** Cuts a text to `width` columns, with `…` at its end if something is missing. Removes its styles. */
export function shortened(text: string, width: number): string {
  const plain = stripVTControlCharacters(text);
  if (widthOf(plain) <= width) return plain;
  const chars = [...plain];
  let left = width - 1;
  const end = chars.findIndex((char) => {
    left -= columnsOf(char);
    return left < 0;
  });
  return `${chars.slice(0, end).join('')}…`;
}

/**
 * Breaks a line into lines of at most `width` columns, between words; later lines are indented two blanks more than the first. A word
 * that is longer than that stays whole. `null`: no terminal, so nothing is broken.
 */
export function wrapped(line: string, width: number | null): readonly string[] {
  if (width === null || widthOf(line) <= width) return [line];
  const indent = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = indent;
  let isEmpty = true;
  for (const word of line.slice(indent.length).split(' ')) {
    const longer = isEmpty ? `${current}${word}` : `${current} ${word}`;
    if (!isEmpty && widthOf(longer) > width) {
      lines.push(current);
      current = `${indent}  ${word}`;
    } else {
      current = longer;
    }
    isEmpty = false;
  }
  return [...lines, current];
}
