import { spawn as spawnChild } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type IPty, spawn as spawnPty } from 'node-pty';
import psList from 'ps-list';

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

/** The host has no process, open file or terminal left for a child. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
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
   * Starts `file` (absolute) on a new pty. Config values are arguments, never a shell's text. Throws {@link NotStarted}. A
   * file that can't be executed is started all the same: see {@link executionFailure}.
   */
  spawnPty(file: string, args: readonly string[], options: PtyOptions): Pty;
  /**
   * Runs a short command without a terminal and without a shell, to its end or its deadline; one that can't be killed (a
   * sudo that belongs to root) is left to itself a second later. Rejects when it can't be started.
   */
  run(file: string, args: readonly string[], options: RunOptions): Promise<CommandResult>;
  /** The pids of all processes, from ps. Rejects when ps is missing or its answer can't be trusted (BusyBox). */
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

/** What a child on a terminal has written is read at its end, in so many pieces at most: others may write for ever. */
const LAST_WORDS_PIECES = 64;
const RUN_OUTPUT_LIMIT = 64 * 1024;
/** A command that was killed is gone after this long, or can't be killed, in ms. */
const RUN_KILL_MS = 1000;
/** What a command has written is read for this long after its end, in ms. */
const RUN_DRAIN_MS = 200;

function pidsInProc(): readonly number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The name may hold any byte, `)` too: split at the last one. */
function readStat(pid: number): ProcessStat | undefined {
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

function readProcess(pid: number): ProcessInfo | undefined {
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

function hasInEnvironment(pid: number, entry: string): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(entry);
  } catch {
    return false;
  }
}

