import path from 'node:path';

/**
 * A PATH without what is relative to the working directory (`.`, an empty entry): the monitor runs as root, and in a folder that
 * others may write to they would choose its programs. `undefined` if nothing is left: every program then has its own default.
 */
export function absoluteSearchPath(searchPath: string | undefined): string | undefined {
  const folders = (searchPath ?? '').split(':').filter((folder) => path.isAbsolute(folder));
  return folders.length === 0 ? undefined : folders.join(':');
}
