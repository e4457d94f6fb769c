import type fs from 'node:fs';
import path from 'node:path';
import { giveToFolderOwner } from './folder.ts';
import { readAt } from './read-write.ts';

type Files = typeof fs;

/**
 * Opens a file for reading and appending and returns its descriptor. Creates a missing file with exactly `mode`, whatever the
 * umask, and as root for the folder's owner.
 *
 * Throws if the file is a symbolic link: a user who may write to the folder could have root append to any file. Throws also
 * if it is not a regular file, and any other error of the system.
 */
export function openForAppend(files: Files, file: string, mode: number): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW } = files.constants;
  const flags = O_RDWR | O_APPEND | O_NOFOLLOW;
  try {
    const fd = files.openSync(file, flags);
    // Writing to a full pipe that has no reader would block.
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
    giveToFolderOwner(files, fd, path.dirname(file));
  } catch (error) {
    files.closeSync(fd);
    throw error;
  }
  return fd;
}

/** Size of one read while looking for the last line, in bytes. */
const PIECE = 64 * 1024;
/** Longest last line, in bytes. Without a limit, a sparse file of some TB would take hours. */
const LONGEST_LINE = 64 * 1024 * 1024;

/**
 * Returns the position after the last LF of a file of `size` bytes: `size` if the file ends in LF. Throws if the last line is
 * longer than {@link LONGEST_LINE}, and the system's errors.
 */
export function lastLineStart(files: Files, fd: number, size: number): number {
  for (let end = size; end > 0; ) {
    if (size - end >= LONGEST_LINE) throw new Error('its last line is longer than 64 MB: move it away');
    const start = Math.max(0, end - PIECE);
    const newline = readAt(files, fd, start, end - start).lastIndexOf(0x0a);
    if (newline !== -1) return start + newline + 1;
    end = start;
  }
  return 0;
}
