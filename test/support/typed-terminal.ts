import { spawn } from 'node-pty';
import { onTestFinished } from 'vitest';
import { until } from './until.ts';

/** A program on a real terminal, at whose keyboard a test sits. */
export interface TypedTerminal {
  readonly pid: number;
  /** All that it has written, with its escape sequences. */
  output(): string;
  /** Types, as a keyboard does: `\r` is Enter, `\x03` is ^C, `\x04` is ^D. */
  type(keys: string): void;
  /** Waits until `text` was written since the last time, and gives what was written up to there. */
  shows(text: string): Promise<string>;
  /** Its exit status, or the signal that ended it. */
  readonly ended: Promise<number | `signal ${number}`>;
}

/** What of a terminal a test may choose. */
export interface TypedTerminalOptions {
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a program on a terminal of 200 columns; it is ended with the test. */
export function openTypedTerminal(
  file: string,
  args: readonly string[],
  { cwd = '/', env }: TypedTerminalOptions,
): TypedTerminal {
  const child = spawn(file, [...args], { name: 'xterm', cols: 200, rows: 50, cwd, env: { ...env } });
  let output = '';
  let seen = 0;
  let running = true;
  child.onData((text) => {
    output += text;
  });
  const ended = new Promise<number | `signal ${number}`>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      running = false;
      resolve(signal ? `signal ${signal}` : exitCode);
    });
  });
  onTestFinished(async () => {
    try {
      if (running) process.kill(child.pid, 'SIGKILL');
    } catch {
      // It has just ended; that only is not told yet.
    }
    await ended;
  });
  return {
    pid: child.pid,
    output: () => output,
    type: (keys) => child.write(keys),
    shows: async (text) => {
      const at = () => output.indexOf(text, seen);
      await until(
        `the terminal shows ${text}; it shows ${JSON.stringify(output.slice(seen))}`,
        () => at() >= 0,
      );
      const from = seen;
      seen = at() + text.length;
      return output.slice(from, seen);
    },
    ended,
  };
}
