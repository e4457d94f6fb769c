import type fs from 'node:fs';

/** How a process ended: by itself with `code`, or by the signal numbered `signal` (then `code` is 0). */
export interface Exit {
  readonly code: number;
  readonly signal: number;
}

/** A child on a pseudo-terminal of its own, leader of its own session and process group. */
export interface Pty {
  readonly pid: number;
  /** Raw bytes as they arrive. Listeners must only store: 20 ms of work there loses a dying child's tail (measured). */
  onData(listener: (bytes: Buffer) => void): void;
  /** Once, when the child is gone. Data may still follow for a moment (measured): drain before declaring end of file. */
  onExit(listener: (exit: Exit) => void): void;
  /** Types `text` at the child. Silently nothing once the child is gone. */
  write(text: string): void;
  /** Closes our side; a child that is still there gets SIGHUP from the kernel. */
  close(): void;
}

/** What {@link System.spawnPty} takes beside the command. */
export interface PtyOptions {
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A process as /proc/PID/stat shows it (proc(5)). Together `pid` and `startTicks` name one process, also after the pid was
 * reused.
 */
export interface ProcessStat {
  readonly pid: number;
  /** The kernel's name of it: field 2, at most 15 bytes. */
  readonly name: string;
  /** One letter: R, S, D, Z (zombie), X (dead), T, ... */
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  /** The pid of its session's leader, also after that has ended. */
  readonly session: number;
  /** Clock ticks from boot to its start: field 22. */
  readonly startTicks: number;
}

/** A process with what else /proc knows of it. */
export interface ProcessInfo extends ProcessStat {
  /** The command line, split at its NULs; empty for kernel threads and zombies. */
  readonly args: readonly string[];
  readonly uid: number;
}

/** What became of a signal: delivered, nobody there, or not allowed. */
export type SignalOutcome = 'sent' | 'gone' | 'denied';

/** What {@link System.run} takes beside the command. */
export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What a finished command left behind. */
export interface CommandResult {
  /** `null` when it was ended at its deadline or by the abort. */
  readonly code: number | null;
  /** stdout and stderr together, at most 64 Ki characters. */
  readonly output: string;
}

/**
 * The machine. Every effect on it goes through one such value, handed in at the top, so that a test can
 * replace what it can't have: the clock, a reused pid, a disk error.
 */
export interface System {
  readonly hostname: string;
  readonly pid: number;
  readonly uid: number;
  /** The environment for children: that of this process at its start, less what holds secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** node:fs, as it is. */
  readonly files: typeof fs;
  /** The wall clock: for what is printed, never for an interval. */
  now(): Date;
  /** Milliseconds on a clock that never steps, with a fraction. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, at most 2^31-1; rejects with the signal's reason when aborted before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** The kernel's id of this boot: what was noted under another id is stale. Empty if it can't be read. */
  bootId(): string;
  /** The addresses of a host's name, as this host's programs find them, in their order; none if it is not resolved. */
  resolve(host: string): Promise<readonly string[]>;
  /** The absolute path of an executable file: `command` itself if it holds a slash, else found in PATH; `undefined` if there is none. */
  findCommand(command: string): string | undefined;
  /**
   * Starts `file` (absolute) on a new pty. Config values are arguments, never a shell's text. Throws `NotStarted`. A
   * file that can't be executed is started all the same: see `executionFailure` in system/pty.ts.
   */
  spawnPty(file: string, args: readonly string[], options: PtyOptions): Pty;
  /**
   * Runs a short command without a terminal and without a shell, to its end or its deadline; one that can't be killed (a
   * sudo that belongs to root) is left to itself a second later. Rejects when it can't be started.
   */
  run(file: string, args: readonly string[], options: RunOptions): Promise<CommandResult>;
  /** The pids of all processes, from ps. Rejects when ps is missing, an earlier one hangs, or its answer can't be trusted (BusyBox). */
  listPids(): Promise<readonly number[]>;
  /** The pids of all processes that /proc shows. Throws when it can't be read. */
  pidsInProc(): readonly number[];
  /**
   * One process, or `undefined` if it is gone or hidden. Unlike {@link readProcess}, which reads the command line from the
   * process's own memory, it never waits for a process that is stuck.
   */
  readStat(pid: number): ProcessStat | undefined;
  /** One process, or `undefined` if it is gone or hidden. */
  readProcess(pid: number): ProcessInfo | undefined;
  /** Whether a process was started with this entry (`NAME=value`) in its environment; false where that can't be read. */
  hasInEnvironment(pid: number, entry: string): boolean;
  /** Signals a process, or with a negative pid a process group; signal 0 only asks. A zombie still counts as there. */
  kill(pid: number, signal: NodeJS.Signals | 0): SignalOutcome;
}
