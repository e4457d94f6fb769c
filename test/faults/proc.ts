import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** The pids of a process' children. */
export function childrenOf(pid: number): number[] {
  return read(`${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** The pid of a process in its own namespace; `undefined`: it is gone. */
export function innerPid(pid: number): number | undefined {
  const inner = /^NSpid:.*\t(\d+)$/m.exec(read(`${pid}/status`))?.[1];
  return inner === undefined ? undefined : Number(inner);
}

/** `bash S`. */
export function nameAndState(pid: number): string {
  return (
    /\((.*)\) (\S)/
      .exec(read(`${pid}/stat`))
      ?.slice(1, 3)
      .join(' ') ?? 'gone'
  );
}

/** The command lines of a process and its children. */
export function commandLinesOf(pid: number): string[] {
  return [pid, ...childrenOf(pid)].map((each) => read(`${each}/cmdline`));
}

/** What the open files of a process are. */
export function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(path.join(folder, fd))];
    } catch {
      // It was closed meanwhile.
      return [];
    }
  });
}

/** The abstract sockets of the monitor that are bound in a network namespace, by its file net/unix. */
export function locksIn(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => /@(vpn-monitor[^@]*)/.exec(line)?.[1] ?? []);
}

/** The network devices of cells in a network namespace, by its file net/dev. */
export function linksIn(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^ *(vc[0-9a-f]+):/gm)].map(([, name = '']) => name);
}

function read(file: string): string {
  try {
    return readFileSync(path.join('/proc', file), 'utf8');
  } catch {
    return '';
  }
}
