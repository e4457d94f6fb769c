import type { EventEmitter } from 'node:events';
import type { System } from '../system/system.ts';

/** A second signal counts only this long after the first, in ms: npx delivers one ^C twice. */
const SECOND_SIGNAL_MS = 1000;

/** Why the monitor is to end, and how fast. */
export interface Stop {
  /** Aborted, with a {@link Stopped}, when the running test is to be cut short; its host is still cleaned. */
  readonly signal: AbortSignal;
  /** Aborted when even that must end at once: a second signal, or the time for a stop is over. */
  readonly force: AbortSignal;
  /** Stops listening for signals. */
  end(): void;
}

/** The reason a stop's signals are aborted with. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly by: NodeJS.Signals;

  constructor(by: NodeJS.Signals) {
    super(`stopped by ${by}`);
    this.by = by;
  }
}

/** How signals are understood. */
export interface StopOptions {
  /** Called for SIGHUP; `undefined`: SIGHUP stops like SIGTERM, as for a program whose terminal is closed. */
  readonly onHangup: (() => void) | undefined;
  /** How long a stop may take, in ms; asked when it begins. */
  readonly limitMs: () => number;
}

/**
 * Listens for SIGTERM, SIGINT and SIGHUP on `signals` (the process). The first stops; a second one at least a second
 * later, or the end of the limit, forces it. Without options there is nothing to wait for: it is forced at once.
 */
export function listenForStop(
  signals: EventEmitter,
  system: System,
  options: StopOptions = { onHangup: undefined, limitMs: () => 0 },
): Stop {
  const stop = new AbortController();
  const force = new AbortController();
  const limit = new AbortController();
  let firstAt: number | undefined;
  const onStop = (by: NodeJS.Signals) => {
    const now = system.monotonic();
    if (firstAt === undefined) {
      firstAt = now;
      stop.abort(new Stopped(by));
      system.sleep(options.limitMs(), limit.signal).then(
        () => force.abort(new Stopped(by)),
        () => undefined,
      );
    } else if (now - firstAt >= SECOND_SIGNAL_MS) {
      force.abort(new Stopped(by));
    }
  };
  const onHangup = () => (options.onHangup ?? (() => onStop('SIGHUP')))();
  signals.on('SIGTERM', onStop);
  signals.on('SIGINT', onStop);
  signals.on('SIGHUP', onHangup);
  return {
    signal: stop.signal,
    force: force.signal,
    end: () => {
      limit.abort();
      signals.off('SIGTERM', onStop);
      signals.off('SIGINT', onStop);
      signals.off('SIGHUP', onHangup);
    },
  };
}

/** The exit status of a command that a stop cut short, as a shell gives it: 130 for SIGINT, else 143. */
export function signalStatus(stop: AbortSignal): number {
  return stop.reason instanceof Stopped && stop.reason.by === 'SIGINT' ? 130 : 143;
}
