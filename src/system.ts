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

/** What {@link System.spawnPty} takes beside the command. */
export interface PtyOptions {
  readonly env: Readonly<Record<string, string>>;
}

/** A process as /proc shows it (proc(5)). Together `pid` and `startTicks` name one process, also after the pid was reused. */
export interface ProcessInfo {
  readonly pid: number;
  /** The kernel's name of it: field 2 of /proc/PID/stat, at most 15 bytes. */
  readonly name: string;
  /** The command line, split at its NULs; empty for kernel threads and zombies. */
  readonly args: readonly string[];
  /** One letter: R, S, D, Z (zombie), X (dead), T, ... */
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  /** Clock ticks from boot to its start: field 22 of /proc/PID/stat. */
  readonly startTicks: number;
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
  /** Starts `file` (absolute) on a new pty. Config values are arguments, never a shell's text. */
  spawnPty(file: string, args: readonly string[], options: PtyOptions): Pty;
  /** Runs a short command without a terminal and without a shell, to its end or its deadline. Rejects when it can't be started. */
  run(file: string, args: readonly string[], options: RunOptions): Promise<CommandResult>;
  /** The pids of all processes, from ps. Rejects when ps is missing or its answer can't be trusted (BusyBox). */
  listPids(): Promise<readonly number[]>;
  /** One process, or `undefined` if it is gone. */
  readProcess(pid: number): ProcessInfo | undefined;
  /** Whether a process was started with this entry (`NAME=value`) in its environment; false where that can't be read. */
  hasInEnvironment(pid: number, entry: string): boolean;
  /** Signals a process, or with a negative pid a process group; signal 0 only asks. A zombie still counts as there. */
  kill(pid: number, signal: NodeJS.Signals | 0): SignalOutcome;
}

/** A child on a terminal has said all if nothing has come for this long after its end, in ms. */
const LAST_WORDS_MS = 5;
const RUN_OUTPUT_LIMIT = 64 * 1024;
/** What a command has written is read for this long after its end, in ms. */
const RUN_DRAIN_MS = 200;

/** Reads one process from /proc; `undefined` if it is gone or hidden. The name may hold any byte, `)` too: split at the last one. */
function readProcess(pid: number): ProcessInfo | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const close = stat.lastIndexOf(')');
    const fields = stat.slice(close + 2).split(' ');
    const cmdline = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return {
      pid,
      name: stat.slice(stat.indexOf('(') + 1, close),
      args: cmdline === '' ? [] : cmdline.replace(/\0$/, '').split('\0'),
      state: fields[0] ?? 'X',
      ppid: Number(fields[1]),
      pgrp: Number(fields[2]),
      startTicks: Number(fields[19]),
      uid: fs.statSync(`/proc/${pid}`).uid,
    };
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
  // 512 columns: a client that edits lines would else wrap its echo, and a secret with it.
  const child = spawnPty(file, [...args], {
    name: 'dumb',
    cols: 512,
    rows: 24,
    cwd: '/',
    env: { ...options.env },
    encoding: null,
  });
  const letGo = holdOpen(child);
  let gone = false;
  child.onExit(() => {
    gone = true;
  });
  return {
    pid: child.pid,
    // With `encoding: null` node-pty delivers Buffers, whatever its types say.
    onData: (listener) => void child.onData((data) => listener(data as unknown as Buffer)),
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

/**
 * Keeps the child's side of its terminal open until the child is gone and its last words are read. Else the kernel
 * reports a hang-up together with the first of them, libuv takes that for the end, and what follows is lost: the summary
 * of one ping in 40 on a busy machine (measured). Returns what ends it.
 */
function holdOpen(child: IPty): () => void {
  const { ptsName } = child as unknown as { readonly ptsName: string };
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
  let heard = false;
  child.onData(() => {
    heard = true;
  });
  const letGoWhenQuiet = () => {
    if (!heard) return letGo();
    heard = false;
    setTimeout(letGoWhenQuiet, LAST_WORDS_MS);
  };
  // Node-pty notes here that the child is gone. Its event comes only when the terminal is closed, or 200 ms later.
  let gone = false;
  Object.defineProperty(child, '_boundClose', {
    get: () => gone,
    set: () => {
      gone = true;
      setTimeout(letGoWhenQuiet, LAST_WORDS_MS);
    },
  });
  return letGo;
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
    const pipes = [child.stdout, child.stderr];
    for (const pipe of pipes) pipe.setEncoding('utf8').on('data', collect);
    const end = () => {
      if (child.pid !== undefined) kill(-child.pid, 'SIGKILL');
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
      timer = setTimeout(() => {
        for (const pipe of pipes) pipe.destroy();
      }, RUN_DRAIN_MS);
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
    readProcess,
    hasInEnvironment,
    kill,
  };
}
