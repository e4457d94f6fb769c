import path from 'node:path';
import type { System } from '../system/system.ts';
import { userName } from './user-name.ts';

/**
 * Returns who, besides root and this user, could change or replace a file: by the mode and owner of the file or of a folder above it,
 * links included. Returns `null` if nobody can. Ignores access control lists. For a missing file, checks the folders above it.
 *
 * @param file absolute
 * @param holds whether this user creates files in this folder: others could then create them first, despite a sticky bit.
 */
export function whoElseMayChange(
  file: string,
  system: Pick<System, 'files' | 'uid' | 'readFile'>,
  holds = false,
): string | null {
  const { files, uid } = system;
  // In a user namespace root has another uid.
  const trusted = [0, uid, files.statSync('/').uid];
  for (const place of placesOf(file)) {
    const found = files.lstatSync(place, { throwIfNoEntry: false });
    if (found === undefined) continue;
    if (!trusted.includes(found.uid)) return `${place} belongs to ${userName(system, found.uid)}`;
    if (found.isSymbolicLink()) continue;
    const sticky = (found.mode & 0o1000) !== 0 && !(holds && place === file);
    if ((found.mode & 0o002) !== 0 && !sticky) return `everybody may write to ${place}`;
    const shared = found.gid !== 0 && !(uid !== 0 && found.gid === process.getegid?.());
    if ((found.mode & 0o020) !== 0 && shared && !sticky)
      return `the group ${found.gid} may write to ${place}`;
  }
  return null;

  /** The file and all folders above it, by the given path and by the real path. */
  function placesOf(called: string): ReadonlySet<string> {
    return new Set([called, real(called)].flatMap(upwards));
  }

  function real(called: string): string {
    try {
      return files.realpathSync(called);
    } catch {
      return called === '/' ? called : path.join(real(path.dirname(called)), path.basename(called));
    }
  }
}

function upwards(place: string): string[] {
  return place === '/' ? [place] : [place, ...upwards(path.dirname(place))];
}
