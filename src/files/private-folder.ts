import type fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from './folder.ts';

type Files = typeof fs;

/**
 * Makes a folder for its owner only, with those above it; one that is there is restricted to its owner. Throws what the
 * system says, or {@link whyNotOurs} in words.
 */
export function makePrivateFolder(files: Files, folder: string): void {
  makeFolder(files, folder, 0o700);
  const why = whyNotOurs(files, folder);
  if (why !== null) throw new Error(why);
  try {
    restrict(files, folder);
  } catch {
    // Not ours to change: what is in it has modes of its own.
  }
}

/** By its descriptor: by its name it could be something else by now, if others may write to the folder above. */
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
 * Why a folder that is to be nobody else's must be neither read nor written, in words: whoever may write to the folder above it can
 * have put a link to another place there, or a folder of his own with files that we would obey. `null`: it is good, or not there.
 * Never throws.
 */
export function whyNotOurs(files: Files, folder: string): string | null {
  try {
    const found = files.lstatSync(folder);
    if (found.isSymbolicLink()) return `${folder} is a symbolic link, which is not followed: move it away`;
    const above = files.statSync(path.dirname(folder));
    if (!found.isDirectory() || [0, process.geteuid?.(), above.uid].includes(found.uid)) return null;
    return `${folder} belongs to another user (uid ${found.uid}): look at what is in it and move it away, or chown it`;
  } catch {
    // Whoever reads or writes it is told.
    return null;
  }
}
