import type fs from 'node:fs';

/** The first piece that is read, in bytes. Most files have fewer: a buffer as long as their limit would be cleared for nothing. */
const FIRST_PIECE = 4096;

/** Reads `length` bytes from `position`; returns fewer only at the end of the file. Throws the system's error. */
export function readAt(files: typeof fs, fd: number, position: number, length: number): Buffer {
  const first = readPiece(files, fd, position, Math.min(length, FIRST_PIECE));
  if (first.length < FIRST_PIECE) return first;
  return Buffer.concat([first, readPiece(files, fd, position + first.length, length - first.length)]);
}

function readPiece(files: typeof fs, fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const read = files.readSync(fd, bytes, done, length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

/** Writes all of `bytes`: one write may write fewer, for example on a nearly full disk. Throws the system's error. */
export function writeWhole(files: typeof fs, fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) {
    const written = files.writeSync(fd, bytes, done, bytes.length - done);
    if (written === 0) throw new Error('the file accepts no more bytes');
    done += written;
  }
}
