import { KILL_GRACE_MS, TERM_GRACE_MS } from '../model/limits.ts';
import type { Terminal } from './expect.ts';

const LOOK_EVERY_MS = 50;

/**
 * Ends a child and its process group: SIGTERM, then SIGKILL after {@link TERM_GRACE_MS}. Only the child's own processes are in the
 * group, because the child of a pty leads a new session. An aborted `force` skips the grace period. Does not reject for an abort.
 *
 * @returns whether no process of the group runs any more.
 */
export async function terminate(child: Terminal, force: AbortSignal): Promise<boolean> {
  const { group, place } = child;
  const graces = [
    { signal: 'SIGTERM', ms: TERM_GRACE_MS },
    { signal: 'SIGKILL', ms: KILL_GRACE_MS },
  ] as const;
  for (const { signal, ms } of graces) {
    if (!group.running()) break;
    child.observed({ kind: 'signal', signal });
    group.signal(signal);
    const deadline = place.monotonic() + ms;
    while (place.monotonic() < deadline && group.running()) {
      if (signal === 'SIGTERM' && force.aborted) break;
      await nextLook(child);
      // Again: the processes of a group without its leader are signalled one by one, and one may have forked meanwhile.
      if (signal === 'SIGKILL') group.signal(signal);
    }
  }
  child.close();
  return !group.running();
}

/** Waits until it is time to look again: at once when the child itself ends. */
async function nextLook(child: Terminal): Promise<void> {
  if (child.exit === undefined) await child.ended(LOOK_EVERY_MS, new AbortController().signal);
  else await child.place.sleep(LOOK_EVERY_MS);
}
