import path from 'node:path';
import { DONE, good, type Result } from '../../src/model/result.ts';
import type { Exit, ProcessInfo, ProcessStat, Pty } from '../../src/system/place.ts';
import { executionFailure } from '../../src/system/pty.ts';
import type { System } from '../../src/system/system.ts';

/** What a simulated program does: after `after` ms it prints or ends, or it reads a line. Without an end it stays. */
export type ProgramStep =
  | { readonly after: number; readonly prints: string | Uint8Array }
  | { readonly after: number; readonly exits: Exit }
  | { readonly reads: string };

/** A machine whose time is simulated: it leaps to the next thing that is due as soon as nobody has anything to do. */
export interface FakeMachine {
  readonly system: System;
  /** The command lines of the programs started so far, in order: `/usr/bin/ping -n -c 5 192.0.2.1`. */
  readonly started: readonly string[];
  /** What was typed at programs, in order. */
  readonly typed: readonly string[];
  /** Signals sent to programs that were there: `SIGTERM /usr/bin/ping ...`. */
  readonly signals: readonly string[];
  /** How many programs are running. */
  running(): number;
  /** Calls `action` at `ms` on the monotonic clock. */
  at(ms: number, action: () => void): void;
  /** Steps the wall clock. */
  stepWallClock(ms: number): void;
}

/** How a {@link FakeMachine} differs from an empty one. */
export interface FakeMachineOptions {
  /** The programs that are installed: the base name to what it does, given its arguments. */
  readonly programs?: Readonly<Record<string, (args: readonly string[]) => readonly ProgramStep[]>>;
  /** Wall clock at the start. */
  readonly start?: string;
  /** Called for every line that is typed. */
  readonly onTyped?: (text: string) => void;
  /** Other parts of the system. */
  readonly system?: Partial<System>;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Makes a {@link FakeMachine}; its monotonic clock starts at 0. Programs end at SIGTERM, SIGINT and SIGKILL. */
export function fakeMachine(options: FakeMachineOptions = {}): FakeMachine {
  const { programs = {}, start = '2018-11-14T05:18:00.000Z' } = options;
  let now = 0;
  let wallOffset = new Date(start).getTime();
  let pumping = false;
  const timers: Timer[] = [];
  const started: string[] = [];
  const typed: string[] = [];
  const signals: string[] = [];
  const children = new Map<number, { readonly command: string; end(exit: Exit): void }>();

  const pump = () => {
    timers.sort((a, b) => a.at - b.at);
    const next = timers.shift();
    if (next !== undefined) {
      now = Math.max(now, next.at);
      next.run();
    }
    pumping = timers.length > 0;
    if (pumping) setImmediate(pump);
  };
  const at = (ms: number, run: () => void): Timer => {
    const timer = { at: ms, run };
    timers.push(timer);
    if (!pumping) setImmediate(pump);
    pumping = true;
    return timer;
  };
  const cancel = (timer: Timer) => {
    const index = timers.indexOf(timer);
    if (index >= 0) timers.splice(index, 1);
  };

  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = () => {
        cancel(timer);
        reject(signal?.reason);
      };
      const timer = at(now + Math.max(0, ms), () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });

  const spawnPty = (file: string, args: readonly string[]): Result<Pty> => {
    const command = [file, ...args].join(' ');
    const pid = 1000 + started.length;
    const onData: ((bytes: Buffer) => void)[] = [];
    const onExit: ((exit: Exit) => void)[] = [];
    const steps = [...(programs[path.basename(file)]?.(args) ?? [])];
    let awaited: string | undefined;
    started.push(command);
    const next = () => {
      const step = steps.shift();
      if (step === undefined) return;
      if ('reads' in step) {
        awaited = `${step.reads}\n`;
        return;
      }
      at(now + step.after, () => {
        if (!children.has(pid)) return;
        if ('exits' in step) end(step.exits);
        else for (const listener of onData) listener(Buffer.from(step.prints as string));
        next();
      });
    };
    const end = (exit: Exit) => {
      if (children.delete(pid)) for (const listener of onExit) listener(exit);
    };
    children.set(pid, { command, end });
    next();
    return good({
      pid,
      onData: (listener) => void onData.push(listener),
      onExit: (listener) => void onExit.push(listener),
      write: (text) => {
        typed.push(text);
        options.onTyped?.(text);
        if (text === awaited) next();
      },
      close: () => undefined,
      notExecuted: executionFailure,
    });
  };

  const kill: System['kill'] = (pid, signal) => {
    const child = children.get(Math.abs(pid));
    if (child === undefined) return 'gone';
    if (signal === 0) return 'sent';
    signals.push(`${signal} ${child.command}`);
    const number = { SIGINT: 2, SIGTERM: 15, SIGKILL: 9 }[signal as string] ?? 1;
    at(now + 1, () => child.end({ code: 0, signal: number }));
    return 'sent';
  };

  const system = {
    hostname: 'monitor1',
    pid: 42,
    uid: 1000,
    env: {},
    now: () => new Date(wallOffset + now),
    monotonic: () => now,
    sleep,
    bootId: () => 'boot',
    findCommand: (command: string) => {
      const name = path.basename(command);
      return name in programs ? (command.includes('/') ? command : `/usr/bin/${command}`) : undefined;
    },
    spawnPty,
    listPids: async () => [...children.keys()],
    pidsInProc: () => [...children.keys()],
    readStat: (pid: number): ProcessStat | undefined =>
      children.has(pid)
        ? { pid, name: 'program', state: 'S', ppid: 42, pgrp: pid, session: pid, startTicks: pid }
        : undefined,
    readProcess: (): ProcessInfo | undefined => undefined,
    hasInEnvironment: () => false,
    readFile: () => ({ state: 'missing' }),
    listFolder: () => [],
    canOpenFiles: () => DONE,
    readLink: () => undefined,
    resolve: async () => [],
    kill,
    ...options.system,
  } as unknown as System;

  return {
    system,
    started,
    typed,
    signals,
    running: () => children.size,
    at,
    stepWallClock: (ms) => {
      wallOffset += ms;
    },
  };
}
