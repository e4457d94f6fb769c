import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Connections that wait to be taken over. A program that hangs takes none. */
const MOST_HANDED = 16;
/** The longest complaint that is kept, in characters. */
const COMPLAINT_LIMIT = 1000;

/** A command that runs beside the monitor. Its stdin ends with the monitor at the latest, even if that is killed. */
export interface Attendant {
  /** `undefined` if it could not be started. */
  readonly pid: number | undefined;
  /** Resolves when it has ended, or could not be started. */
  readonly ended: Promise<void>;
  /** What it has printed on stderr, or why it could not be started. */
  complaint(): string;
  /** Resolves with its next line on stdout; `undefined` if it ends without one. */
  nextLine(): Promise<string | undefined>;
  /** Resolves with what it prints next on stdout, a line or not; `undefined` if it ends without anything. */
  nextOutput(): Promise<string | undefined>;
  /** Writes to its stdin. Does nothing if it has ended. */
  write(text: string): void;
  /**
   * Gives it a connection, and what came over that already; it must have been started with `sockets` and be a Node program. Returns whether it
   * runs: then the connection is no longer ours.
   */
  handOver(socket: Socket, read: string): boolean;
}

/** How a command is started. */
export interface AttendOptions {
  /** Whether it can be given connections. */
  readonly sockets?: boolean;
}

/** Starts a command without a terminal and without a shell. See {@link Attendant}. */
export function attend(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { sockets = false }: AttendOptions = {},
): Attendant {
  // A session of its own: ^C at the monitor's terminal is not for it.
  const child = spawn(file, args, {
    env: { ...env },
    stdio: ['pipe', 'pipe', 'pipe', ...(sockets ? ['ipc' as const] : [])],
    detached: true,
  });
  let complaint = '';
  let pending = '';
  let hasEnded = false;
  let handed = 0;
  let wake = () => {};
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      hasEnded = true;
      wake();
      resolve();
    };
    child.once('error', (error) => {
      complaint += error.message;
      end();
    });
    child.once('exit', end);
  });
  // Despite their types they are undefined if no more files can be opened.
  child.stdin?.on('error', () => undefined);
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    pending += text;
    wake();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, COMPLAINT_LIMIT);
  });
  /** Waits until so many characters are to be taken, and takes them; `undefined` if it ends before. */
  const take = async (ready: () => number) => {
    for (;;) {
      const length = ready();
      if (length > 0) {
        const text = pending.slice(0, length);
        pending = pending.slice(length);
        return text;
      }
      if (hasEnded) return undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    pid: child.pid,
    ended,
    complaint: () => complaint.trim(),
    nextLine: async () => (await take(() => pending.indexOf('\n') + 1))?.slice(0, -1),
    nextOutput: () => take(() => pending.length),
    write: (text) => void child.stdin?.write(text),
    handOver: (socket, read) => {
      if (!child.connected || handed >= MOST_HANDED) return false;
      handed += 1;
      child.send(read, socket, (error) => {
        handed -= 1;
        // It has just ended.
        if (error) socket.destroy();
      });
      return true;
    },
  };
}
