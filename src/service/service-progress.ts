import { ALIVE_EVERY_MS } from '../model/limits.ts';
import type { Progress } from '../model/progress.ts';
import { succeeded } from '../model/test-result.ts';
import type { System } from '../system/system.ts';
import { clockTime } from '../words/time.ts';
import type { Notifier } from './notify.ts';

/** The most names of sites in a status. */
const MOST_NAMES = 5;

/** The options of {@link serviceProgress}. */
export interface ServiceProgressOptions {
  readonly notifier: Pick<Notifier, 'send'>;
  readonly system: System;
  /** Whether systemd watches this service (WatchdogSec=). */
  readonly watched: boolean;
}

/**
 * Shows progress events in the service's status: the sites that are tested, and the last result. Each event also notifies the
 * watchdog. There is no timer for that, so that a loop that hangs sends nothing.
 */
export function serviceProgress({ notifier, system, watched }: ServiceProgressOptions): Progress {
  let last = '';
  let aliveAt = Number.NEGATIVE_INFINITY;
  /** The start of the next cycle on the monotonic clock, in ms, and the status that shows it. */
  let next: { readonly at: number; readonly status: string } | undefined;

  const step = (status?: string) => {
    const now = system.monotonic();
    const alive = watched && now - aliveAt >= ALIVE_EVERY_MS;
    if (alive) aliveAt = now;
    notifier.send({ ...(status === undefined ? {} : { status }), ...(alive ? { alive } : {}) });
  };
  /** The sites that are tested now. */
  const running = new Set<string>();
  const testing = () => {
    const names = [...running].slice(0, MOST_NAMES).join(', ');
    const others = running.size - MOST_NAMES;
    if (running.size === 1) return `testing ${names}`;
    return `testing ${running.size} sites: ${names}${others > 0 ? ` and ${others} more` : ''}`;
  };
  const withLast = (what: string) => (last === '' ? what : `${what}; last: ${last}`);
  return (event) => {
    switch (event.kind) {
      case 'cleaning':
        running.add(event.site);
        return step(withLast(testing()));
      case 'stage':
        // No helper process during a log-in: it would slow what is measured.
        if (event.stage !== 2) step();
        return;
      case 'logging-out':
        return step();
      case 'waiting-for-host':
        return step(withLast(`waiting for ${event.holder} before testing ${event.site}`));
      case 'waiting-for-code':
        return step(withLast(`waiting for a one-time code before the log-in at ${event.site}`));
      case 'finished': {
        const summary = succeeded(event.result) ? 'SUCCESS' : 'FAILURE';
        last = `${event.result.site} ${summary} at ${clockTime(system.now())}`;
        next = undefined;
        running.delete(event.result.site);
        return step(running.size === 0 ? undefined : withLast(testing()));
      }
      case 'idle': {
        running.clear();
        const ms = event.seconds * 1000;
        const at = system.monotonic() + ms;
        if (next === undefined || Math.abs(at - next.at) > 1000) {
          const start = new Date(system.now().getTime() + ms);
          next = { at, status: withLast(`next cycle at ${clockTime(start)}`) };
        }
        return step(next.status);
      }
      case 'cycle':
      case 'end':
        return;
    }
  };
}
