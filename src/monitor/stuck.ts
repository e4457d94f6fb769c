import type { Config } from '../config/config.ts';
import type { Progress } from '../model/progress.ts';
import { DONE, failed, type Result } from '../model/result.ts';
import { longestStepMs } from './deadlines.ts';

/** Whether the monitor's loop makes progress. */
export interface Steps {
  /** Receives the events of the loop; each event is a step. */
  readonly progress: Progress;
  /** Fails if the loop is stuck: says since when. */
  health(): Result;
}

/** Watches the steps of the loop. Each step has a deadline, so a loop without a step for longer than the longest deadline is stuck. */
export function watchSteps(monotonic: () => number, config: () => Config): Steps {
  let last = monotonic();
  let waitMs = 0;
  return {
    progress: (event) => {
      last = monotonic();
      waitMs = event.kind === 'idle' ? event.seconds * 1000 : 0;
    },
    health: () => {
      const silentMs = monotonic() - last;
      const limitMs = waitMs + longestStepMs(config());
      if (silentMs <= limitMs) return DONE;
      return failed(
        `no progress for ${(silentMs / 1000).toFixed(0)} s; the longest step takes ${(limitMs / 1000).toFixed(0)} s`,
      );
    },
  };
}
