import fs from 'node:fs';
import type { ProcessInfo, ProcessStat, SignalOutcome } from './place.ts';

/** See {@link Place.pidsInProc}. */
export function pidsInProc(): readonly number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** See {@link Place.readStat}. The name may hold any byte, `)` too: split at the last one. */
export function readStat(pid: number): ProcessStat | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const close = stat.lastIndexOf(')');
    const fields = stat.slice(close + 2).split(' ');
    return {
      pid,
      name: stat.slice(stat.indexOf('(') + 1, close),
      state: fields[0] ?? 'X',
      ppid: Number(fields[1]),
      pgrp: Number(fields[2]),
      session: Number(fields[3]),
      startTicks: Number(fields[19]),
    };
  } catch {
    return undefined;
  }
}

/** See {@link Place.readProcess}. */
export function readProcess(pid: number): ProcessInfo | undefined {
  const stat = readStat(pid);
  if (stat === undefined) return undefined;
  try {
    const cmdline = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const args = cmdline === '' ? [] : cmdline.replace(/\0$/, '').split('\0');
    return { ...stat, args, uid: fs.statSync(`/proc/${pid}`).uid };
  } catch {
    return undefined;
  }
}

/** See {@link Place.hasInEnvironment}. */
export function hasInEnvironment(pid: number, entry: string): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(entry);
  } catch {
    return false;
  }
}

/** See {@link Place.kill}. */
export function kill(pid: number, signal: NodeJS.Signals | 0): SignalOutcome {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return 'denied';
    return 'gone';
  }
}
