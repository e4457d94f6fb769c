import { failed } from '../model/result.ts';
import type { Clock, CommandResult, Place, Pty } from '../system/place.ts';

/** A machine without processes, files and network, but for one terminal. `ran` has what commands came to, one after the other. */
export function replayPlace(clock: Clock, pty: Pty, ran: readonly CommandResult[]): Place {
  const left = [...ran];
  const none = failed('there is no machine in a replay');
  return {
    ...clock,
    pid: 1,
    uid: 0,
    env: {},
    bootId: () => '',
    resolve: async () => [],
    findCommand: (command) => command,
    spawnPty: () => ({ ok: true, value: pty }),
    run: async () => left.shift() ?? { code: 1, output: '' },
    listPids: async () => [],
    pidsInProc: () => [],
    readStat: () => undefined,
    readProcess: () => undefined,
    hasInEnvironment: () => false,
    kill: () => 'gone',
    readFile: () => ({ state: 'missing' }),
    overwriteFile: () => none,
    putLink: () => none,
    putFile: () => none,
    listFolder: () => [],
    readLink: () => undefined,
    canOpenFiles: () => ({ ok: true, value: undefined }),
  };
}

/** Time that does not pass by itself: {@link ReplayClock.play} moves it on whenever all that waits, waits for it. */
export class ReplayClock implements Clock {
  #ms = 0;
  readonly #timers = new Set<{ readonly at: number; readonly fire: () => void }>();

  readonly now = (): Date => new Date(this.#ms);
  readonly monotonic = (): number => this.#ms;
  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const end = () => {
        this.#timers.delete(timer);
        signal?.removeEventListener('abort', abort);
      };
      const abort = () => {
        end();
        reject(signal?.reason);
      };
      const timer = {
        at: this.#ms + ms,
        fire: () => {
          end();
          resolve();
        },
      };
      this.#timers.add(timer);
      signal?.addEventListener('abort', abort, { once: true });
    });

  /** Awaits `work`, whose waits are all sleeps of this clock. */
  async play<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = () => {
      done = true;
    };
    work.then(end, end);
    for (;;) {
      // All that can go on without time does so before this.
      await new Promise((resolve) => setImmediate(resolve));
      if (done) return work;
      const [first] = [...this.#timers].sort((one, other) => one.at - other.at);
      if (first === undefined) throw new Error('a replay waits for something that never comes');
      this.#ms = Math.max(this.#ms, first.at);
      first.fire();
    }
  }
}
