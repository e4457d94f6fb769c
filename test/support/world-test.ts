import { test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from './monitored-world.ts';
import { worldUnavailable } from './world.ts';

const reason = worldUnavailable();
/** How much of the log a failure shows. */
const LOG_LINES = 30;

/** A test in a world of its own, which ends with it. Where there can't be a world it is skipped, and says why. */
export const worldTest = test.extend<{ world: MonitoredWorld }>({
  world: async ({ skip, onTestFailed, task }, use) => {
    skip(reason !== undefined, reason);
    const world = createMonitoredWorld();
    let log = '';
    onTestFailed(() => {
      for (const error of task.result?.errors ?? [])
        error.message += `\nThe end of the monitor's log:\n${log}`;
    });
    try {
      await use(world);
    } finally {
      const lines = world
        .log()
        .split('\n')
        .filter((line) => line.startsWith('='));
      log = lines.slice(-LOG_LINES).join('\n');
      world.end();
    }
  },
});
