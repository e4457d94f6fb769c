import path from 'node:path';
import type { Place } from '../system/place.ts';

/** As many links as the kernel follows (path_resolution(7)). */
const MOST_LINKS = 40;

/** The file functions of a {@link Place}. */
type PlaceFiles = Pick<
  Place,
  'readFile' | 'overwriteFile' | 'putLink' | 'putFile' | 'listFolder' | 'readLink'
>;

/**
 * The file functions of a cell, seen from the host through the root folder of the cell's first process. /proc is the host's: pids are.
 *
 * @param init the pid of that process.
 */
export function cellFiles(host: PlaceFiles, init: number): PlaceFiles {
  const seen = (file: string) => outside(host, init, file);
  /** The file itself, also if it is a link. */
  const entry = (file: string) => `${seen(path.dirname(file))}/${path.basename(file)}`;
  return {
    readFile: (file, limit) => host.readFile(seen(file), limit),
    overwriteFile: (file, text, mode) => host.overwriteFile(seen(file), text, mode),
    putLink: (file, target) => host.putLink(entry(file), target),
    putFile: (file, text, mode) => host.putFile(entry(file), text, mode),
    listFolder: (folder) => host.listFolder(seen(folder)),
    readLink: (file) => host.readLink(entry(file)),
  };
}

/** The path outside of a file in the cell. Follows its links itself: the kernel would follow absolute ones to files of the host. */
function outside(host: PlaceFiles, init: number, file: string): string {
  if (file.startsWith('/proc/')) return file;
  const root = `/proc/${init}/root`;
  let links = 0;
  let found = '/';
  const parts = file.split('/');
  while (parts.length > 0) {
    const part = parts.shift() ?? '';
    const next = path.join(found, part);
    const target = links < MOST_LINKS && next !== found ? host.readLink(`${root}${next}`) : undefined;
    if (target === undefined) {
      found = next;
      continue;
    }
    links += 1;
    if (target.startsWith('/')) found = '/';
    parts.unshift(...target.split('/'));
  }
  return `${root}${found}`;
}
