import { stripVTControlCharacters } from 'node:util';

/** How many columns of a terminal a text takes at most, its styles not counted. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].reduce((sum, char) => sum + columnsOf(char), 0);
}

/** How many columns a character takes at most: beyond the alphabets, as in a site named 東京, two. */
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

/** A cell with blanks up to `width` columns, its text at that `side`. One that is wider stays as it is. */
export function padded(cell: string, width: number, side: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return side === 'left' ? cell + blanks : blanks + cell;
}

/** A row of a table: its cells two blanks apart, the first `left` of them at the left of their columns, the others at the right. */
export function tableRow(cells: readonly string[], widths: readonly number[], left: number): string {
  return cells
    .map((cell, index) => padded(cell, widths[index] ?? 0, index < left ? 'left' : 'right'))
    .join('  ');
}
