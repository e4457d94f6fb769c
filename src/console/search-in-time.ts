import { Script } from 'node:vm';
import type { Place } from '../system/place.ts';

/** How long the search of a few lines may take, in ms: patterns of any use need microseconds. */
const SEARCH_MS = 1000;

/** What Node's watchdog opens for each call: without them it ends the whole program (measured, Node 20). */
const FILES_NEEDED = 4;

// A script sees what is global and nothing else.
const JOB = Symbol.for('vpn-monitor search');
const runJob = new Script("globalThis[Symbol.for('vpn-monitor search')]()");

/**
 * Does what a regular expression may make endless, such as `(a+)+$`, and gives it up after {@link SEARCH_MS}. Node can
 * interrupt a regular expression, but only within a script that was given a time (node:vm); a call costs 0.1 ms.
 */
export function searchInTime<T>(
  job: () => T,
  place: Pick<Place, 'canOpenFiles'>,
): T | { readonly kind: 'failed'; readonly why: string } {
  const openable = place.canOpenFiles(FILES_NEEDED);
  if (!openable.ok) return { kind: 'failed', why: `nothing can be searched (${openable.why})` };
  let result: T | undefined;
  Object.assign(globalThis, {
    [JOB]: () => {
      result = job();
    },
  });
  try {
    runJob.runInThisContext({ timeout: SEARCH_MS });
    // It was set: the job has come to its end.
    return result as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return { kind: 'failed', why: `a pattern takes more than ${SEARCH_MS / 1000} s to be looked for` };
  }
}