function kill(pid: number, signal: NodeJS.Signals | 0): SignalOutcome {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return 'denied';
    return 'gone';
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      },
      Math.max(0, ms),
    );
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function findCommand(command: string, searchPath: string): string | undefined {
  const candidates = command.includes('/')
    ? [path.resolve(command)]
    : searchPath.split(':').map((folder) => path.resolve(folder, command));
  return candidates.find((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return fs.statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

function openPty(file: string, args: readonly string[], options: PtyOptions): Pty {
  const child = startOnPty(file, args, options);
  const listeners: ((bytes: Buffer) => void)[] = [];
  const tell = (bytes: Buffer) => {
    for (const listener of listeners) listener(bytes);
  };
  // With `encoding: null` node-pty delivers Buffers, whatever its types say.
  child.onData((data) => tell(data as unknown as Buffer));
  const letGo = holdOpen(child, tell);
  let gone = false;
  child.onExit(() => {
    gone = true;
  });
  return {
    pid: child.pid,
    onData: (listener) => void listeners.push(listener),
    onExit: (listener) =>
      void child.onExit(({ exitCode, signal }) => listener({ code: exitCode, signal: signal ?? 0 })),
    write: (text) => {
      // node-pty would complain on stderr.
      if (!gone) child.write(text);
    },
    close: () => {
      letGo();
      (child as unknown as { destroy(): void }).destroy();
    },
  };
}

function startOnPty(file: string, args: readonly string[], { env }: PtyOptions): IPty {
  // 512 columns: a client that edits lines would else wrap its echo, and a secret with it.
  const options = { name: 'dumb', cols: 512, rows: 24, cwd: '/', env: { ...env }, encoding: null };
  try {
    return spawnPty(file, [...args], options);
  } catch (error) {
    // All that node-pty says is "forkpty(3) failed."
    const words = `${error instanceof Error ? error.message : error}`.replace(/\.$/, '');
    throw new NotStarted(`${words}: this host or its limits leave no process, open file or terminal`);
  }
}

/**
 * Why a child on a pty could not be executed, in the system's words; `undefined` if it was. Between fork and exec node-pty
 * can only print on the child's own terminal and end with 1.
 *
 * @param output all that came from it, as text.
 */
export function executionFailure(output: string, { code, signal }: Exit): string | undefined {
  if (code !== 1 || signal !== 0) return undefined;
  const words = /^execvp\(3\) failed\.?: *(.+)/.exec(output)?.[1]?.trim();
  // The file itself was there a moment ago.
  return words?.replace(/^No such file or directory$/, '$& (the interpreter in its first line?)');
}

/**
 * Keeps the child's side of its terminal open until the child is gone and its last words were told. Else the kernel
 * reports a hang-up together with the first of them, libuv takes that for the end, and what follows is lost: the summary
 * of one ping in 40 on a busy machine (measured). Returns what ends it.
 */
function holdOpen(child: IPty, tell: (bytes: Buffer) => void): () => void {
  const { ptsName, fd } = child as unknown as { readonly ptsName: string; readonly fd: number };
  let held: number | undefined;
  try {
    held = fs.openSync(ptsName, fs.constants.O_RDWR | fs.constants.O_NOCTTY);
  } catch {
    // A /dev without pts: then it is as it was.
    return () => undefined;
  }
  const letGo = () => {
    if (held !== undefined) fs.closeSync(held);
    held = undefined;
  };
  // Node-pty notes here that the child is gone. Its event comes only when the terminal is closed, or 200 ms later.
  let gone = false;
  Object.defineProperty(child, '_boundClose', {
    get: () => gone,
    set: () => {
      gone = true;
      if (held === undefined) return;
      for (const bytes of unread(fd)) tell(bytes);
      letGo();
    },
  });
  return letGo;
}

/** What stands in a terminal, at once: before it says that there is nothing, the kernel hands over all that was written. */
function* unread(fd: number): Generator<Buffer> {
  const piece = Buffer.alloc(4096);
  for (let count = 0; count < LAST_WORDS_PIECES; count += 1) {
    let length: number;
    try {
      length = fs.readSync(fd, piece);
    } catch {
      // EAGAIN.
      return;
    }
    yield Buffer.from(piece.subarray(0, length));
  }
}

function runCommand(file: string, args: readonly string[], options: RunOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawnChild(file, args, {
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const collect = (text: string) => {
      if (output.length < RUN_OUTPUT_LIMIT) output += text;
    };
    // Where no open file is left there are none, whatever the types say.
    const pipes = [child.stdout, child.stderr].filter((pipe) => pipe !== undefined);
    for (const pipe of pipes) pipe.setEncoding('utf8').on('data', collect);
    const closePipes = () => {
      for (const pipe of pipes) pipe.destroy();
    };
    const end = () => {
      if (child.pid !== undefined) kill(-child.pid, 'SIGKILL');
      clearTimeout(timer);
      timer = setTimeout(() => {
        child.unref();
        closePipes();
        settle();
        resolve({ code: null, output: output.slice(0, RUN_OUTPUT_LIMIT) });
      }, RUN_KILL_MS);
    };
    let timer = setTimeout(end, options.timeoutMs);
    options.signal?.addEventListener('abort', end, { once: true });
    if (options.signal?.aborted) end();
    const settle = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', end);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('exit', () => {
      settle();
      // A daemon that the command leaves behind may hold its pipes for ever.
      timer = setTimeout(closePipes, RUN_DRAIN_MS);
    });
    child.once('close', (code) => {
      settle();
      resolve({ code, output: output.slice(0, RUN_OUTPUT_LIMIT) });
    });
  });
}

/**
 * The real machine.
 *
 * @param environment the environment that children see and commands are looked up in.
 */
export function realSystem(environment: Readonly<Record<string, string>>): System {
  const find = (command: string) =>
    findCommand(command, environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin');
  return {
    hostname: os.hostname(),
    pid: process.pid,
    uid: process.getuid?.() ?? -1,
    env: environment,
    files: fs,
    now: () => new Date(),
    monotonic: () => performance.now(),
    sleep,
    bootId: () => {
      try {
        return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      } catch {
        return '';
      }
    },
    resolve: (host) =>
      lookup(host, { all: true, verbatim: true }).then(
        (all) => all.map(({ address }) => address),
        () => [],
      ),
    findCommand: find,
    spawnPty: openPty,
    run: runCommand,
    listPids: async () => {
      // The error that ps-list would give names no file: "no such file or directory".
      if (find('ps') === undefined) throw new Error('the command ps is not in PATH');
      const pids = (await psList()).map((entry) => entry.pid);
      // BusyBox's ps knows none of the options and ps-list then resolves to an empty list (measured).
      if (!pids.includes(process.pid)) throw new Error('ps does not list this process: procps is needed');
      return pids;
    },
    pidsInProc,
    readStat,
    readProcess,
    hasInEnvironment,
    kill,
  };
}
