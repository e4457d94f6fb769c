import { isAbsolute, resolve } from 'node:path';
import { checkReadable, readSmallFile, type UnreadableFile } from '../files/small-file.ts';
import type { Reading } from './reading.ts';

/** What is needed to find the files that a config names. */
type Place = Pick<Reading, 'files' | 'folder'>;

/**
 * Reads a small text file that a config names.
 *
 * @param name the path as the config has it. No message repeats it: a user may have put a secret there by mistake.
 * @param limit largest size in bytes.
 */
export function readNamedFile(name: string, place: Place, limit: number): ReturnType<typeof readSmallFile> {
  const file = readSmallFile(place.files, resolve(place.folder, name), limit);
  return file.ok ? file : explained(file, name, place);
}

/** Checks that the client can read a file that a config names. See {@link readNamedFile} for `name`. */
export function checkNamedFile(name: string, place: Place): ReturnType<typeof checkReadable> {
  const file = checkReadable(place.files, resolve(place.folder, name));
  return file.ok ? file : explained(file, name, place);
}

function explained(file: UnreadableFile, name: string, { folder }: Place): UnreadableFile {
  const where = isAbsolute(name) ? '' : ` (relative to ${folder})`;
  return { ...file, why: `the file it names can't be read${where}: ${file.why}` };
}
