import { expect } from 'vitest';
import type { MonitoredWorld } from '../support/monitored-world.ts';
import { until } from '../support/until.ts';
import { stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

const STARTS = 'Running external delay test for site1';
const ENDS = 'Stages results: ';

/** The beginnings and ends of tests in the log, in order, with their times in seconds. */
function events(world: MonitoredWorld): { what: typeof STARTS | typeof ENDS; at: number }[] {
  return [...world.log().matchAll(/^=(\S+ \S+),(\d{3}) - vpn-monitor - DEBUG - (.*)$/gm)].flatMap(
    ([, time = '', ms = '', words = '']) => {
      const what = ([STARTS, ENDS] as const).find((each) => words.startsWith(each));
      return what === undefined ? [] : [{ what, at: Date.parse(`${time}.${ms}Z`) / 1000 }];
    },
  );
}

worldTest("the script's fault: the period is frequency + work", async ({ world }) => {
  world.config({ site1: 'slow-quit' }, 'frequency: 3');
  const before = performance.now();
  const daemon = world.monitor();
  await until('four cycles', () => events(world).filter(({ what }) => what === STARTS).length === 4);
  // Whatever the machine does, no cycle begins before its time; a timer may be a ms early.
  expect(performance.now() - before).toBeGreaterThan(8900);
  await stop(daemon);
  // The work of a cycle takes more than a second. The script would then wait for three more, each time.
  const waits = events(world).flatMap(({ what, at }, index, all) => {
    const ended = all[index - 1];
    return what === STARTS && ended !== undefined ? [at - ended.at] : [];
  });
  expect(Math.min(...waits)).toBeLessThan(2.9);
});

worldTest(
  'a cycle that takes longer than the frequency is said, the next starts at once, and none overlap',
  async ({ world }) => {
    world.config({ site1: 'ignores-quit' }, 'frequency: 1\nlogin: { quit_timeout: 2 }');
    const daemon = world.monitor();
    await until('three cycles', () => events(world).length >= 6);
    await stop(daemon);
    expect(world.log()).toMatch(
      /WARNING - The cycle took \d+\.\d s, longer than the frequency of 1 s: the next starts at once\n=.* - Running external/,
    );
    for (const [index, { what }] of events(world).entries())
      expect(what).toBe(index % 2 === 0 ? STARTS : ENDS);
  },
);

worldTest("the script's fault: frequency: 0 floods mail", async ({ world }) => {
  world.config({ site1: 'rejects' }, 'frequency: 0');
  const refused = world.monitor();
  expect(await refused.ended).toBe(2);
  expect(refused.stderr()).toBe('config.yml:7: frequency: expected a number of seconds from 1 to 2147483\n');
  expect(world.typed()).toEqual([]);
});
