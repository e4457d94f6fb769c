import type { OwnProcess } from '../../clients/profile.ts';
import type { Log } from '../../log/log.ts';
import { END_LEFTOVERS_MS, TERM_GRACE_MS } from '../../model/limits.ts';
import { DONE, failed, type Result } from '../../model/result.ts';
import type { HostFaultKind } from '../../model/test-result.ts';
import { type Deadline, startDeadline } from '../../system/deadline.ts';
import type { Place } from '../../system/place.ts';
import { identityOf } from '../../system/process-identity.ts';
import { endProcesses } from './end-processes.ts';
import { findLeftovers, type Leftover } from './find-leftovers.ts';
import { listPids, pidsFromProc } from './list-pids.ts';
import { nameOf } from './own-process.ts';

/** Passes before giving up on a process that starts again. One pass is not enough: a process may fork before it is killed. */
const MOST_PASSES = 5;

/**
 * Success if no leftover process runs any more. A failure has a printable reason and a fault. `ps`: it is unknown whether there are
 * leftovers. `cleaning`: some could not be ended.
 */
export type Leftovers = Result<
  undefined,
  string,
  { readonly fault: Extract<HostFaultKind, 'ps' | 'cleaning'> }
>;

/** Which processes to end, and how. */
export interface LeftoverOptions {
  /** In the order in which they are ended. If empty, nothing is done. */
  readonly processes: readonly OwnProcess[];
  /** Seconds to wait after a kill, for the gateway to notice the end of the session. */
  readonly settleSeconds: number;
  /** Interrupts the clean-up at any point. A clean-up that must finish needs a signal of its own. */
  readonly signal: AbortSignal;
  /** Where the processes are listed. `ps` takes 16 ms (measured). */
  readonly pids: 'ps' | 'proc';
}

/** Ends the leftover processes of clients, in one pass: SIGTERM, then SIGKILL. Rejects only with the reason of `signal`. */
export type KillLeftovers = (options: LeftoverOptions) => Promise<Leftovers>;

/**
 * Returns a {@link KillLeftovers} that remembers which processes it could not end. It logs them once and does not wait for them again.
 *
 * @param onKilled called with the number of killed processes, if there were any.
 */
export function leftoverKiller(place: Place, log: Log, onKilled: (count: number) => void): KillLeftovers {
  const unkillable = new Map<string, string>();
  return async ({ processes, settleSeconds, signal, pids }) => {
    if (processes.length === 0) return DONE;
    const deadline = startDeadline(place, END_LEFTOVERS_MS, signal);
    const killed = new Set<string>();
    let result: Leftovers;
    try {
      result = await killAll(place, log, { processes, pids }, { killed, unkillable }, deadline);
    } catch (error) {
      if (!deadline.expired()) throw error;
      return notClean(
        'cleaning',
        `leftover processes could not be ended within ${END_LEFTOVERS_MS / 1000} s`,
      );
    } finally {
      deadline.end();
      if (killed.size > 0) onKilled(killed.size);
    }
    if (result.ok && killed.size > 0) await place.sleep(settleSeconds * 1000, signal);
    return result;
  };
}

async function killAll(
  place: Place,
  log: Log,
  { processes, pids }: Pick<LeftoverOptions, 'processes' | 'pids'>,
  { killed, unkillable }: { readonly killed: Set<string>; readonly unkillable: Map<string, string> },
  deadline: Deadline,
): Promise<Leftovers> {
  let termUntil: number | undefined;
  for (let pass = 0; ; pass += 1) {
    const listed = pids === 'ps' ? await listPids(place, deadline) : pidsFromProc(place);
    if (!listed.ok && pids === 'proc') return notClean('cleaning', listed.why);
    if (!listed.ok) {
      return notClean(
        'ps',
        deadline.expired() ? `ps ${listed.why}` : `ps can't list the processes: ${listed.why}`,
      );
    }
    const found = findLeftovers(place, processes, listed.value);
    const keys = new Set(found.map(keyOf));
    for (const key of unkillable.keys()) if (!keys.has(key)) unkillable.delete(key);
    if (found.length === 0) return DONE;
    const fresh = found.filter((leftover) => !unkillable.has(keyOf(leftover)));
    if (fresh.length === 0) return notClean('cleaning', [...unkillable.values()].join('; '));
    if (pass === MOST_PASSES) {
      const names = [...new Set(fresh.map(({ own, process }) => nameOf(process, own)))].join(', ');
      return notClean('cleaning', `${names} started again after each of ${MOST_PASSES} kills`);
    }
    // One grace period for the whole call, not for each pass.
    termUntil ??= place.monotonic() + TERM_GRACE_MS;
    const { signalled, staying } = await endProcesses(place, log, fresh, termUntil, deadline.signal);
    for (const leftover of signalled) killed.add(keyOf(leftover));
    for (const [leftover, why] of staying) unkillable.set(keyOf(leftover), why);
  }
}

function keyOf({ process }: Leftover): string {
  return identityOf(process);
}

function notClean(fault: 'ps' | 'cleaning', why: string): Leftovers {
  return { ...failed(why), fault };
}
