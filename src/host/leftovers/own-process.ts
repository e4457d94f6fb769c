import path from 'node:path';
import type { OwnProcess, OwnProgram } from '../../clients/profile.ts';
import type { Place, ProcessInfo } from '../../system/place.ts';
import { printableLine } from '../../words/printable.ts';
import { javaCode } from './java-code.ts';
import { programOf } from './program.ts';

/** The kernel cuts names to this length, in bytes. A name of this length may be the beginning of a longer one. */
const KERNEL_NAME_LIMIT = 15;

/** Whether a process belongs to a client: by the mark in its environment, or by its program. */
export function isOwn(place: Place, process: ProcessInfo, own: OwnProcess): boolean {
  return 'mark' in own ? place.hasInEnvironment(process.pid, own.mark) : isOwnProgram(process, own);
}

/** The name of a process in log lines. It is printable: a process can choose any name. */
export function nameOf(process: ProcessInfo, own: OwnProcess): string {
  return 'mark' in own ? printableLine(process.name) : own.name;
}

/**
 * Whether a process runs a client's program: by its name in the kernel or by the program of its command line, never by a word in an
 * argument. If the profile has a `code` pattern, the place that the code is loaded from must match too.
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
