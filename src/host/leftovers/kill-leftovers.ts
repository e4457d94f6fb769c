import type { OwnProcess } from '../../clients/profile.ts';
import type { Log } from '../../log/log.ts';
import { END_LEFTOVERS_MS, TERM_GRACE_MS } from '../../model/limits.ts';
import type { HostFaultKind } from '../../model/test-result.ts';
import { type Deadline, startDeadline } from '../../system/deadline.ts';
import type { Place } from '../../system/place.ts';
import { identityOf } from '../../system/process-identity.ts';
import { endProcesses } from './end-processes.ts';
import { findLeftovers, type Leftover } from './find-leftovers.ts';
import { listPids } from './list-pids.ts';
import { nameOf } from './own-process.ts';

/**
 * Passes before giving up on a process that keeps coming back; one pass is not enough, since what is killed may have
 * forked.
 */
const MOST_PASSES = 5;

/** What became of a client's left-over processes. */
export type Leftovers =
  /** None is left. */
  | { readonly clean: true }
  /** `ps`: it is not known whether there are any. `cleaning`: some could not be ended. `why` says more, printable. */
  | {
      readonly clean: false;
      readonly fault: Extract<HostFaultKind, 'ps' | 'cleaning'>;
      readonly why: string;
    };

/** Which processes to end, and how. */
export interface LeftoverOptions {
  /** In the order of the kill; none: nothing is looked at. */
  readonly processes: readonly OwnProcess[];
  /** Seconds to wait after something was killed, for the gateway to notice. */
  readonly settleSeconds: number;
  /** Cuts it short, also in the middle: a clean-up that must run to its end needs a signal of its own. */
  readonly signal: AbortSignal;
}

/**
 * Ends what a client left running: all of it in one pass, SIGTERM and then SIGKILL. Rejects only with the signal's
 * reason, when that is aborted.
 */
export type KillLeftovers = (options: LeftoverOptions) => Promise<Leftovers>;

/**
 * Makes a {@link KillLeftovers} that remembers from call to call what it could not end: that is said in the log once,
 * and not waited for again.
 *
 * @param onKilled told how many were killed, if any were.
 */
export function leftoverKiller(place: Place, log: Log, onKilled: (count: number) => void): KillLeftovers {
  const hopeless = new Map<string, string>();
  return async ({ processes, settleSeconds, signal }) => {
    if (processes.length === 0) return { clean: true };
    const deadline = startDeadline(place, END_LEFTOVERS_MS, signal);
    const killed = new Set<string>();
    let result: Leftovers;
    try {
      result = await killAll(place, log, processes, { killed, hopeless }, deadline);
    } catch (error) {
      if (!deadline.expired()) throw error;
      return failed('cleaning', `left-over processes could not be ended within ${END_LEFTOVERS_MS / 1000} s`);
    } finally {
      deadline.end();
      if (killed.size > 0) onKilled(killed.size);
    }
    if (result.clean && killed.size > 0) await place.sleep(settleSeconds * 1000, signal);
    return result;
  };
}

async function killAll(
  place: Place,
  log: Log,
  processes: readonly OwnProcess[],
  { killed, hopeless }: { readonly killed: Set<string>; readonly hopeless: Map<string, string> },
  deadline: Deadline,
): Promise<Leftovers> {
  let termUntil: number | undefined;
  for (let pass = 0; ; pass += 1) {
    const listed = await listPids(place, deadline);
    if (!listed.ok) {
      return failed(
        'ps',
        deadline.expired() ? `ps ${listed.why}` : `ps can't list the processes: ${listed.why}`,
      );
    }
    const found = findLeftovers(place, processes, listed.value);
    const keys = new Set(found.map(keyOf));
    for (const key of hopeless.keys()) if (!keys.has(key)) hopeless.delete(key);
    if (found.length === 0) return { clean: true };
    const fresh = found.filter((leftover) => !hopeless.has(keyOf(leftover)));
    if (fresh.length === 0) return failed('cleaning', [...hopeless.values()].join('; '));
    if (pass === MOST_PASSES) {
      const names = [...new Set(fresh.map(({ own, process }) => nameOf(process, own)))].join(', ');
      return failed('cleaning', `${names} started again after each of ${MOST_PASSES} kills`);
    }
    // Counted once for the whole call.
    termUntil ??= place.monotonic() + TERM_GRACE_MS;
    const { signalled, staying } = await endProcesses(place, log, fresh, termUntil, deadline.signal);
    for (const leftover of signalled) killed.add(keyOf(leftover));
    for (const [leftover, why] of staying) hopeless.set(keyOf(leftover), why);
  }
}

function keyOf({ process }: Leftover): string {
  return identityOf(process);
}

function failed(fault: 'ps' | 'cleaning', why: string): Leftovers {
  return { clean: false, fault, why };
}
