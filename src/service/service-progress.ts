import type { Progress } from '../model/progress.ts';
import { succeeded } from '../model/test-result.ts';
import { ALIVE_EVERY_MS } from '../monitor/service-limits.ts';
import type { System } from '../system/system.ts';
import { clockTime } from '../words/time.ts';
import type { Notifier } from './notify.ts';

/** What {@link serviceProgress} needs. */
export interface ServiceProgressOptions {
  readonly notifier: Notifier;
  readonly system: System;
  /** Whether systemd ends a service that is silent. */
  readonly watched: boolean;
}

/**
 * The progress for systemd: which site is tested and what came last is the service's status, and each step of the loop feeds
 * the watchdog. No timer does: a loop that hangs is silent.
 */
export function serviceProgress({ notifier, system, watched }: ServiceProgressOptions): Progress {
  let last = '';
  let fedAt = Number.NEGATIVE_INFINITY;
  /** The start of the next cycle on the monotonic clock, in ms, and the status that says it. */
  let next: { readonly at: number; readonly status: string } | undefined;

  const step = (status?: string) => {
    const now = system.monotonic();
    const alive = watched && now - fedAt >= ALIVE_EVERY_MS;
    if (alive) fedAt = now;
    notifier.tell({ ...(status === undefined ? {} : { status }), ...(alive ? { alive } : {}) });
  };
  const withLast = (what: string) => (last === '' ? what : `${what}; last: ${last}`);
  return {
    cleaning: (site) => step(withLast(`testing ${site}`)),
    stage: (_, stage) => {
      // Beside a log-in no process runs that needs not: it would be a part of what is measured.
      if (stage !== 2) step();
    },
    loggingOut: () => step(),
    waitingForHost: (site, holder) => step(withLast(`waiting for ${holder} before testing ${site}`)),
    finished: (result) => {
      const summary = succeeded(result) ? 'SUCCESS' : 'FAILURE';
      last = `${result.site} ${summary} at ${clockTime(system.now())}`;
      next = undefined;
      step();
    },
    idle: (seconds) => {
      const at = system.monotonic() + seconds * 1000;
      if (next === undefined || Math.abs(at - next.at) > 1000) {
        const start = new Date(system.now().getTime() + seconds * 1000);
        next = { at, status: withLast(`next cycle at ${clockTime(start)}`) };
      }
      step(next.status);
    },
    end: () => undefined,
  };
}
