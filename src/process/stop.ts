import type { EventEmitter } from 'node:events';
import type { System } from '../system/system.ts';

/** A second signal counts only this long after the first, in ms: npx delivers one ^C twice. */
const SECOND_SIGNAL_MS = 1000;

/** A requested stop. Both signals are aborted with a {@link Stopped}. */
export interface Stop {
  /** Aborted at the first signal: interrupts the running test, then the host is cleaned. */
  readonly signal: AbortSignal;
  /** Aborted when the stop is forced: by a second signal, or when its time limit is over. */
  readonly force: AbortSignal;
  /** Stops listening for signals. */
  end(): void;
}

/** The abort reason of a stop. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly by: NodeJS.Signals;

  constructor(by: NodeJS.Signals) {
    super(`stopped by ${by}`);
    this.by = by;
  }
}

/** The options of {@link listenForStop}. */
export interface StopOptions {
  /** Called for SIGHUP; `undefined`: SIGHUP stops the program like SIGTERM, because its terminal was closed. */
  readonly onHangup: (() => void) | undefined;
  /** Returns how long a stop may take, in ms. Called when the stop begins. */
  readonly limitMs: () => number;
}

/**
 * Listens for SIGTERM, SIGINT and SIGHUP on `signals`. The first signal requests a stop. A second one, at least one second later, or
 * the end of the time limit forces it. Without options the stop is forced at once.
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

/** The exit status of a command that a signal interrupted, as in a shell: 130 for SIGINT, otherwise 143. */
export function signalStatus(stop: AbortSignal): number {
  return stop.reason instanceof Stopped && stop.reason.by === 'SIGINT' ? 130 : 143;
}
