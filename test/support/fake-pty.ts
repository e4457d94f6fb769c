import { good } from '../../src/model/result.ts';
import type { Exit, Pty } from '../../src/system/place.ts';
import { executionFailure } from '../../src/system/pty.ts';
import type { System } from '../../src/system/system.ts';

/** A scripted pty on a clock of its own: what arrives when, without a process. */
export interface ScriptedPty {
  readonly system: System;
  readonly typed: string[];
}

/** An event of the script: `after` ms since the one before. */
export type ScriptEvent =
  | { readonly after: number; readonly data: string | Uint8Array }
  | { readonly after: number; readonly exit: Exit };

/**
 * A system whose clock only moves when somebody sleeps, and whose pty plays `events`. Sleeping is instant: the next event
 * or the end of the sleep, whichever is earlier on the fake clock.
 */
export function scriptedPty(events: readonly ScriptEvent[]): ScriptedPty {
  let now = 1000;
  let due = now;
  const typed: string[] = [];
  const data: ((bytes: Buffer) => void)[] = [];
  const exits: ((exit: Exit) => void)[] = [];
  const queue = events.map((event) => {
    due += event.after;
    return { at: due, event };
  });
  const pty: Pty = {
    pid: 4242,
    onData: (listener) => void data.push(listener),
    onExit: (listener) => void exits.push(listener),
    write: (text) => void typed.push(text),
    close: () => undefined,
    notExecuted: executionFailure,
  };
  const system = {
    monotonic: () => now,
    spawnPty: () => good(pty),
    readStat: () => undefined,
    kill: () => 'gone',
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      const end = now + ms;
      for (;;) {
        await Promise.resolve();
        signal?.throwIfAborted();
        const next = queue[0];
        if (!next || next.at > end) {
          now = end;
          return;
        }
        queue.shift();
        now = Math.max(now, next.at);
        if ('data' in next.event) {
          const bytes = Buffer.from(next.event.data as string);
          for (const listener of data) listener(bytes);
        } else {
          for (const listener of exits) listener(next.event.exit);
        }
      }
    },
  } as unknown as System;
  return { system, typed };
}
