import { test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from './monitored-world.ts';
import { worldUnavailable } from './world.ts';

const reason = worldUnavailable();

/** A test in a world of its own, which ends with it. Where there can't be a world it is skipped, and says why. */
export const worldTest = test.extend<{ world: MonitoredWorld }>({
  world: async ({ skip }, use) => {
    skip(reason !== undefined, reason);
    const world = createMonitoredWorld();
    try {
      await use(world);
    } finally {
      world.end();
    }
  },
});
