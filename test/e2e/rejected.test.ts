import { afterEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld, until } from '../support/monitored-world.ts';
import { worldUnavailable } from '../support/world.ts';

const reason = worldUnavailable();
let world: MonitoredWorld;
afterEach(() => world?.end());

test('rejected credentials are not tried again for a while, also over a restart; once tries them', async ({
  skip,
}) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  world.config({ site1: 'rejects' }, 'frequency: 1\nlogin: { rejected_retry_minutes: 60 }');
  const attempts = () => world.typed().filter((line) => line.startsWith('password=')).length;
  const notTried = () => world.log().split('site1: not tried, rejected at').length - 1;

  for (const seen of [2, 4]) {
    const monitor = world.monitor();
    await until('it was not tried', () => notTried() >= seen);
    monitor.signal('SIGTERM');
    expect(await monitor.ended, monitor.stderr()).toBe(0);
  }
  expect(attempts()).toBe(1);
  for (const row of world.csv().slice(1)) expect(row).toMatch(/,site1,FAILURE,\d+\.\d{3},ERROR,\d+\.\d{3}$/);

  const once = world.monitor(['once']);
  expect(await once.ended, once.stderr()).toBe(1);
  expect(attempts()).toBe(2);
});
