import { expect } from 'vitest';
import { reach } from '../support/moments.ts';
import type { MonitoredWorld } from '../support/monitored-world.ts';
import { until } from '../support/until.ts';
import { stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

const testsOf = (world: MonitoredWorld, site: string) =>
  world.log().split(`Running external delay test for ${site}\n`).length - 1;
const rowsOf = (world: MonitoredWorld, site: string) =>
  world.csv().filter((row) => row.includes(`,${site},`)).length;
const logs = (world: MonitoredWorld, text: string) =>
  until(`the log says: ${text}`, () => world.log().includes(text));

worldTest(
  'SIGHUP without a terminal: sites added, removed and disabled, and another frequency, from the next cycle on',
  async ({ world }) => {
    world.config({ kept: 'works', removed: 'works', disabled: 'works' });
    const daemon = world.monitor();
    await until('a cycle', () => rowsOf(world, 'disabled') === 1);
    world.config(
      { added: 'works', kept: 'works', disabled: { vpn_gw: 'works', enabled: false } },
      'frequency: 1',
    );
    daemon.signal('SIGHUP');
    await logs(world, `Config read again: 2 of 3 sites from ${world.at('config.yml')}, every 1 s`);
    await until('two cycles', () => rowsOf(world, 'kept') >= 3);
    await stop(daemon);
    expect(testsOf(world, 'removed')).toBe(1);
    expect(testsOf(world, 'disabled')).toBe(1);
    expect(rowsOf(world, 'added')).toBeGreaterThanOrEqual(2);
  },
);

worldTest(
  'SIGHUP without a terminal: another level and other files kept, and a test that runs is not disturbed',
  async ({ world }) => {
    const daemon = await reach(
      {
        name: 'it pings outside',
        site: { external_ip: 'hangs', vpn_gw: 'works' },
        reached: () => testsOf(world, 'site1') === 1,
        typed: [],
      },
      world,
    );
    world.run('touch results/result_181114.csv');
    world.config(
      { site1: 'works' },
      'frequency: 1\nlogging: { dir: results, file: result, level: info, keep_days: 30 }',
    );
    daemon.signal('SIGHUP');
    world.run('touch let-go');
    await logs(world, 'Config read again: 1 of 1 sites');
    await until('two more tests', () => rowsOf(world, 'site1') >= 3);
    await stop(daemon);
    const [before = '', after = ''] = world.log().split('Config read again');
    expect(before).toMatch(/ - DEBUG - Stages results: \d+\.\d{3}, \d+\.\d{3}, \d+\.\d{3}\n/);
    expect(after).not.toContain(' - DEBUG - ');
    expect(after).toContain(`Removed ${world.at('results', 'result_181114.csv')}: older than 30 days`);
    expect(world.run('ls results')).not.toContain('result_181114.csv');
  },
);

worldTest(
  'SIGHUP without a terminal: a bad config, or another results folder, is refused and the old one stays',
  async ({ world }) => {
    world.config({ site1: 'works' }, 'frequency: 1');
    const daemon = world.monitor();
    await until('a test', () => rowsOf(world, 'site1') === 1);
    world.config({ site1: { vpn_gw: 'works', extrenal_ip: 'x' }, site2: 'works' }, 'frequency: 0');
    daemon.signal('SIGHUP');
    await logs(
      world,
      `Config not read again, the old one stays:
config.yml:2: sites.site1.extrenal_ip: unknown key, did you mean external_ip?
config.yml:8: frequency: expected a number of seconds from 1 to 2147483
`,
    );
    world.config({ site1: 'works', site2: 'works' }, 'logging: { dir: elsewhere, file: result }');
    daemon.signal('SIGHUP');
    await logs(world, 'Config not read again, the old one stays: a change of logging.dir needs a restart');
    const rows = rowsOf(world, 'site1');
    await until('two more tests', () => rowsOf(world, 'site1') >= rows + 2);
    await stop(daemon);
    expect(testsOf(world, 'site2')).toBe(0);
    expect(world.run('ls')).not.toContain('elsewhere');
  },
);
