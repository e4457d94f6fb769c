import type fs from 'node:fs';
import path from 'node:path';
import { writeWhole } from './append.ts';

/**
 * Writes a file that the user named, whole or not at all: a program that reads it meanwhile finds the old one. A link is replaced, not
 * followed. What is no regular file, and what stands in /dev or /proc (/dev/stdout may lead to a file), is written to as it
 * is. Returns how many bytes. Throws what the system says.
 */
export function writeOutput(files: typeof fs, file: string, pieces: Iterable<string>): number {
  const standing = files.statSync(file, { throwIfNoEntry: false });
  if (/^\/(dev|proc)\//.test(path.resolve(file)) || standing?.isFile() === false)
    return write(files, files.openSync(file, 'w'), pieces);
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.new`);
  try {
    const bytes = write(files, files.openSync(temporary, 'wx'), pieces);
    files.renameSync(temporary, file);
    return bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') files.rmSync(temporary, { force: true });
    throw error;
  }
}

function write(files: typeof fs, fd: number, pieces: Iterable<string>): number {
  let bytes = 0;
  try {
    for (const piece of pieces) {
      const buffer = Buffer.from(piece);
      writeWhole(files, fd, buffer);
      bytes += buffer.length;
    }
  } finally {
    files.closeSync(fd);
  }
  return bytes;
}
