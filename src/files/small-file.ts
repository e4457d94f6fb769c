import type nodeFs from 'node:fs';
import { readAt } from './read-write.ts';

/** The content of a small text file. */
export interface SmallFile {
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
}

/** Why a file cannot be read. This is a failed `Result` (model/result.ts) with more details. */
export interface UnreadableFile {
  readonly ok: false;
  /** In words that hold neither the path nor the content of the file. */
  readonly why: string;
  /** The system did not open or read the file. It may do so later. */
  readonly refused: boolean;
  /** The first line, from 1, that is not UTF-8. */
  readonly line?: number;
}

/** {@link UnreadableFile.why} of a file that does not exist. */
export const NO_SUCH_FILE = 'no such file';
/** {@link UnreadableFile.why} of a folder. */
export const FOLDER = 'it is a folder';

/** Reads a regular file of at most `limit` bytes as UTF-8, without the byte order mark. Never throws, never hangs. */
export function readSmallFile(
  files: typeof nodeFs,
  file: string,
  limit: number,
): { readonly ok: true; readonly value: SmallFile } | UnreadableFile {
  const read = readSmallBytes(files, file, limit);
  return read.ok ? decode(read.value.bytes, read.value.mode) : read;
}

/** Reads a regular file of at most `limit` bytes. Never throws, never hangs. */
export function readSmallBytes(
  files: typeof nodeFs,
  file: string,
  limit: number,
): { readonly ok: true; readonly value: { readonly bytes: Buffer; readonly mode: number } } | UnreadableFile {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe that has no writer would hang.
    descriptor = files.openSync(file, files.constants.O_RDONLY | files.constants.O_NONBLOCK);
    const stat = files.fstatSync(descriptor);
    const kind = otherThanFile(stat);
    if (kind !== undefined) return unusable(kind);
    const bytes = readAt(files, descriptor, 0, limit + 1);
    if (bytes.length > limit) return unusable(`larger than ${limit} bytes`);
    return { ok: true, value: { bytes, mode: stat.mode & 0o777 } };
  } catch (error) {
    return refused(error, files, file);
  } finally {
    if (descriptor !== undefined) files.closeSync(descriptor);
  }
}

/** Checks that another program of this user can read a file, without reading it. Never throws. */
export function checkReadable(
  files: typeof nodeFs,
  file: string,
): { readonly ok: true; readonly value: undefined } | UnreadableFile {
  try {
    const kind = otherThanFile(files.statSync(file));
    if (kind !== undefined) return unusable(kind);
    files.accessSync(file, files.constants.R_OK);
    return { ok: true, value: undefined };
  } catch (error) {
    return refused(error, files, file);
  }
}

function otherThanFile(stat: nodeFs.Stats): string | undefined {
  if (stat.isFile()) return undefined;
  return stat.isDirectory() ? FOLDER : 'not a regular file';
}

function decode(bytes: Buffer, mode: number): ReturnType<typeof readSmallFile> {
  try {
    return { ok: true, value: { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), mode } };
  } catch {
    const line = bytes.toString('utf8').split('\ufffd')[0]?.split('\n').length ?? 1;
    return { ...unusable('not UTF-8 text: save it as UTF-8'), line };
  }
}

function unusable(why: string): UnreadableFile {
  return { ok: false, why, refused: false };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: NO_SUCH_FILE,
  ENOTDIR: NO_SUCH_FILE,
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENAMETOOLONG: NO_SUCH_FILE,
  ELOOP: 'its links lead in a circle',
};

function refused(error: unknown, files: typeof nodeFs, file: string): UnreadableFile {
  // Not the error's message, which holds the path.
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const isDangling =
    code === 'ENOENT' && files.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const why = isDangling ? 'it is a link to a file that is not there' : (REASONS[code] ?? code);
  return { ok: false, why, refused: true };
}
