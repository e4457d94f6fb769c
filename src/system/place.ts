import type { Result } from '../model/result.ts';

/** How a process ended: with an exit `code`, or by the signal number `signal` (then `code` is 0). */
export interface Exit {
  readonly code: number;
  readonly signal: number;
}

/** A child on a pseudo-terminal. It leads its own session and process group. */
export interface Pty {
  readonly pid: number;
  /** Calls `listener` with raw bytes as they arrive. It must only store them: 20 ms of work drops the child's last output (measured). */
  onData(listener: (bytes: Buffer) => void): void;
  /** Calls `listener` once, when the child has ended. Data may still follow for a moment (measured). */
  onExit(listener: (exit: Exit) => void): void;
  /** Types `text` at the child. Does nothing if the child has ended. */
  write(text: string): void;
  /** Closes our side. The kernel sends SIGHUP to a child that still runs. */
  close(): void;
  /** Why the program could not be executed, in the system's words, derived from its exit and output; `undefined` if it was executed. */
  notExecuted(output: string, exit: Exit): string | undefined;
}

/** The options of {@link Place.spawnPty}. */
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

/** A process with its command line and user. */
export interface ProcessInfo extends ProcessStat {
  /** The command line, split at its NULs; empty for kernel threads and zombies. */
  readonly args: readonly string[];
  readonly uid: number;
}

/** The outcome of a signal: sent, no such process, or not permitted. */
export type SignalOutcome = 'sent' | 'gone' | 'denied';

/** The options of {@link Place.run}. */
export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** What it reads from stdin. Default: nothing. */
  readonly input?: string;
}

/** The result of a command. */
export interface CommandResult {
  /** The exit code; `null` if the command was killed at its deadline or by an abort. */
  readonly code: number | null;
  /** stdout and stderr together, at most 64 Ki characters. */
  readonly output: string;
}

/** The content of a file at one moment. */
export type FileSeen =
  | {
      readonly state: 'read';
      /** Its text, as UTF-8. */
      readonly text: string;
      /** Whether `text` is the whole file and encodes to the same bytes. */
      readonly exact: boolean;
      /** Changes when the file is replaced or written. */
      readonly version: string;
      /** Its permission bits. */
      readonly mode: number;
    }
  | { readonly state: 'missing' }
  /** Why, in words that follow the file's name: "can't be read: permission denied". */
  | { readonly state: 'unreadable'; readonly why: string };

/** The time. Tests replace it. */
export interface Clock {
  /** The wall clock: for what is printed, never for an interval. */
  now(): Date;
  /** Milliseconds on a clock that never steps, with a fraction. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, at most 2^31-1; rejects with the signal's reason if it is aborted before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * The machine that a test sees: its programs, processes, devices, routes, names and files. This host is a place; another can be put
 * around a test. The code in host/ and probe/ accesses a machine only through a place. The monitor's own files (results, state, log,
 * config) are in {@link System}.
 */
export interface Place extends Clock {
  /** The pid of this process in the place. */
  readonly pid: number;
  /** The user that programs run as. */
  readonly uid: number;
  /** The environment for programs: that of this process at its start, without the variables that hold secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** The kernel's id of this boot; a note with another id is outdated. Empty if it can't be read. */
  bootId(): string;
  /** Resolves a host name to its addresses, in the resolver's order; an empty list if that fails. */
  resolve(host: string): Promise<readonly string[]>;
  /** The absolute path of an executable file: `command` itself if it holds a slash, else found in PATH; `undefined` if there is none. */
  findCommand(command: string): string | undefined;
  /**
   * Starts `file` (absolute) on a new pty, without a shell. Fails if no process, open file or terminal is available. Succeeds also for a
   * file that can't be executed: see {@link Pty.notExecuted}.
   */
  spawnPty(file: string, args: readonly string[], options: PtyOptions): Result<Pty>;
  /**
   * Runs a short command without a terminal and without a shell, until its end or its deadline. A command that can't be killed (a sudo
   * that runs as root) is abandoned one second later. Rejects if it can't be started.
   */
  run(file: string, args: readonly string[], options: RunOptions): Promise<CommandResult>;
  /** The pids of all processes, from ps. Rejects if ps is missing, an earlier ps hangs, or its output is incomplete (BusyBox). */
  listPids(): Promise<readonly number[]>;
  /** The pids of all processes in /proc. Throws if that can't be read. */
  pidsInProc(): readonly number[];
  /**
   * Reads one process; `undefined` if it has ended or is hidden. Never waits for a stuck process, unlike {@link readProcess}, which
   * reads the command line from the memory of the process.
   */
  readStat(pid: number): ProcessStat | undefined;
  /** Reads one process; `undefined` if it has ended or is hidden. */
  readProcess(pid: number): ProcessInfo | undefined;
  /** Whether a process was started with this entry (`NAME=value`) in its environment; false if that can't be read. */
  hasInEnvironment(pid: number, entry: string): boolean;
  /** Signals a process, or a process group if `pid` is negative. Signal 0 only checks that it exists. A zombie exists. */
  kill(pid: number, signal: NodeJS.Signals | 0): SignalOutcome;
  /** Reads at most `limit` bytes (default: 64 KiB) of a regular file. Follows links; never waits for a pipe. */
  readFile(file: string, limit?: number): FileSeen;
  /** Replaces the text of a file in place. Follows links; keeps inode and owner; readers never see an empty file. */
  overwriteFile(file: string, text: string, mode: number): Result;
  /** Puts a symbolic link in the place of a file or link, at once: there is no moment without either. */
  putLink(file: string, target: string): Result;
  /** Puts a new file in the place of a file or link, at once. Does not follow links. */
  putFile(file: string, text: string, mode: number): Result;
  /** The names in a folder; an empty list if it can't be read. */
  listFolder(folder: string): readonly string[];
  /** The target of a symbolic link; `undefined` if it is no link or can't be read. */
  readLink(file: string): string | undefined;
  /** Fails if this process can't open `count` more files. */
  canOpenFiles(count: number): Result;
}
