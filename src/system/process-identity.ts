import type { ProcessStat } from './place.ts';

/** Whether it runs. A zombie does not, though it still answers signal 0: it only waits for its parent. */
export function isRunning(process: ProcessStat): boolean {
  return !'ZX'.includes(process.state);
}

/** What no other process of this boot has, also one that gets the same pid later. */
export function identityOf({ pid, startTicks }: ProcessStat): string {
  return `${pid} ${startTicks}`;
}
