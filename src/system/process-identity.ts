import type { ProcessStat } from './place.ts';

/** Whether a process runs. A zombie does not, although signal 0 still reaches it: it waits for its parent to reap it. */
export function isRunning(process: ProcessStat): boolean {
  return !'ZX'.includes(process.state);
}

/** Identifies a process among all of this boot, also those that reuse its pid. */
export function identityOf({ pid, startTicks }: ProcessStat): string {
  return `${pid} ${startTicks}`;
}
