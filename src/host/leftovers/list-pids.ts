import { reason } from '../../files/reason.ts';
import { failed, good, type Result } from '../../model/result.ts';
import { type Deadline, unlessAborted } from '../../system/deadline.ts';
import type { Place } from '../../system/place.ts';
import { printableLine } from '../../words/printable.ts';

/**
 * Returns all pids, from ps. Fails if ps is missing or hangs (it reads the memory of processes, which may be stuck); the reason may
 * follow "ps: ". Rejects only with the reason of the deadline's parent.
 */
export async function listPids(place: Place, deadline: Deadline): Promise<Result<readonly number[]>> {
  try {
    deadline.signal.throwIfAborted();
    return good(await unlessAborted(place.listPids(), deadline.signal));
  } catch (error) {
    if (deadline.expired()) return failed(`did not answer within ${deadline.ms / 1000} s`);
    deadline.signal.throwIfAborted();
    return failed(printableLine(reason(error)));
  }
}

/** Returns all pids, from /proc. Fails if that can't be read, for example with too many open files. */
export function pidsFromProc(place: Place): Result<readonly number[]> {
  try {
    return good(place.pidsInProc());
  } catch (error) {
    return failed(`/proc can't be read: ${printableLine(reason(error))}`);
  }
}
