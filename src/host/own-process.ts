import path from 'node:path';
import type { OwnProcess } from '../clients/profile.ts';
import type { ProcessInfo } from '../system.ts';
import { javaCode } from './java-code.ts';
import { programOf } from './program.ts';

/** The kernel cuts a name here, in bytes: a name this long may be the beginning of another one. */
const KERNEL_NAME_LIMIT = 15;

/** Whether it runs. A zombie does not, though it still answers signal 0: it only waits for its parent. */
export function isRunning(process: ProcessInfo): boolean {
  return !'ZX'.includes(process.state);
}

/**
 * Whether a process is a client's own: by the kernel's name of it or by the program in its command line, never by a
 * word in an argument; and where the profile demands it, by where its code comes from.
 */
export function isOwn(process: ProcessInfo, own: OwnProcess): boolean {
  const program = programOf(process.args);
  const byKernel = process.name === own.name && Buffer.byteLength(own.name) < KERNEL_NAME_LIMIT;
  const byProgram = program !== undefined && path.basename(program.file) === own.name;
  if (!byKernel && !byProgram) return false;
  const { code } = own;
  if (code === undefined) return true;
  return program !== undefined && [program.file, ...javaCode(program.args)].some((place) => code.test(place));
}
