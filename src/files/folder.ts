import type fs from 'node:fs';
import path from 'node:path';
import { giveToOwner } from './owner.ts';

type Files = typeof fs;

/**
 * Makes a folder and those above it, each entry on disk; from root each gets the owner of the one above it. Throws what
 * the system says. Level by level: where a folder can't be made though the one above it is there, as under /proc, Node's
 * own `recursive` tries for ever; on a read-only file system it says "no such file or directory".
 *
 * @param mode of the folder itself, less the umask; those above it are for all to read
 */
export function makeFolder(files: Files, folder: string, mode = 0o755): void {
  const standing = files.statSync(folder, { throwIfNoEntry: false });
  if (standing?.isDirectory()) return;
  const above = path.dirname(folder);
  if (standing === undefined && above !== folder) makeFolder(files, above);
  try {
    files.mkdirSync(folder, { mode });
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = files.constants;
    const fd = files.openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      giveToOwner(files, fd, above);
    } finally {
      files.closeSync(fd);
    }
  } catch (error) {
    // Somebody else may have been faster.
    if (!files.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
  syncFolder(files, above);
}

/** Puts a folder's entries on disk. Throws what the system says, except that the folder can't be synced at all. */
export function syncFolder(files: Files, folder: string): void {
  // Network file systems answer EINVAL and the like; a folder that may be searched but not read, EACCES.
  const cannot = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EBADF', 'EACCES'];
  try {
    const fd = files.openSync(folder, 'r');
    try {
      files.fsyncSync(fd);
    } finally {
      files.closeSync(fd);
    }
  } catch (error) {
    if (!cannot.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
