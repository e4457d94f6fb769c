import path from 'node:path';
import type { System } from '../system/system.ts';

/** Creates a file in a folder and removes it again, even if writing fails. Throws the system's error. */
export function tryToWrite(folder: string, { files, pid }: System): void {
  const trial = path.join(folder, `.vpn-monitor-check-${pid}`);
  // On a full disk a file can be created, but not written.
  const fd = files.openSync(trial, 'wx');
  try {
    files.writeSync(fd, 'check\n');
  } finally {
    files.closeSync(fd);
    files.rmSync(trial);
  }
}

/** How to fix an error of {@link tryToWrite}; `otherwise` is the answer for missing rights. */
export function remedyFor(error: unknown, folder: string, setting: string, otherwise: string): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
      return `free some space (df -h ${folder}; df -i ${folder}), or choose another folder: ${setting}`;
    case 'EDQUOT':
      return `free some space: the quota of this user is used up (quota), or choose another folder: ${setting}`;
    default:
      return otherwise;
  }
}
