import path from 'node:path';

/**
 * Removes relative entries (`.`, an empty entry) from a PATH: the monitor may run as root in a folder that others may write to, and they
 * could replace its programs. Returns `undefined` if no entry remains; programs then use their own default.
 */
export function absoluteSearchPath(searchPath: string | undefined): string | undefined {
  const folders = (searchPath ?? '').split(':').filter((folder) => path.isAbsolute(folder));
  return folders.length === 0 ? undefined : folders.join(':');
}
