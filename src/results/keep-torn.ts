import type fs from 'node:fs';
import path from 'node:path';
import { openForAppend } from '../files/append.ts';
import { syncFolder } from '../files/folder.ts';
import { readAt, writeWhole } from '../files/read-write.ts';
import { tornName } from './file-name.ts';

/** Size of one copy, in bytes. */
const PIECE = 64 * 1024;

/**
 * Appends the bytes of a CSV file from `start` to `size`, and a line end, to the `.torn` file beside it, with the access rights of the CSV
 * file; syncs it to disk, and returns its name. A kill before they are cut off keeps them twice. Throws the system's error.
 */
export function keepTorn(
  files: typeof fs,
  target: string,
  fd: number,
  { start, size }: { readonly start: number; readonly size: number },
): string {
  const name = tornName(path.basename(target));
  const beside = path.join(path.dirname(target), name);
  const out = openForAppend(files, beside, files.fstatSync(fd).mode & 0o777);
  try {
    const before = files.fstatSync(out).size;
    try {
      for (let from = start; from < size; from += PIECE) {
        writeWhole(files, out, readAt(files, fd, from, Math.min(PIECE, size - from)));
      }
      writeWhole(files, out, Buffer.from('\n'));
      files.fsyncSync(out);
    } catch (error) {
      // A full disk: the next row tries it again from the start.
      files.ftruncateSync(out, before);
      throw error;
    }
    if (before === 0) syncFolder(files, path.dirname(target));
  } finally {
    files.closeSync(out);
  }
  return name;
}
