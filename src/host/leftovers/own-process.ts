import path from 'node:path';
import type { OwnProcess, OwnProgram } from '../../clients/profile.ts';
import type { Place, ProcessInfo } from '../../system/place.ts';
import { printableLine } from '../../words/printable.ts';
import { javaCode } from './java-code.ts';
import { programOf } from './program.ts';

/** The kernel cuts a name here, in bytes: a name this long may be the beginning of another one. */
const KERNEL_NAME_LIMIT = 15;

/** Whether a process is a client's own: by the mark that it got when it was started, or by its program. */
export function isOwn(place: Place, process: ProcessInfo, own: OwnProcess): boolean {
  return 'mark' in own ? place.hasInEnvironment(process.pid, own.mark) : isOwnProgram(process, own);
}

/** What a log line calls a process that was recognised by `own`: printable, for a process may call itself anything. */
export function nameOf(process: ProcessInfo, own: OwnProcess): string {
  return 'mark' in own ? printableLine(process.name) : own.name;
}

/**
 * Whether a process is a client's own: by the kernel's name of it or by the program in its command line, never by a
 * word in an argument; and where the profile demands it, by where its code comes from.
 */
export function isOwnProgram(process: ProcessInfo, own: OwnProgram): boolean {
  const program = programOf(process.args);
  const byKernel = process.name === own.name && Buffer.byteLength(own.name) < KERNEL_NAME_LIMIT;
  const byProgram = program !== undefined && path.basename(program.file) === own.name;
  if (!byKernel && !byProgram) return false;
  const { code } = own;
  if (code === undefined) return true;
  return program !== undefined && [program.file, ...javaCode(program.args)].some((place) => code.test(place));
}
