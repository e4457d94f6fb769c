import { afterEach, expect, test } from 'vitest';
import { reach } from '../support/moments.ts';
import { CSV_HEADER, createMonitoredWorld, type MonitoredWorld } from '../support/monitored-world.ts';
import { until } from '../support/until.ts';
import { worldUnavailable } from '../support/world.ts';

const reason = worldUnavailable();
let world: MonitoredWorld;
afterEach(() => world?.end());

const PINGS_OUTSIDE = {
  name: 'it pings outside',
  site: { external_ip: 'hangs', vpn_gw: 'works' },
  reached: ({ log }: MonitoredWorld) => log().includes('Running external delay test for site1'),
  typed: [],
};

test('two monitors on one results folder, also by another path: the second says who has it, and ends with 3', async ({
  skip,
}) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
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
  next.signal('SIGTERM');
  expect(await next.ended, next.stderr()).toBe(0);
});

test('once beside a running test waits its turn, says for whom, and gets it', async ({ skip }) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  const daemon = await reach(PINGS_OUTSIDE, world);
  const once = world.monitor(['once', 'site1']);
  const words = `site1: waiting for the test of site1 by process ${daemon.pid()}\n`;
  await until('it says for whom it waits', () => once.stderr().includes(words));
  const line = `Waiting for the test of site1 by process ${daemon.pid()} to finish with this host before testing site1`;
  await until('the log says so too', () => world.log().includes(line));
  expect(world.csv()).toEqual([]);
  world.run('touch let-go');
  expect(await once.ended, once.stderr()).toBe(0);
  daemon.signal('SIGTERM');
  expect(await daemon.ended, daemon.stderr()).toBe(0);
  const rows = world.csv();
  expect(rows[0]).toBe(CSV_HEADER);
  expect(rows.slice(1)).toHaveLength(2);
  for (const row of rows.slice(1)) expect(row).toMatch(/^\w{3} .* \d{4},site1,SUCCESS(?:,\d+\.\d{3}){3}$/);
});
