import type fs from 'node:fs';
import path from 'node:path';
import { writeWhole } from './read-write.ts';

/**
 * Writes a file that the user named, whole or not at all: until then a reader finds the old one. Replaces a link, does not
 * follow it. Writes directly to a file that is not regular, and to all below /dev and /proc (/dev/stdout may be a regular file).
 * Throws the system's error.
 *
 * @returns the number of bytes
 */
export function writeOutput(files: typeof fs, file: string, pieces: Iterable<string>): number {
  const existing = files.statSync(file, { throwIfNoEntry: false });
  if (/^\/(dev|proc)\//.test(path.resolve(file)) || existing?.isFile() === false)
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

/** Most bytes that may wait for a stream's reader. */
const MOST_UNREAD = 1024 * 1024;

/** A stream that may know how many bytes wait for its reader. */
export interface BoundedOutput {
  write(text: string): unknown;
  readonly writableLength?: number;
}

/**
 * Writes to a stream, or drops the text if {@link MOST_UNREAD} bytes wait: the reader, a journal, pipe or terminal, may hang for
 * days, and this must not fill our memory.
 */
export function writeBounded(output: BoundedOutput, text: string): void {
  if ((output.writableLength ?? 0) < MOST_UNREAD) output.write(text);
}
