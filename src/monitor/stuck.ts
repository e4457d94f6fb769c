import type { Config } from '../config/config.ts';
import type { Progress } from '../model/progress.ts';
import { longestStepMs } from './deadlines.ts';

/** Whether the monitor's loop makes progress. */
export interface Steps {
  /** Each event is a step. */
  readonly progress: Progress;
  /** Why the loop is thought to be stuck, in words; `null`: it is not. */
  stuck(): string | null;
}

/**
 * Watches the steps of the loop. Every step has a deadline of its own, so that a loop without a step for longer than the
 * longest of them is stuck.
 */
export function watchSteps(monotonic: () => number, config: () => Config): Steps {
  let last = monotonic();
  let waitMs = 0;
  return {
    progress: (event) => {
      last = monotonic();
      waitMs = event.kind === 'idle' ? event.seconds * 1000 : 0;
    },
    stuck: () => {
      const silentMs = monotonic() - last;
      const limitMs = waitMs + longestStepMs(config());
      if (silentMs <= limitMs) return null;
      return `no progress for ${(silentMs / 1000).toFixed(0)} s, where ${(limitMs / 1000).toFixed(0)} s are the most to be expected`;
    },
  };
}
