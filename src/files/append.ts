import type fs from 'node:fs';
import path from 'node:path';
import { giveToOwner } from './owner.ts';
import { readAt } from './read-at.ts';

type Files = typeof fs;

/**
 * Opens a file for reading and appending; a new one gets exactly `mode`, whatever the umask, and from root the folder's
 * owner. A symbolic link in its place is refused, in words: it would let a user who may write to the folder have root append to
 * any file. So is what is no regular file.
 */
export function openForAppend(files: Files, file: string, mode: number): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW } = files.constants;
  const flags = O_RDWR | O_APPEND | O_NOFOLLOW;
  try {
    const fd = files.openSync(file, flags);
    // A pipe that nobody reads would hold us up for ever once it is full.
    if (files.fstatSync(fd).isFile()) return fd;
    files.closeSync(fd);
    throw new Error(`${path.basename(file)} is not a regular file: move it away`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP' && files.lstatSync(file).isSymbolicLink()) {
      throw new Error(`${path.basename(file)} is a symbolic link, which is not followed: move it away`);
    }
    if (code !== 'ENOENT') throw error;
  }
  const fd = files.openSync(file, flags | O_CREAT | O_EXCL, mode);
  try {
    files.fchmodSync(fd, mode);
    giveToOwner(files, fd, path.dirname(file));
  } catch (error) {
    files.closeSync(fd);
    throw error;
  }
  return fd;
}

/** Writes all of `bytes` at the end: one write may take less than it is given, on a nearly full disk for one. */
export function writeWhole(files: Files, fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) {
    const written = files.writeSync(fd, bytes, done, bytes.length - done);
    if (written === 0) throw new Error('the file takes no more bytes');
    done += written;
  }
}

/** The end of a file is looked through in pieces of this, in bytes. */
const PIECE = 64 * 1024;
/** No line is looked for further back than this, in bytes: a sparse file of some TB would take hours. */
const MOST_LOOKED_AT = 64 * 1024 * 1024;

/**
 * Where the text after the last LF of a file of `size` bytes begins: at `size` if it ends in one. Throws in words where that is
 * too far away for any text.
 */
export function lastLineStart(files: Files, fd: number, size: number): number {
  for (let end = size; end > 0; ) {
    if (size - end >= MOST_LOOKED_AT) throw new Error('its last line has no end: move it away');
    const start = Math.max(0, end - PIECE);
    const newline = readAt(files, fd, start, end - start).lastIndexOf(0x0a);
    if (newline !== -1) return start + newline + 1;
    end = start;
  }
  return 0;
}
