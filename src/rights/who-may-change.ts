import path from 'node:path';
import type { System } from '../system/system.ts';
import { userName } from './user-name.ts';

/**
 * Who else could change a file, or put another one in its place, in words: by its own mode and owner or by those of a folder on the
 * way to it, links included. `null`: only root and this user. Access control lists are not looked at. A file that is not there is
 * judged by the folders above it.
 *
 * @param file absolute
 * @param holds whether it is a folder in which this user makes files: a sticky bit then keeps nobody from making them first.
 */
export function whoElseMayChange(file: string, system: System, holds = false): string | null {
  const { files, uid } = system;
  // In a user namespace root is called otherwise.
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

  /** The file and all folders above it, as it is called and where it is. */
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
