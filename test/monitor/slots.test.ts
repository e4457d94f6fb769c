import { expect, test } from 'vitest';
import type { Config, SiteConfig } from '../../src/config/config.ts';
import type { SiteResult } from '../../src/model/test-result.ts';
import { testSites } from '../../src/monitor/slots.ts';
import type { TestContext } from '../../src/monitor/test-in-slot.ts';
import { UplinkWatch } from '../../src/monitor/uplink-watch.ts';
import type { CsvFile } from '../../src/results/csv-file.ts';
import { type SimulatedCells, simulatedCells } from '../support/cells.ts';
import { type FakeMachineOptions, fakeMachine } from '../support/fake-machine.ts';
import { PROFILE, PROGRAMS, probeConfig, probeContext, TEST_MS } from '../support/probe.ts';
import { simulatedSite } from '../support/site.ts';

interface Setting extends FakeMachineOptions {
  readonly config?: Partial<Config>;
  readonly cells?: SimulatedCells;
  readonly finished?: (result: SiteResult) => Promise<void>;
}

/** Sites that are tested on a simulated machine. `events` are what happened, in order, with the time in seconds. */
function setUp(sites: readonly SiteConfig[], setting: Setting = {}) {
  const machine = fakeMachine({ programs: PROGRAMS, ...setting });
  const { system } = machine;
  const { context, log, progress } = probeContext(system, {
    config: probeConfig({ sites, concurrency: 'all', ...setting.config }),
  });
  const rows: string[] = [];
  let open = 0;
  const note = (what: 'opened' | 'closed') => {
    open += what === 'opened' ? 1 : -1;
  };
  const csv: CsvFile = {
    append: ({ line }) => void rows.push(line.split(',').slice(1, 3).join(' ')),
    retry: () => undefined,
    close: () => undefined,
    pending: 0,
    fault: null,
  };
  const full: TestContext = {
    ...context,
    rows: csv,
    events: { append: () => undefined },
    uplink: new UplinkWatch(context),
    cells: simulatedCells(system, { note, ...setting.cells }),
  };
  const stop = new AbortController();
  const finished = setting.finished ?? (async () => undefined);
  return {
    machine,
    log,
    progress,
    rows,
    stop,
    openCells: () => open,
    run: () => testSites(sites, full, stop.signal, finished),
    starts: () =>
      progress.calls.filter((call) => /^stage \S+ 1$/.test(call)).map((call) => call.split(' ')[1]),
  };
}

function sites(...names: string[]): SiteConfig[] {
  return names.map((name) => simulatedSite('works', { name, client: PROFILE, isolation: 'cell' }));
}

const FIVE = sites('a', 'b', 'c', 'd', 'e');

test('all sites at once: started in the order of the config, one row each, and the time of one test', async () => {
  const { run, rows, starts, machine, openCells, log } = setUp(FIVE);
  await run();
  expect(starts()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(rows.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `${name} SUCCESS`));
  // All but the log-ins, which pass the gate one by one.
  expect(machine.system.monotonic()).toBeLessThan(2 * TEST_MS);
  expect(openCells()).toBe(0);
  expect(log.lines.filter((line) => !/^[A-Z]+ [a-e]: /.test(line))).toEqual([]);
});

test.each([
  [1, 5],
  [2, 3],
  [4, 2],
  [9, 1],
])('with concurrency %i five sites take %i tests', async (concurrency, rounds) => {
  let most = 0;
  let open = 0;
  const note = (what: 'opened' | 'closed') => {
    open += what === 'opened' ? 1 : -1;
    most = Math.max(most, open);
  };
  const { run, rows, machine } = setUp(FIVE, { config: { concurrency }, cells: { note } });
  await run();
  expect(rows).toHaveLength(5);
  expect(most).toBe(Math.min(5, concurrency));
  expect(machine.system.monotonic()).toBeGreaterThan((rounds - 0.1) * TEST_MS);
});

