import type fs from 'node:fs';
import path from 'node:path';

type Files = typeof fs;

/**
 * Creates a folder and the missing folders above it, and syncs each entry to disk. As root, each gets the owner of the folder
 * above it. Throws the system's error.
 *
 * Node's own `recursive` is not used: under /proc it never ends, and on a read-only file system its error is "no such file".
 *
 * @param mode of the folder itself, less the umask; the folders above it get 0755
 */
export function makeFolder(files: Files, folder: string, mode = 0o755): void {
  const existing = files.statSync(folder, { throwIfNoEntry: false });
  if (existing?.isDirectory()) return;
  const above = path.dirname(folder);
  if (existing === undefined && above !== folder) makeFolder(files, above);
  try {
    files.mkdirSync(folder, { mode });
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = files.constants;
    const fd = files.openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      giveToFolderOwner(files, fd, above);
    } finally {
      files.closeSync(fd);
    }
  } catch (error) {
    // Another process may have created it at the same moment.
    if (!files.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
  syncFolder(files, above);
}

/** Syncs a folder's entries to disk. Throws the system's error, unless the folder does not support sync. */
export function syncFolder(files: Files, folder: string): void {
  // Network file systems answer EINVAL and the like; a folder without read permission, EACCES.
  const unsupported = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EBADF', 'EACCES'];
  try {
    const fd = files.openSync(folder, 'r');
    try {
      files.fsyncSync(fd);
    } finally {
      files.closeSync(fd);
    }
  } catch (error) {
    if (!unsupported.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/**
 * Gives a file or folder that root created to the owner of its folder, so that a monitor that runs as this user can write to
 * what a `once` of root created. Does nothing for other users. Throws the system's error.
 *
 * @param fd of the new file: where others may write, its name may already mean another file
 */
export function giveToFolderOwner(files: Files, fd: number, folder: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = files.statSync(folder);
  if (uid !== 0) files.fchownSync(fd, uid, gid);
}

/** Returns a folder, or the nearest existing one above it. Checks use it: a folder that they create may get the wrong owner. */
export function existingPart(folder: string, files: Files): string {
  return files.existsSync(folder) || folder === '/' ? folder : existingPart(path.dirname(folder), files);
}
