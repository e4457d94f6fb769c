import type nodeFs from 'node:fs';
import { readAt } from '../files/append.ts';

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

/** Reads a regular file of at most `limit` bytes as UTF-8, without the byte order mark. Never throws, never hangs. */
export function readSmallFile(files: typeof nodeFs, path: string, limit: number): SmallFile {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK a pipe without a writer would hang the program.
    descriptor = files.openSync(path, files.constants.O_RDONLY | files.constants.O_NONBLOCK);
    const stat = files.fstatSync(descriptor);
    if (!stat.isFile()) return { ok: false, unreadable: false, reason: 'not a regular file' };
    const bytes = readAt(files, descriptor, 0, limit + 1);
    if (bytes.length > limit) return { ok: false, unreadable: false, reason: `larger than ${limit} bytes` };
    return decode(bytes, stat.mode & 0o777);
  } catch (error) {
    return { ok: false, unreadable: true, reason: reasonOf(error) };
  } finally {
    if (descriptor !== undefined) files.closeSync(descriptor);
  }
}

/** Why a file is none that another program could read, in words without its path; `undefined` for a good one. Never throws. */
export function whyUnreadable(files: typeof nodeFs, path: string): string | undefined {
  try {
    if (!files.statSync(path).isFile()) return 'not a regular file';
    files.accessSync(path, files.constants.R_OK);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
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
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENAMETOOLONG: 'no such file',
};

/** The message of the error would hold the path. */
function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return REASONS[code] ?? code;
}
