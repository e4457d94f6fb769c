import type { Holder, Lock } from '../lock/lock.ts';
import type { Progress } from '../model/progress.ts';
import { STAGE_NAMES } from '../model/test-result.ts';
import type { System } from '../system/system.ts';

/** Makes the lock of the results folder say what the monitor is doing, for `status`. `holder` is what it said at its start. */
export function holderProgress(lock: Lock, holder: Holder, { now }: Pick<System, 'now'>): Progress {
  const doing = (words: string) => lock.describe({ ...holder, doing: words });
  return (event) => {
    switch (event.kind) {
      case 'cycle':
        return lock.describe(holder);
      case 'cleaning':
        return doing(`testing ${event.site}: checking the host`);
      case 'stage':
        return doing(`testing ${event.site}: ${STAGE_NAMES[event.stage - 1]}`);
      case 'logging-out':
        return doing(`testing ${event.site}: logging out`);
      case 'waiting-for-host':
        return doing(`waiting for ${event.holder} before testing ${event.site}`);
      case 'idle':
        return lock.describe({
          ...holder,
          next: new Date(now().getTime() + event.seconds * 1000).toISOString(),
        });
      case 'finished':
      case 'end':
        return lock.describe(holder);
    }
  };
}
