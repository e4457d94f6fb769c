import { LOGIN_WAIT_MS } from '../model/limits.ts';
import { startDeadline } from '../system/deadline.ts';
import { Gate } from '../system/gate.ts';
import type { Clock } from '../system/place.ts';

/** How often the processor time of a log-in is read, in ms. */
const LOOK_EVERY_MS = 250;
/** A log-in gives its place back if it has used less than `share` of a processor for `ms`: it waits for its network. */
const IDLE = { ms: 1000, share: 0.1 } as const;
/** A log-in gives its place back after this time in any case, in ms: a Java client needs 3 s of a processor to start. */
const LONGEST_MS = 5000;

/**
 * Limits how many log-ins use the processors at the same time, so that those that run at once take as long as those that run one after
 * the other. 40 log-ins at once took 20 times as long, and those that passed such a gate as long as alone (measured).
 */
export class LoginGate {
  readonly #gate: Gate;

  /** @param processors of this host: there is one place for each two. */
  constructor(processors: number) {
    this.#gate = new Gate(Math.max(1, Math.floor(processors / 2)));
  }

  /**
   * Waits for a place, in the order of the calls, for {@link LOGIN_WAIT_MS} at most. Rejects with the reason of `signal`.
   *
   * @returns gives the place back. A second call does nothing.
   */
  async enter(clock: Clock, signal: AbortSignal): Promise<() => void> {
    const waiting = startDeadline(clock, LOGIN_WAIT_MS, signal);
    try {
      return await this.#gate.enter(waiting.signal);
    } catch (error) {
      if (!waiting.expired()) throw error;
      return () => {};
    } finally {
      waiting.end();
    }
  }
}

/** Resolves when a log-in that has just begun leaves the processors to others, or with an abort of `over`. Never rejects. */
export async function untilIdle(clock: Clock, busyMs: () => number, over: AbortSignal): Promise<void> {
  const looks: number[] = [busyMs()];
  for (let passed = 0; passed < LONGEST_MS; passed += LOOK_EVERY_MS) {
    try {
      await clock.sleep(LOOK_EVERY_MS, over);
    } catch {
      return;
    }
    looks.push(busyMs());
    const [first = 0] = looks.slice(-1 - IDLE.ms / LOOK_EVERY_MS);
    if (looks.length > IDLE.ms / LOOK_EVERY_MS && (looks.at(-1) ?? 0) - first < IDLE.ms * IDLE.share) return;
  }
}
