import { reason } from '../../files/reason.ts';
import { type Deadline, unlessAborted } from '../../system/deadline.ts';
import type { System } from '../../system/system.ts';
import { printableLine } from '../../words/printable.ts';

/**
 * All pids, or in words (that may follow "ps: ") why ps does not say them: it may be missing, and it may hang, for it reads
 * the memory of processes that are stuck. Rejects only with the reason of the deadline's parent, when that is aborted.
 */
export async function listPids(system: System, deadline: Deadline): Promise<readonly number[] | string> {
  try {
    deadline.signal.throwIfAborted();
    return await unlessAborted(system.listPids(), deadline.signal);
  } catch (error) {
    if (deadline.expired()) return `did not answer within ${deadline.ms / 1000} s`;
    deadline.signal.throwIfAborted();
    return printableLine(reason(error));
  }
}
