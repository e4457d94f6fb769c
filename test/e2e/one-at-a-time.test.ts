import { expect } from 'vitest';
import { reach } from '../support/moments.ts';
import { CSV_HEADER, type MonitoredWorld } from '../support/monitored-world.ts';
import { until } from '../support/until.ts';
import { stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

const PINGS_OUTSIDE = {
  name: 'it pings outside',
  site: { external_ip: 'hangs', vpn_gw: 'works' },
  reached: ({ log }: MonitoredWorld) => log().includes('Running external delay test for site1'),
  typed: [],
};

worldTest(
  'two monitors on one results folder, also by another path: the second says who has it, and ends with 3',
  async ({ world }) => {
    const first = await reach(PINGS_OUTSIDE, world);
    world.run(
      'ln -s results elsewhere; sed "s/dir: results/dir: elsewhere/" config.yml >other.yml; chmod 600 *.yml',
    );
    for (const [config, folder] of [
      ['config.yml', 'results'],
      ['other.yml', 'elsewhere'],
    ] as const) {
      const second = world.monitor(['run', '-c', config]);
      expect(await second.ended).toBe(3);
      const holder = `held by process ${first.pid()} (vpn-monitor run)`;
      expect(second.stderr()).toBe(`error: another monitor writes to ${world.at(folder)}: ${holder}\n`);
    }
    first.signal('SIGKILL');
    await first.ended;
    const next = world.monitor();
    await until('a new one has started', () => next.stderr().includes('started'));
    await stop(next);
  },
);

worldTest('once beside a running test waits its turn, says for whom, and gets it', async ({ world }) => {
  const daemon = await reach(PINGS_OUTSIDE, world);
  const once = world.monitor(['once', 'site1']);
  const words = `site1: waiting for the test of site1 by process ${daemon.pid()}\n`;
  await until('it says for whom it waits', () => once.stderr().includes(words));
  const line = `Waiting for the test of site1 by process ${daemon.pid()} to finish with this host before testing site1`;
  await until('the log says so too', () => world.log().includes(line));
  expect(world.csv()).toEqual([]);
  world.run('touch let-go');
  expect(await once.ended, once.stderr()).toBe(0);
  await stop(daemon);
  const rows = world.csv();
  expect(rows[0]).toBe(CSV_HEADER);
  expect(rows.slice(1)).toHaveLength(2);
  for (const row of rows.slice(1)) expect(row).toMatch(/^\w{3} .* \d{4},site1,SUCCESS(?:,\d+\.\d{3}){3}$/);
});
