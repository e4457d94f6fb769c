import type { Log } from '../../log/log.ts';
import { KILL_GRACE_MS } from '../../model/limits.ts';
import { userName } from '../../rights/user-name.ts';
import { poll } from '../../system/deadline.ts';
import type { Place, SignalOutcome } from '../../system/place.ts';
import { isStillThere, type Leftover } from './find-leftovers.ts';
import { nameOf } from './own-process.ts';

const LOOK_EVERY_MS = 50;

/** The outcome of {@link endProcesses}. */
export interface Ended {
  /** The processes that received a signal. */
  readonly signalled: readonly Leftover[];
  /** The processes that still run, each with the reason. */
  readonly staying: ReadonlyMap<Leftover, string>;
}

/**
 * Ends processes in the given order: SIGTERM to all, then SIGKILL to those that still run at `termUntil`. Checks each process right
 * before each signal, so that a reused pid is never signalled. Logs what it found, killed and could not end. Rejects with the reason
 * of `signal`.
 *
 * @param termUntil when to send SIGKILL, on the monotonic clock, in ms.
 */
export async function endProcesses(
  place: Place,
  log: Log,
  leftovers: readonly Leftover[],
  termUntil: number,
  signal: AbortSignal,
): Promise<Ended> {
  for (const leftover of leftovers) log.critical(`${label(leftover)} was found to be running...`);

  const signalled: Leftover[] = [];
  const denied: Leftover[] = [];
  for (const leftover of leftovers) {
    const outcome = send(place, leftover, 'SIGTERM');
    if (outcome === 'denied') denied.push(leftover);
    if (outcome !== 'sent') continue;
    signalled.push(leftover);
    log.critical(`Killing ${label(leftover)}`);
  }
  let left: readonly Leftover[] = leftovers;
  if (signalled.length > 0) {
    // Includes those that we may not signal: they may end together with the others.
    left = await remaining(place, left, termUntil, signal);
    const outcomes = left.map((leftover) => send(place, leftover, 'SIGKILL'));
    if (outcomes.includes('sent')) {
      left = await remaining(place, left, place.monotonic() + KILL_GRACE_MS, signal);
    }
  }
  const staying = new Map<Leftover, string>();
  for (const leftover of left) {
    if (!isStillThere(place, leftover)) continue;
    const why = denied.includes(leftover)
      ? `belongs to ${userName(place, leftover.process.uid)}, whose processes this user may not kill`
      : 'is still there after SIGKILL';
    staying.set(leftover, `${label(leftover)} ${why}`);
    log.critical(`${label(leftover)} ${why}: end it by hand`);
  }
  return { signalled, staying };
}

function label({ own, process }: Leftover): string {
  return `Ps ${nameOf(process, own)} with pid ${process.pid}`;
}

function send(place: Place, leftover: Leftover, signal: NodeJS.Signals): SignalOutcome {
  return isStillThere(place, leftover) ? place.kill(leftover.process.pid, signal) : 'gone';
}

/** Waits until all processes have ended, or until the given time. Returns those that still run. */
async function remaining(
  place: Place,
  leftovers: readonly Leftover[],
  until: number,
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  let left = leftovers;
  await poll(place, { ms: until - place.monotonic(), everyMs: LOOK_EVERY_MS }, signal, () => {
    left = leftovers.filter((leftover) => isStillThere(place, leftover));
    return left.length === 0 || undefined;
  });
  return left;
}
