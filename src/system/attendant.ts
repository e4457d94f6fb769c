import { spawn } from 'node:child_process';

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
}

/** Starts a command without a terminal and without a shell. See {@link Attendant}. */
export function attend(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Attendant {
  // A session of its own: ^C at the monitor's terminal is not for it.
  const child = spawn(file, args, { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let complaint = '';
  let pending = '';
  let hasEnded = false;
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
  };
}
