import { KILL_GRACE_MS, TERM_GRACE_MS } from '../model/limits.ts';
import type { Terminal } from './expect.ts';

const LOOK_EVERY_MS = 50;

/**
 * Ends a child and whatever else is in its process group: SIGTERM, and SIGKILL to what is still there
 * {@link TERM_GRACE_MS} later. The group is the child's own (a pty's child leads a new session), so nothing else is
 * in it. An aborted `force` skips the grace. Never rejects for the signal: this is what an abort ends in.
 *
 * @returns whether nothing of it is left running.
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
      // Again: a group without its leader is signalled one by one, and may have forked meanwhile.
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
