import type { Config } from '../config/config.ts';
import { longestStepMs } from '../longest-step.ts';
import type { Progress } from '../progress.ts';

/** Whether the monitor's loop goes on. */
export interface Steps {
  /** What the loop tells its progress: each call is a step. */
  readonly progress: Progress;
  /** Why the loop is thought to be stuck, in words; `null`: it goes on. */
  stuck(): string | null;
}

/**
 * Watches the steps of the loop on their way to `progress`. Every step has a deadline of its own, so that a loop without a
 * step for longer than the longest of them is stuck.
 */
export function watchSteps(progress: Progress, monotonic: () => number, config: () => Config): Steps {
  let last = monotonic();
  let waitMs = 0;
  const step = (untilNextMs = 0) => {
    last = monotonic();
    waitMs = untilNextMs;
  };
  return {
    progress: {
      cleaning: (site) => {
        step();
        progress.cleaning(site);
      },
      stage: (site, stage) => {
        step();
        progress.stage(site, stage);
      },
      loggingOut: (site) => {
        step();
        progress.loggingOut(site);
      },
      waitingForHost: (site, holder) => {
        step();
        progress.waitingForHost(site, holder);
      },
      finished: (result) => {
        step();
        progress.finished(result);
      },
      idle: (seconds) => {
        step(seconds * 1000);
        progress.idle(seconds);
      },
      end: () => {
        step();
        progress.end();
      },
    },
    stuck: () => {
      const silentMs = monotonic() - last;
      const limitMs = waitMs + longestStepMs(config());
      if (silentMs <= limitMs) return null;
      return `no progress for ${(silentMs / 1000).toFixed(0)} s, where ${(limitMs / 1000).toFixed(0)} s are the most to be expected`;
    },
  };
}
