import type fs from 'node:fs';

/**
 * Gives what root has just made in a folder to the owner of the folder: a monitor that runs as an ordinary user goes on with what a
 * `once` of root has begun. Nothing for other users. Throws what the system says.
 *
 * @param fd of what was made: by its name it could be something else by now, if others may write there
 */
export function giveToOwner(files: typeof fs, fd: number, folder: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = files.statSync(folder);
  if (uid !== 0) files.fchownSync(fd, uid, gid);
}
