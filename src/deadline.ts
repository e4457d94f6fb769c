import type { System } from './system.ts';

/** A span of time with an end: its `signal` is aborted when the time is up, or with its parent. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether the time ran out (and not the parent aborted). */
  readonly struck: () => boolean;
  /** Frees the timer and the listener. */
  end(): void;
}

/**
 * Starts a deadline of `ms` milliseconds under `parent`. Not AbortSignal.any and not AbortSignal.timeout: the one keeps
 * a trace on a long-lived parent, the other knows no injected clock.
 */
export function startDeadline(system: System, ms: number, parent: AbortSignal): Deadline {
  const controller = new AbortController();
  const timer = new AbortController();
  let struck = false;
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  parent.addEventListener('abort', follow, { once: true });
  system.sleep(ms, timer.signal).then(
    () => {
      if (controller.signal.aborted) return;
      struck = true;
      controller.abort(new Error(`deadline of ${ms} ms`));
    },
    () => undefined,
  );
  return {
    signal: controller.signal,
    struck: () => struck,
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
