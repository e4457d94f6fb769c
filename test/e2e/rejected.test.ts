import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

worldTest(
  'rejected credentials are not tried again for a while, also over a restart; once tries them',
  async ({ world }) => {
    await world.mailServer();
    world.config({ site1: 'rejects' }, 'frequency: 1\nlogin: { rejected_retry_minutes: 60 }');
    const attempts = () => world.typed().filter((line) => line.startsWith('password=')).length;
    const notTried = () => world.log().split('site1: not tried, rejected at').length - 1;

    for (const seen of [2, 4]) {
      const monitor = world.monitor();
      await until('it was not tried', () => notTried() >= seen && world.mails().length > 0);
      await stop(monitor);
    }
    expect(attempts()).toBe(1);
    for (const row of world.csv().slice(1))
      expect(row).toMatch(/,site1,FAILURE,\d+\.\d{3},ERROR,\d+\.\d{3}$/);

    const [first, second] = world.log().match(/(?<= - ERROR - )Cause: .*/g) ?? [];
    expect(first).toBe(
      'Cause: credentials-rejected. site1: the gateway answers pings and rejects the credentials (Login failed.)',
    );
    expect(second).toMatch(
      /^Cause: not-tried\. site1: the gateway answers pings and was not logged in at \(not tried, rejected at \d\d:\d\d\)$/,
    );
    expect(world.mails()).toHaveLength(1);
    expect(world.mails()[0]).toContain(`\n\n${second?.replace('Cause: not-tried. ', '')}\n`);
    expect(world.mails()[0]).toContain('\nCause:         not-tried\n');
    expect(world.mails()[0]).toContain('\nRepeated rejections may lock the account:\n');

    const once = world.monitor(['once']);
    expect(await once.ended, once.stderr()).toBe(1);
    expect(attempts()).toBe(2);
  },
);
