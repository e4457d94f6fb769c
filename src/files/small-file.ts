import type nodeFs from 'node:fs';
import path from 'node:path';
import { readAt } from './read-write.ts';

/** A small text file, or why it can't be had: in words, without its path and without anything of its text. */
export type SmallFile =
  | { readonly ok: true; readonly text: string; readonly mode: number }
  | {
      readonly ok: false;
      readonly reason: string;
      /** Nothing was read: it may be there a little later. */
      readonly unreadable: boolean;
      /** The line, from 1, that is no UTF-8. */
      readonly line?: number;
    };

/** Why a file that is not there can't be had. */
export const NO_SUCH_FILE = 'no such file';
/** Why a folder can't be had as a file. */
export const FOLDER = 'it is a folder';

/** Reads a regular file of at most `limit` bytes as UTF-8, without the byte order mark. Never throws, never hangs. */
export function readSmallFile(files: typeof nodeFs, file: string, limit: number): SmallFile {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK a pipe without a writer would hang the program.
    descriptor = files.openSync(file, files.constants.O_RDONLY | files.constants.O_NONBLOCK);
    const stat = files.fstatSync(descriptor);
    const kind = otherThanFile(stat);
    if (kind !== undefined) return { ok: false, unreadable: false, reason: kind };
    const bytes = readAt(files, descriptor, 0, limit + 1);
    if (bytes.length > limit) return { ok: false, unreadable: false, reason: `larger than ${limit} bytes` };
    return decode(bytes, stat.mode & 0o777);
  } catch (error) {
    return { ok: false, unreadable: true, reason: reasonOf(error, files, file) };
  } finally {
    if (descriptor !== undefined) files.closeSync(descriptor);
  }
}

/** Why a file is none that another program could read, in words without its path; `undefined` for a good one. Never throws. */
export function whyUnreadable(files: typeof nodeFs, file: string): string | undefined {
  try {
    const kind = otherThanFile(files.statSync(file));
    if (kind !== undefined) return kind;
    files.accessSync(file, files.constants.R_OK);
    return undefined;
  } catch (error) {
    return reasonOf(error, files, file);
  }
}

/** That the file which a config names as `said` can't be read, in words that leave `said` out: it may be a secret in the wrong place. */
export function unreadable(said: string, folder: string, reason: string): string {
  const where = path.isAbsolute(said) ? '' : ` (relative to ${folder})`;
  return `the file it names can't be read${where}: ${reason}`;
}

function otherThanFile(stat: nodeFs.Stats): string | undefined {
  if (stat.isFile()) return undefined;
  return stat.isDirectory() ? FOLDER : 'not a regular file';
}

function decode(bytes: Buffer, mode: number): SmallFile {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), mode };
  } catch {
    const line = bytes.toString('utf8').split('\ufffd')[0]?.split('\n').length ?? 1;
    return { ok: false, unreadable: false, reason: 'not UTF-8 text: save it as UTF-8', line };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: NO_SUCH_FILE,
  ENOTDIR: NO_SUCH_FILE,
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENAMETOOLONG: NO_SUCH_FILE,
  ELOOP: 'its links lead in a circle',
};

/** The message of the error would hold the path. */
function reasonOf(error: unknown, files: typeof nodeFs, file: string): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  if (code === 'ENOENT' && files.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) {
    return 'it is a link to a file that is not there';
  }
  return REASONS[code] ?? code;
}
