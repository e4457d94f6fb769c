import fs from 'node:fs';
import { type IPty, spawn } from 'node-pty';
import { failed, good, type Result } from '../model/result.ts';
import type { Exit, Pty, PtyOptions } from './place.ts';

/**
 * The size of every child's terminal. 512 columns: a client that edits lines would otherwise wrap its echo, and a secret with
 * it.
 */
export const TERMINAL = { columns: 512, rows: 24 } as const;

/** What a child on a terminal has written is read at its end, in so many pieces at most: others may write for ever. */
const LAST_WORDS_PIECES = 64;

/** See {@link System.spawnPty}. */
export function openPty(file: string, args: readonly string[], options: PtyOptions): Result<Pty> {
  const started = startOnPty(file, args, options);
  if (!started.ok) return started;
  const child = started.value;
  const listeners: ((bytes: Buffer) => void)[] = [];
  const tell = (bytes: Buffer) => {
    for (const listener of listeners) listener(bytes);
  };
  // With `encoding: null` node-pty delivers Buffers, whatever its types say: this copies their bytes.
  child.onData((data) => tell(Buffer.from(data)));
  const letGo = holdOpen(child, tell);
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
      // node-pty would complain on stderr.
      if (!gone) child.write(text);
    },
    close: () => {
      letGo();
      // Its kill() would be one more SIGHUP and no end of the terminal.
      child.destroy();
    },
    notExecuted: executionFailure,
  });
}

/** What every Unix terminal of node-pty has, and none of its types says (1.2.0-beta.15, unixTerminal.js). */
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
    // All that node-pty says is "forkpty(3) failed."
    const words = `${error instanceof Error ? error.message : error}`.replace(/\.$/, '');
    return failed(`${words}: this host or its limits leave no process, open file or terminal`);
  }
  if (!isUnixTerminal(child)) throw new Error('node-pty is not the version that this program knows');
  return good(child);
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
function holdOpen(child: UnixTerminal, tell: (bytes: Buffer) => void): () => void {
  const { ptsName, fd } = child;
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
