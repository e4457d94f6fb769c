import type fs from 'node:fs';
import path from 'node:path';
import { DONE, failed, type Result } from '../model/result.ts';
import { makeFolder } from './folder.ts';

type Files = typeof fs;

/**
 * Creates a folder that only its owner may use (0700), and the missing folders above it. Restricts an existing one. Throws the
 * system's error, or the reason of {@link checkPrivateFolder}.
 */
export function makePrivateFolder(files: Files, folder: string): void {
  makeFolder(files, folder, 0o700);
  const trusted = checkPrivateFolder(files, folder);
  if (!trusted.ok) throw new Error(trusted.why);
  try {
    restrict(files, folder);
  } catch {
    // Another user's folder: the files in it have modes of their own.
  }
}

/** Uses the descriptor: if others may write to the folder above, the name may already mean another folder. */
function restrict(files: Files, folder: string): void {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = files.constants;
  const fd = files.openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    files.fchmodSync(fd, 0o700);
  } finally {
    files.closeSync(fd);
  }
}

/**
 * Fails if a private folder must be neither read nor written. A user who may write to the folder above could have put a link there, or
 * a folder with files for us to read. Succeeds for a missing folder. Never throws.
 */
export function checkPrivateFolder(files: Files, folder: string): Result {
  try {
    const found = files.lstatSync(folder);
    if (found.isSymbolicLink())
      return failed(`${folder} is a symbolic link, which is not followed: move it away`);
    const above = files.statSync(path.dirname(folder));
    if (!found.isDirectory() || [0, process.geteuid?.(), above.uid].includes(found.uid)) return DONE;
    return failed(
      `${folder} belongs to another user (uid ${found.uid}): check what is in it, then move it away or change its owner with chown`,
    );
  } catch {
    // The next read or write fails with the reason.
    return DONE;
  }
}
