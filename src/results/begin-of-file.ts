import type fs from 'node:fs';
import path from 'node:path';
import { readAt } from '../files/read-write.ts';
import { HEADER, isWholeRow, LONGEST_ROW, parseFields, separatorOf } from './csv-row.ts';
import { asideName } from './file-name.ts';

/** How a CSV file begins. `torn`: with a part of the header and nothing else, after a power loss or kill. */
export type Begin = 'ours' | 'torn' | 'other';

/**
 * Returns how a file of `size` bytes begins, and its first line (at most {@link LONGEST_ROW} bytes). A file with the header is ours, also
 * if its lines end in CR LF, as the script wrote them, or an editor has put a mark of UTF-8 before it or quotes around its fields;
 * so is one without a header that begins with a row. Rows that are appended to any other file (UTF-16, semicolons, other columns) could not be read. Throws the
 * system's error.
 */
export function beginOf(files: typeof fs, fd: number, size: number): { begin: Begin; line: string } {
  if (size === 0) return { begin: 'ours', line: '' };
  const head = readAt(files, fd, 0, Math.min(size, LONGEST_ROW))
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const end = head.indexOf('\n');
  const line = (end === -1 ? head : head.slice(0, end)).replace(/\r$/, '');
  const isRow = separatorOf(line) === ',' && isWholeRow(line);
  if (isRow || parseFields(line)?.join() === HEADER) return { begin: 'ours', line };
  const isTorn = end === -1 && size <= LONGEST_ROW && HEADER.startsWith(line.replace(/\0+$/, ''));
  return { begin: isTorn ? 'torn' : 'other', line };
}

/** Renames a CSV file to a free name beside it, and returns that name. Throws the system's error. */
export function setAside(files: typeof fs, target: string): string {
  for (let n = 1; ; n += 1) {
    const name = asideName(path.basename(target), n);
    const aside = path.join(path.dirname(target), name);
    if (files.lstatSync(aside, { throwIfNoEntry: false }) !== undefined) continue;
    files.renameSync(target, aside);
    return name;
  }
}
