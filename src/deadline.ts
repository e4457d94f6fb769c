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
