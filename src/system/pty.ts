import fs from 'node:fs';
import { type IPty, spawn } from 'node-pty';
import { failed, good, type Result } from '../model/result.ts';
import type { Exit, Pty, PtyOptions } from './place.ts';

/**
 * The size of every child's terminal. 512 columns: a client that edits lines would otherwise wrap its echo, and a secret with
 * it.
 */
export const TERMINAL = { columns: 512, rows: 24 } as const;

/** How many pieces of the last output are read at most: other processes on the terminal may write without end. */
const LAST_WORDS_PIECES = 64;

/** See {@link Place.spawnPty}. */
export function openPty(file: string, args: readonly string[], options: PtyOptions): Result<Pty> {
  const started = startOnPty(file, args, options);
  if (!started.ok) return started;
  const child = started.value;
  const listeners: ((bytes: Buffer) => void)[] = [];
  const emit = (bytes: Buffer) => {
    for (const listener of listeners) listener(bytes);
  };
  // With `encoding: null` node-pty delivers Buffers, whatever its types say: this copies their bytes.
  child.onData((data) => emit(Buffer.from(data)));
  const release = holdOpen(child, emit);
  let gone = false;
  child.onExit(() => {
    gone = true;
  });
  return good({
    pid: child.pid,
    onData: (listener) => void listeners.push(listener),
    onExit: (listener) =>
      void child.onExit(({ exitCode, signal }) => listener({ code: exitCode, signal: signal ?? 0 })),
    write: (text) => {
      // node-pty would print an error on stderr.
      if (!gone) child.write(text);
    },
    close: () => {
      release();
      // Not kill(): that sends one more SIGHUP and does not close the terminal.
      child.destroy();
    },
    notExecuted: executionFailure,
  });
}

/** Members of node-pty's Unix terminals that its types lack (1.2.0-beta.15, unixTerminal.js). */
interface UnixTerminal extends IPty {
  /** The path of the child's side. */
  readonly ptsName: string;
  /** The descriptor of our side. */
  readonly fd: number;
  destroy(): void;
}

function isUnixTerminal(child: IPty): child is UnixTerminal {
  return 'ptsName' in child && 'fd' in child && 'destroy' in child;
}

function startOnPty(file: string, args: readonly string[], { env }: PtyOptions): Result<UnixTerminal> {
  const { columns: cols, rows } = TERMINAL;
  const options = { name: 'dumb', cols, rows, cwd: '/', env: { ...env }, encoding: null };
  let child: IPty;
  try {
    child = spawn(file, [...args], options);
  } catch (error) {
    // node-pty gives no reason: "forkpty(3) failed."
    const words = `${error instanceof Error ? error.message : error}`.replace(/\.$/, '');
    return failed(`${words}: this host or its limits leave no process, open file or terminal`);
  }
  if (!isUnixTerminal(child)) throw new Error('node-pty is not the version that this program knows');
  return good(child);
}

/**
 * Why a child on a pty could not be executed, in the system's words; `undefined` if it was executed. Between fork and exec, node-pty
 * can only print on the child's terminal and exit with 1.
 *
 * @param output all its output, as text.
 */
export function executionFailure(output: string, { code, signal }: Exit): string | undefined {
  if (code !== 1 || signal !== 0) return undefined;
  const words = /^execvp\(3\) failed\.?: *(.+)/.exec(output)?.[1]?.trim();
  // findCommand has found the file itself.
  return words?.replace(/^No such file or directory$/, '$& (the interpreter in its first line?)');
}

/**
 * Keeps the child's side of its terminal open until the child has ended and its last output was read. Otherwise the kernel reports a
 * hang-up together with the first of that output, libuv takes it for the end, and the rest is dropped: the summary of one ping in 40 on
 * a busy machine (measured). Returns a function that closes it.
 */
function holdOpen(child: UnixTerminal, emit: (bytes: Buffer) => void): () => void {
  const { ptsName, fd } = child;
  let held: number | undefined;
  try {
    held = fs.openSync(ptsName, fs.constants.O_RDWR | fs.constants.O_NOCTTY);
  } catch {
    // A /dev without pts: the last output may be dropped.
    return () => undefined;
  }
  const release = () => {
    if (held !== undefined) fs.closeSync(held);
    held = undefined;
  };
  // node-pty sets this property when the child has ended. Its event comes only when the terminal is closed, or 200 ms later.
  let gone = false;
  Object.defineProperty(child, '_boundClose', {
    get: () => gone,
    set: () => {
      gone = true;
      if (held === undefined) return;
      for (const bytes of unread(fd)) emit(bytes);
      release();
    },
  });
  return release;
}

/** Reads all pending output of a pty without blocking. The kernel returns buffered data before EAGAIN. */
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
