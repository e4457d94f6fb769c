import type { OwnProcess } from '../../clients/profile.ts';
import type { Place, ProcessInfo } from '../../system/place.ts';
import { identityOf, isRunning } from '../../system/process-identity.ts';
import { isOwn } from './own-process.ts';
import { spareCells } from './spare-cells.ts';

/** A running process of a client. */
export interface Leftover {
  /** The entry of the profile that it matches. */
  readonly own: OwnProcess;
  readonly process: ProcessInfo;
}

/**
 * Finds the running processes of clients, in the order of `processes`; never this process or one of its ancestors. Does not find
 * processes in cells, and hidden ones: those of a /proc that is mounted with hidepid, and from inside a container those outside. Finds
 * processes in containers like any other.
 *
 * @param pids all processes, from ps.
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
  return spareCells(place, found.flat(), pids);
}

/** Whether the same process still runs the client's program. Pids are reused. */
export function isStillThere(place: Place, { own, process }: Leftover): boolean {
  const now = place.readProcess(process.pid);
  return (
    now !== undefined && identityOf(now) === identityOf(process) && isRunning(now) && isOwn(place, now, own)
  );
}

function selfAndAncestors(place: Place): ReadonlySet<number> {
  const spared = new Set<number>();
  // The tree can change while it is read: a pid may appear twice, because an ancestor ended and its pid was reused.
  for (let pid = place.pid; pid > 0 && !spared.has(pid); pid = place.readProcess(pid)?.ppid ?? 0) {
    spared.add(pid);
  }
  return spared;
}
