import type { OwnProcess } from '../../clients/profile.ts';
import type { Place, ProcessInfo } from '../../system/place.ts';
import { identityOf, isRunning } from '../../system/process-identity.ts';
import { isOwn } from './own-process.ts';

/** A running process that is a client's own. */
export interface Leftover {
  /** What made it one. */
  readonly own: OwnProcess;
  readonly process: ProcessInfo;
}

/**
 * All that runs of a client, in the order of its profile. Never this process nor one of its ancestors. What hides from
 * us is not found: a /proc mounted with hidepid, and from within a container all that is outside. A process inside a
 * container is seen from the host and counts like any other.
 *
 * @param pids every process there is, as ps lists them.
 */
export function findLeftovers(
  place: Place,
  processes: readonly OwnProcess[],
  pids: readonly number[],
): readonly Leftover[] {
  const spared = selfAndAncestors(place);
  const found: Leftover[][] = processes.map(() => []);
  for (const pid of pids) {
    if (spared.has(pid)) continue;
    const process = place.readProcess(pid);
    if (process === undefined || !isRunning(process)) continue;
    const index = processes.findIndex((own) => isOwn(place, process, own));
    const own = processes[index];
    if (own) found[index]?.push({ own, process });
  }
  return found.flat();
}

/** Whether it is the same process as when it was found, still running the client's program: pids are reused. */
export function isStillThere(place: Place, { own, process }: Leftover): boolean {
  const now = place.readProcess(process.pid);
  return (
    now !== undefined && identityOf(now) === identityOf(process) && isRunning(now) && isOwn(place, now, own)
  );
}

function selfAndAncestors(place: Place): ReadonlySet<number> {
  const spared = new Set<number>();
  // A pid that comes a second time: an ancestor ended, its pid was reused, and the tree changed under us.
  for (let pid = place.pid; pid > 0 && !spared.has(pid); pid = place.readProcess(pid)?.ppid ?? 0) {
    spared.add(pid);
  }
  return spared;
}