test('the wait for the gate is no part of the log-in: its times are those of tests one after the other', async () => {
  const loginTimes = async (concurrency: Config['concurrency']) => {
    const times: (number | undefined)[] = [];
    const finished = async ({ stages: [, login] }: SiteResult) =>
      void times.push(login.outcome === 'ok' ? login.ms : undefined);
    await setUp(FIVE, { config: { concurrency }, finished }).run();
    return times;
  };
  expect(await loginTimes('all')).toEqual(await loginTimes(1));
});

test('with one test at a time log lines do not begin with the site', async () => {
  const { run, log } = setUp(FIVE, { config: { concurrency: 1 } });
  await run();
  expect(log.lines).toContain('DEBUG Running external delay test for a');
});

test('a site with isolation: none runs alone, after the others', async () => {
  const [first, ...others] = FIVE;
  const { run, rows, progress, openCells } = setUp([
    { ...(first as SiteConfig), isolation: 'none' },
    ...others,
  ]);
  await run();
  expect(rows.at(-1)).toBe('a SUCCESS');
  const begun = progress.calls.indexOf('stage a 1');
  expect(progress.calls.slice(0, begun).filter((call) => call.startsWith('finished'))).toHaveLength(4);
  expect(openCells()).toBe(0);
});

test('auto on a host without cells: one after the other, on the host', async () => {
  const auto = FIVE.map((site): SiteConfig => ({ ...site, isolation: 'auto' }));
  const { run, rows, machine } = setUp(auto, { cells: { why: 'no rights' } });
  await run();
  expect(rows).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `${name} SUCCESS`));
  expect(machine.system.monotonic()).toBeCloseTo(5 * TEST_MS, -1);
});

test('cell on a host without cells: no site is tested, which is a fault of the host', async () => {
  const results: SiteResult[] = [];
  const finished = async (result: SiteResult) => void results.push(result);
  const { run, rows, machine } = setUp(FIVE, { cells: { why: 'no rights' }, finished });
  await run();
  expect(rows).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `${name} FAILURE`));
  expect(results.map(({ host }) => [...host])).toEqual(Array(5).fill([['cell', 'no rights']]));
  expect(machine.started).toEqual([]);
});

test('a slow mail holds up no test in a cell, but the next one on the host', async () => {
  const [first, second] = FIVE as [SiteConfig, SiteConfig];
  const told: string[] = [];
  const { run, machine, progress } = setUp([first, { ...second, isolation: 'none' }], {
    finished: async ({ site }) => {
      await machine.system.sleep(60_000);
      told.push(`${site} at stage 1 of b: ${progress.calls.includes('stage b 1')}`);
    },
  });
  await run();
  expect(told).toEqual(['a at stage 1 of b: false', 'b at stage 1 of b: true']);
});

test('a stop at any moment: no client and no cell stays, and a test that was cut short has no row', async () => {
  for (let ms = 0; ms < TEST_MS + 1000; ms += 330) {
    const { run, stop, machine, openCells, rows, progress } = setUp(FIVE, { config: { concurrency: 3 } });
    machine.at(ms, () => stop.abort(new Error('stop')));
    await expect(run()).rejects.toThrow('stop');
    expect({ ms, open: openCells(), clients: machine.running() }).toEqual({ ms, open: 0, clients: 0 });
    expect(rows).toHaveLength(progress.calls.filter((call) => call.startsWith('finished')).length);
  }
});

test('a bug in one test ends the others, which log out first', async () => {
  const bug = new Error('a bug');
  const wrong = {
    get vpnGw(): string {
      throw bug;
    },
  };
  const [first, second, third] = FIVE as [SiteConfig, SiteConfig, SiteConfig];
  const { run, machine, openCells } = setUp([
    first,
    second,
    Object.create(third, Object.getOwnPropertyDescriptors(wrong)),
  ]);
  await expect(run()).rejects.toBe(bug);
  expect(machine.running()).toBe(0);
  expect(openCells()).toBe(0);
});
