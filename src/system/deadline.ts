import type { Clock } from './place.ts';

/** A span of time with an end: its `signal` is aborted when the time is up, or with its parent. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** What it was started with. */
  readonly ms: number;
  /** Whether the time ran out (and not the parent aborted). */
  readonly expired: () => boolean;
  /** Frees the timer and the listener. */
  end(): void;
}

/**
 * Starts a deadline of `ms` milliseconds under `parent`. Not AbortSignal.any and not AbortSignal.timeout: the one keeps
 * a trace on a long-lived parent, the other knows no injected clock.
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
      timer.abort();
    },
  };
}

/**
 * What a promise comes to; rejects with the signal's reason as soon as that is aborted. For what can't be cancelled: it is
 * left to itself then.
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

/** Sleeps `ms`, or until `wake` is aborted if that is sooner. Rejects with the reason of `stop` when that is aborted. */
export async function sleepUntil(
  clock: Clock,
  ms: number,
  wake: AbortSignal,
  stop: AbortSignal,
): Promise<void> {
  stop.throwIfAborted();
  if (wake.aborted) return;
  const sleep = new AbortController();
  const end = () => sleep.abort();
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
 * Looks every `everyMs` until a look returns something, for the last time when `ms` are over. Rejects with the signal's
 * reason when that is aborted.
 *
 * @param look is told how many ms are left; 0: it is the last one.
 * @returns what the last look did: `undefined` if none found anything.
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
