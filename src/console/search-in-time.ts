import { Script } from 'node:vm';
import { failed, good, type Result } from '../model/result.ts';
import type { Place } from '../system/place.ts';

/** How long the search of a few lines may take, in ms. Useful patterns need microseconds. */
const SEARCH_MS = 1000;

/** How many files Node's watchdog opens for each call. If it can't, Node ends the program (measured, Node 20). */
const FILES_NEEDED = 4;

// A script sees only global values.
const JOB = Symbol.for('vpn-monitor search');
const runJob = new Script("globalThis[Symbol.for('vpn-monitor search')]()");

/**
 * Runs a job with regular expressions, and stops it after {@link SEARCH_MS}: an expression such as `(a+)+$` may never end. Node can
 * interrupt an expression only in a script with a timeout (node:vm), for which it starts a thread: a call costs 0.1 ms, and 1.5 ms on a
 * busy machine (measured).
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
    // The job has ended, so it is set.
    return result as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return { kind: 'failed', why: `a pattern takes more than ${SEARCH_MS / 1000} s to be looked for` };
  }
}

/**
 * Runs a job with the regular expressions of a client.
 *
 * @param timed whether they are a user's: nobody knows how long they take
 */
export function withPatterns<T>(timed: boolean, job: () => T, place: Pick<Place, 'canOpenFiles'>): Result<T> {
  if (!timed) return good(job());
  const done = searchInTime(() => ({ kind: 'done' as const, value: job() }), place);
  return done.kind === 'failed' ? failed(done.why) : good(done.value);
}
