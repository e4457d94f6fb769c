import { expect } from 'vitest';
import {
  clients,
  MOMENTS,
  momentNamed,
  QUIT_TIMEOUT,
  reach,
  reachMail,
  typedKeys,
} from '../support/moments.ts';
import type { MonitoredWorld } from '../support/monitored-world.ts';
import { until } from '../support/until.ts';
import type { WorldProcess } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

const FORCE = 'Ending at once, without waiting for the log-out';

/** Checks that a stop that was just asked for comes in time and leaves nothing behind. */
async function expectCleanEnd(world: MonitoredWorld, daemon: WorldProcess) {
  const asked = performance.now();
  expect(await daemon.ended, daemon.stderr()).toBe(0);
  expect((performance.now() - asked) / 1000).toBeLessThan(QUIT_TIMEOUT + 10);
  expect(clients(world)).toEqual([]);
  expect(world.read('resolv.conf')).toBe('nameserver 192.0.2.53\n');
  expect(world.log()).toMatch(/INFO - Stopped\n$/);
}

async function expectOrderlyEnd(world: MonitoredWorld, daemon: WorldProcess) {
  await expectCleanEnd(world, daemon);
  expect(world.log()).not.toContain(FORCE);
}

for (const moment of MOMENTS) {
  worldTest(
    `SIGTERM while ${moment.name}: the orderly end, and no row of a test that is cut`,
    async ({ world }) => {
      const daemon = await reach(moment, world);
      daemon.signal('SIGTERM');
      await expectOrderlyEnd(world, daemon);
      expect(world.csv().slice(1)).toHaveLength(moment.tested ? 1 : 0);
      expect(typedKeys(world, moment.site.vpn_gw)).toEqual(
        moment.loggedIn ? [...moment.typed, 'line'] : moment.typed,
      );
      if (moment.loggedIn) expect(world.typed().at(-1)).toBe('line=quit');
    },
  );
}

worldTest('SIGTERM in the pause before typing: the prompt stays unanswered', async ({ world }) => {
  const gateway = 'stops-at-the-prompt';
  const daemon = await reach(
    { name: 'it has started', site: { vpn_gw: gateway }, reached: () => true, typed: [] },
    world,
  );
  await until('the monitor has stopped', () => world.log().includes('Stopped'));
  // nsenter stops with the program that it has started, and is not continued with it.
  daemon.child.kill('SIGCONT');
  expect(await daemon.ended, daemon.stderr()).toBe(0);
  expect(typedKeys(world, gateway)).toEqual(['args']);
  expect(world.csv()).toEqual([]);
});

worldTest(
  'SIGTERM while a mail server keeps it waiting: the orderly end, and the mail is kept',
  async ({ world }) => {
    world.config({ site1: 'rejects' }, 'alerts: { after: 1 }');
    const { daemon, silent } = await reachMail(world);
    daemon.signal('SIGTERM');
    await expectOrderlyEnd(world, daemon);
    expect(world.csv()).toHaveLength(2);
    silent.signal('SIGKILL');
    await silent.ended;
    await world.mailServer();
    const next = world.monitor();
    await until('the mail', () => world.mails().length > 0);
    next.signal('SIGTERM');
    await expectOrderlyEnd(world, next);
    expect(world.mails()).toHaveLength(1);
  },
);

worldTest('^C twice within a second, as npx delivers it: still the orderly end', async ({ world }) => {
  const daemon = await reach(momentNamed('it pings inside'), world);
  // It may have ended by then.
  world.run(`kill -INT ${daemon.pid()}; sleep 0.05; kill -INT ${daemon.pid()} || :`);
  await expectOrderlyEnd(world, daemon);
  expect(world.typed().at(-1)).toBe('line=quit');
});

worldTest(
  'a second SIGTERM more than a second later: the end at once, the client killed all the same',
  async ({ world }) => {
    const daemon = await reach({ ...momentNamed('it logs out'), quitTimeout: 600 }, world);
    const first = performance.now();
    daemon.signal('SIGTERM');
    await until('more than a second has passed', () => performance.now() - first > 1100);
    daemon.signal('SIGTERM');
    await expectCleanEnd(world, daemon);
    expect(world.log()).toContain(FORCE);
  },
);
