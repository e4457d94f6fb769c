import type { Result } from '../model/result.ts';

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
  /** Why the program could not be executed, in the system's words, judged by its end and all that it printed; `undefined` if it was. */
  notExecuted(output: string, exit: Exit): string | undefined;
}

/** What {@link Place.spawnPty} takes beside the command. */
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

/** What {@link Place.run} takes beside the command. */
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

/** A file as it was at one moment. */
export type FileSeen =
  | {
      readonly state: 'read';
      /** Its text, as UTF-8. */
      readonly text: string;
      /** Whether `text` is all of it and turns back into the same bytes. */
      readonly exact: boolean;
      /** Differs once the file was replaced or written. */
      readonly version: string;
    }
  | { readonly state: 'missing' }
  /** Why, in words that follow the file's name: "can't be read: permission denied". */
  | { readonly state: 'unreadable'; readonly why: string };

/** Time as the program sees it. Tests replace it. */
export interface Clock {
  /** The wall clock: for what is printed, never for an interval. */
  now(): Date;
  /** Milliseconds on a clock that never steps, with a fraction. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, at most 2^31-1; rejects with the signal's reason if it is aborted before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * The place where a test runs: the programs, processes, devices, routes, names and files that it sees. The host is one;
 * another can be put around a test, and nothing under host/ and probe/ reaches a machine in any other way. What belongs
 * to the monitor itself (results, state, log, config) is not here: see {@link System}.
 */
export interface Place extends Clock {
  /** This process, as the place numbers it. */
  readonly pid: number;
  /** The user that programs run as. */
  readonly uid: number;
  /** The environment for programs: that of this process at its start, less what holds secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** The kernel's id of this boot: what was noted under another id is stale. Empty if it can't be read. */
  bootId(): string;
  /** The addresses of a host's name, as programs here find them, in their order; none if it is not resolved. */
  resolve(host: string): Promise<readonly string[]>;
  /** The absolute path of an executable file: `command` itself if it holds a slash, else found in PATH; `undefined` if there is none. */
  findCommand(command: string): string | undefined;
  /**
   * Starts `file` (absolute) on a new pty. Config values are arguments, never a shell's text. Fails if the host or its
   * limits leave no process, open file or terminal. A file that can't be executed is started all the same: see
   * {@link Pty.notExecuted}.
   */
  spawnPty(file: string, args: readonly string[], options: PtyOptions): Result<Pty>;
  /**
   * Runs a short command without a terminal and without a shell, to its end or its deadline. One that can't be killed (a
   * sudo that belongs to root) is abandoned a second later. Rejects when it can't be started.
   */
  run(file: string, args: readonly string[], options: RunOptions): Promise<CommandResult>;
  /** The pids of all processes, from ps. Rejects when ps is missing, an earlier one hangs, or its answer can't be trusted (BusyBox). */
  listPids(): Promise<readonly number[]>;
  /** The pids of all processes that /proc shows. Throws when it can't be read. */
  pidsInProc(): readonly number[];
  /**
   * One process, or `undefined` if it is gone or hidden. Never waits for a process that is stuck, unlike
   * {@link readProcess}, which reads the command line from the process's own memory.
   */
  readStat(pid: number): ProcessStat | undefined;
  /** One process, or `undefined` if it is gone or hidden. */
  readProcess(pid: number): ProcessInfo | undefined;
  /** Whether a process was started with this entry (`NAME=value`) in its environment; false where that can't be read. */
  hasInEnvironment(pid: number, entry: string): boolean;
  /** Signals a process, or with a negative pid a process group; signal 0 only asks. A zombie still counts as there. */
  kill(pid: number, signal: NodeJS.Signals | 0): SignalOutcome;
  /** Reads a regular file, through links, at most `limit` bytes (64 KiB if left out); never waits for a pipe. */
  readFile(file: string, limit?: number): FileSeen;
  /** Replaces the text of a file in place, through links: inode, owner and mode stay, and readers never see it empty. */
  overwriteFile(file: string, text: string): Result;
  /** The names in a folder; none if it can't be read. */
  listFolder(folder: string): readonly string[];
  /** What a symbolic link holds; `undefined` if it is none or can't be read. */
  readLink(file: string): string | undefined;
  /** Whether this process can open so many more files. */
  canOpenFiles(count: number): Result;
}
