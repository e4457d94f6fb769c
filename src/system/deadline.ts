import type { Clock } from './place.ts';

/**
 * The reason of an abort that only ends a wait. Without a reason Node makes a DOMException with its stack for each abort: 2 % of a
 * test's own CPU time (measured).
 */
export const WAIT_IS_OVER = new Error('the wait is over');

/** A deadline. Its `signal` is aborted when the time is over, or with its parent. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Its duration, in ms. */
  readonly ms: number;
  /** Whether the time ran out, and not the parent was aborted. */
  readonly expired: () => boolean;
  /** Frees the timer and the listener. */
  end(): void;
}

/**
 * Starts a deadline of `ms` milliseconds under `parent`. AbortSignal.any would leak memory on a long-lived parent, and
 * AbortSignal.timeout ignores an injected clock.
 */
export function startDeadline(clock: Clock, ms: number, parent: AbortSignal): Deadline {
  const controller = new AbortController();
  const timer = new AbortController();
  let expired = false;
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  parent.addEventListener('abort', follow, { once: true });
  clock.sleep(ms, timer.signal).then(
    () => {
      if (controller.signal.aborted) return;
      expired = true;
      controller.abort(new Error(`deadline of ${ms} ms`));
    },
    () => undefined,
  );
  return {
    signal: controller.signal,
    ms,
    expired: () => expired,
    end: () => {
      parent.removeEventListener('abort', follow);
      timer.abort(WAIT_IS_OVER);
    },
  };
}

/**
 * Awaits a promise that can't be cancelled. Rejects with the reason of `signal` as soon as that is aborted; the promise then continues
 * unobserved.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp = () => {};
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason);
  });
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** Sleeps for `ms`, or until `wake` is aborted. Rejects with the reason of `stop`. */
export async function sleepUntil(
  clock: Clock,
  ms: number,
  wake: AbortSignal,
  stop: AbortSignal,
): Promise<void> {
  stop.throwIfAborted();
  if (wake.aborted) return;
  const sleep = new AbortController();
  const end = () => sleep.abort(WAIT_IS_OVER);
  wake.addEventListener('abort', end, { once: true });
  stop.addEventListener('abort', end, { once: true });
  try {
    await clock.sleep(ms, sleep.signal);
  } catch (error) {
    if (!sleep.signal.aborted) throw error;
  } finally {
    wake.removeEventListener('abort', end);
    stop.removeEventListener('abort', end);
  }
  stop.throwIfAborted();
}

/**
 * Calls `look` every `everyMs` until it returns a value, for the last time after `ms`. Rejects with the reason of `signal`.
 *
 * @param look gets the remaining time in ms; 0 for the last call.
 * @returns the value of the last call; `undefined` if no call returned one.
 */
export async function poll<T>(
  clock: Clock,
  { ms, everyMs }: { readonly ms: number; readonly everyMs: number },
  signal: AbortSignal,
  look: (leftMs: number) => T | undefined | Promise<T | undefined>,
): Promise<T | undefined> {
  const until = clock.monotonic() + ms;
  for (;;) {
    const left = Math.max(0, until - clock.monotonic());
    const found = await look(left);
    if (found !== undefined || left === 0) return found;
    await clock.sleep(everyMs, signal);
  }
}
