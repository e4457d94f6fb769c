import { expect, onTestFinished, test, vi } from 'vitest';
import type { Alerts } from '../../src/alerts/alerts.ts';
import type { Config } from '../../src/config/config.ts';
import { type Metrics, NO_METRICS } from '../../src/model/metrics-event.ts';
import type { SiteResult } from '../../src/model/test-result.ts';
import { type MonitorParts, monitor, type Reload } from '../../src/monitor/loop.ts';
import { UplinkWatch } from '../../src/monitor/uplink-watch.ts';
import type { CsvFile } from '../../src/results/csv-file.ts';
import type { System } from '../../src/system/system.ts';
import { type SimulatedCells, simulatedCells } from '../support/cells.ts';
import { type FakeMachineOptions, fakeMachine, type ProgramStep } from '../support/fake-machine.ts';
import { PROFILE, PROGRAMS, probeConfig, probeContext, TEST_MS } from '../support/probe.ts';
import { simulatedSite } from '../support/site.ts';

/** The ends of the first test, of the second, and of the first of the second cycle, as events show them. */
const [FIRST, SECOND, NEXT] = [seconds(TEST_MS), seconds(2 * TEST_MS), seconds(60_000 + TEST_MS)];
const stopped = new Error('stop');

interface Setting extends FakeMachineOptions {
  readonly config?: Partial<Config>;
  readonly alerts?: Partial<Alerts>;
  readonly metrics?: boolean;
  /** Whether moments for a heartbeat are events, and when the next one is due, in ms. */
  readonly heartbeat?: { readonly nextMs: number | null };
  /** Whether moments for reports are events. */
  readonly reports?: true;
  readonly rowsFault?: () => string | null;
  readonly logFault?: string;
  readonly wrap?: (system: System) => System;
  readonly cells?: SimulatedCells;
}

/** A monitor of simulated sites on a simulated machine. `events` are what its parts were called for, with the time in s. */
function setUp(setting: Setting = {}) {
  const machine = fakeMachine({ programs: PROGRAMS, ...setting });
  const system = setting.wrap?.(machine.system) ?? machine.system;
  const events: string[] = [];
  const starts: number[] = [];
  const times: string[] = [];
  const looks: number[] = [];
  const note = (what: string) => void events.push(`${seconds(machine.system.monotonic())} ${what}`);
  const stop = new AbortController();

  const rows: CsvFile = {
    append: ({ line }) => {
      const [time = '', site] = line.split(',');
      times.push(time);
      note(`row of ${site}`);
    },
    retry: () => note('rows tried again'),
    close: () => undefined,
    pending: 0,
    get fault() {
      return setting.rowsFault?.() ?? null;
    },
  };
  const alerts: Alerts = {
    record: async ({ site }, fault) => note(`record of ${site}${fault === null ? '' : `: ${fault}`}`),
    checkRecords: async (fault) => fault,
    noteHost: (report) => note(`uplink ${report.get('uplink') ?? 'well'}`),
    endCycle: () => undefined,
    tellReport: () => undefined,
    skipReport: () => undefined,
    deliver: async () => note('mail'),
    nextDue: () => null,
    use: async () => undefined,
    end: async () => undefined,
    ...setting.alerts,
  };
  const metrics: Metrics = setting.metrics
    ? {
        ...NO_METRICS,
        measure: (event) => {
          if (event.kind === 'tested') note(`figures of ${event.result.site}`);
          if (event.kind !== 'cycled') return;
          note(`cycle of ${event.seconds.toFixed(1)} s${event.overrun ? ', an overrun' : ''}`);
        },
        publish: async () => note('figures published'),
      }
    : NO_METRICS;
  const partsOf = (config: Config): MonitorParts => {
    const { context, progress } = probeContext(system, { config });
    const silent = { close: async () => undefined, fault: () => setting.logFault ?? null };
    return {
      ...context,
      log: { ...log, ...silent },
      progress: (event) => {
        progress(event);
        const first = event.kind === 'stage' && event.stage === 1 && event.site === config.sites[0]?.name;
        if (first) starts.push(machine.system.monotonic());
        if (event.kind === 'idle') note(`idle for ${event.seconds} s`);
      },
      rows,
      cells: simulatedCells(system, setting.cells),
      events: { append: () => undefined },
      uplink: new UplinkWatch(context),
      alerts,
      heartbeat: setting.heartbeat && {
        beat: (moment) => note(`beat, ${moment}`),
        nextMs: () => setting.heartbeat?.nextMs ?? null,
      },
      ...(setting.reports && { reports: { tend: () => note('reports') } }),
      removeOldFiles: () => void looks.push(machine.system.monotonic()),
      metrics,
    };
  };
  const { log } = probeContext(system);
  const config = probeConfig(setting.config);

  let request = new AbortController();
  const next: Config[] = [];
  const reload: Reload = {
    get request() {
      return request.signal;
    },
    apply: async (current) => {
      request = new AbortController();
      note('reload');
      const config = next.shift();
      return config === undefined ? current : partsOf(config);
    },
  };
  return {
    machine,
    events,
    starts,
    /** The column Time of the rows. */
    times,
    /** When old files were looked for. */
    looks,
    log,
    config,
    stop,
    /** Asks at `ms` for a reload; without a config the old one stays. */
    reloadAt: (ms: number, config?: Config) =>
      machine.at(ms, () => {
        if (config) next.push(config);
        request.abort();
      }),
    stopAt: (ms: number) => machine.at(ms, () => stop.abort(stopped)),
    run: (cycles?: number) => monitor(partsOf(config), stop.signal, reload, cycles),
  };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function sites(...names: string[]): Config['sites'] {
  return names.map((name) => simulatedSite('works', { name, client: PROFILE }));
}

test('sites are tested one after the other: row, streak and mail, then the next site', async () => {
  const { run, events } = setUp({ config: { sites: sites('site1', 'site2') } });
  expect(await run(1)).toBe('done');
  expect(events).toEqual([
    `${FIRST} row of site1`,
    `${FIRST} record of site1`,
    `${FIRST} mail`,
    `${SECOND} row of site2`,
    `${SECOND} record of site2`,
    `${SECOND} mail`,
  ]);
});

test('the metrics get each result when its streak is known, and each cycle; they publish after each mail', async () => {
  const { run, events } = setUp({ config: { frequency: 10 }, metrics: true });
  await run(2);
  expect(events.slice(0, 9)).toEqual([
    `${FIRST} row of site1`,
    `${FIRST} record of site1`,
    `${FIRST} figures of site1`,
    `${FIRST} mail`,
    `${FIRST} figures published`,
    `${FIRST} cycle of ${FIRST} s, an overrun`,
    `${FIRST} rows tried again`,
    `${FIRST} mail`,
    `${FIRST} figures published`,
  ]);
});

test('a heartbeat may leave after each test, at the end of the cycle, and when it is due while nothing is tested', async () => {
  const { run, events, stopAt } = setUp({ heartbeat: { nextMs: 10_000 } });
  stopAt(30_000);
  await run();
  const beats = events.filter((event) => event.includes('beat'));
  expect(beats.slice(0, 3)).toEqual([
    `${FIRST} beat, between`,
    `${FIRST} beat, cycle`,
    `${FIRST} beat, between`,
  ]);
  expect(beats[3]).toBe(`${seconds(TEST_MS + 10_000)} beat, between`);
});

test('reports are seen to after each test and while nothing is tested, before messages are sent', async () => {
  const { run, events, stopAt } = setUp({ reports: true });
  stopAt(30_000);
  await run();
  const seen = events.filter((event) => event.endsWith(' reports') || event.endsWith(' mail'));
  expect(seen.slice(0, 4)).toEqual(['reports', 'mail', 'reports', 'mail'].map((what) => `${FIRST} ${what}`));
});

test('disabled sites are left out', async () => {
  const [first, second] = sites('site1', 'site2');
  if (!first || !second) throw new Error('two sites');
  const { run, events } = setUp({ config: { sites: [{ ...first, enabled: false }, second] } });
  await run(1);
  expect(events[0]).toBe(`${FIRST} row of site2`);
});

test('the interval runs from start to start', async () => {
  const { run, starts, log } = setUp({ config: { frequency: 60 } });
  expect(await run(4)).toBe('done');
  expect(starts).toEqual([0, 60_000, 120_000, 180_000]);
  expect(log.lines.join('\n')).not.toContain('The cycle took');
});

test("the script's fault: the period is frequency + work, and drifts (here over 1000 cycles and late timers)", async () => {
  const late = (system: System): System => ({
    ...system,
    sleep: (ms, signal) => system.sleep(ms + 15, signal),
  });
  const { run, starts } = setUp({ config: { frequency: 60 }, wrap: late });
  await run(1000);
  expect(starts).toHaveLength(1000);
  const drifts = starts.map((start, index) => start - index * 60_000);
  expect(Math.max(...drifts)).toBeLessThan(1000);
  expect(Math.min(...drifts)).toBeGreaterThanOrEqual(0);
});

test('a cycle that takes longer than the interval is logged, and the next starts at once', async () => {
  const { run, starts, log } = setUp({ config: { frequency: 5 } });
  await run(3);
  expect(starts).toEqual([0, TEST_MS, 2 * TEST_MS].map((ms) => expect.closeTo(ms, -1)));
  const words = `WARNING The cycle took ${FIRST} s, longer than the frequency of 5 s: the next starts at once`;
  expect(log.lines.filter((line) => line.includes('The cycle'))).toEqual([words, words, words]);
});

test.each([
  ['forward by a day', 86_400_000],
  ['back by a day', -86_400_000],
])('a wall clock that is set %s changes only what is printed', async (_, step) => {
  const { run, starts, machine } = setUp({ config: { frequency: 60 } });
  machine.at(90_000, () => machine.stepWallClock(step));
  await run(4);
  expect(starts).toEqual([0, 60_000, 120_000, 180_000]);
});

test.each([
  ['ends', '2018-10-28T00:59:00.000Z', 'Sun Oct 28 02:59:00 2018', 'Sun Oct 28 02:00:00 2018'],
  ['begins', '2018-03-25T00:59:00.000Z', 'Sun Mar 25 01:59:00 2018', 'Sun Mar 25 03:00:00 2018'],
])(
  'an hour of daylight saving time that %s changes nothing but what is printed',
  async (_, start, ...printed) => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { run, starts, times } = setUp({ config: { frequency: 60 }, start });
    await run(2);
    expect(starts).toEqual([0, 60_000]);
    expect(times).toEqual(printed);
  },
);

test('what happened in a cycle is told at its end, before the mail of its last test is sent', async () => {
  const told: string[] = [];
  const { run, events } = setUp({
    config: {
      sites: [...sites('site1', 'site2'), ...sites('site3').map((site) => ({ ...site, enabled: false }))],
    },
    alerts: { endCycle: () => void told.push(events.at(-1) ?? '') },
  });
  await run(1);
  expect(told).toEqual([expect.stringMatching(/ record of site2$/)]);
});

test('between two cycles a mail is tried again when it is due', async () => {
  const due = [20_000, 45_000];
  const alerts: Partial<Alerts> = {
    nextDue: (now) => {
      const at = due.find((ms) => ms > machine.system.monotonic());
      return at === undefined ? null : new Date(now.getTime() + at - machine.system.monotonic());
    },
  };
  const { run, events, machine } = setUp({ alerts });
  await run(2);
  expect(events.filter((event) => event.endsWith('mail')).slice(1, -1)).toEqual([
    `${FIRST} mail`,
    '20.0 mail',
    '45.0 mail',
    '60.0 mail',
  ]);
});

test('records that could not be written are retried every 5 s', async () => {
  const { run, events, machine } = setUp({
    rowsFault: () => (machine.system.monotonic() < TEST_MS + 12_000 ? 'disk full' : null),
  });
  await run(2);
  expect(events).toContain(`${FIRST} record of site1: disk full`);
  expect(events.filter((event) => event.endsWith('rows tried again'))).toEqual(
    [0, 5000, 10_000, 15_000]
      .map((ms) => `${seconds(TEST_MS + ms)} rows tried again`)
      // From then on only as the loop turns.
      .concat([`${seconds(TEST_MS + 45_000)} rows tried again`, '60.0 rows tried again']),
  );
  expect(events).toContain(`${NEXT} record of site1`);
});

test('faults of rows and log are both reported', async () => {
  const { run, events } = setUp({ rowsFault: () => 'no rows', logFault: 'no log' });
  await run(1);
  expect(events).toContain(`${FIRST} record of site1: no rows; no log`);
});

test('a sink that fails costs no row', async () => {
  const bug = new Error('a bug in the alerts');
  const { run, events } = setUp({ alerts: { record: async () => Promise.reject(bug) } });
  await expect(run()).rejects.toBe(bug);
  expect(events).toEqual([`${FIRST} row of site1`]);
});

test('old files are removed before each cycle', async () => {
  const { run, looks } = setUp({ config: { frequency: 60 } });
  expect(await run(2)).toBe('done');
  expect(looks).toEqual([0, 60_000]);
});

test('a reload that is requested during a test is done after the cycle, between cycles at once', async () => {
  const { run, events, reloadAt } = setUp();
  reloadAt(3000, probeConfig({ sites: sites('new1') }));
  reloadAt(30_000, probeConfig({ sites: sites('new2') }));
  await run(2);
  expect(events.filter((event) => /row of|reload/.test(event))).toEqual([
    `${FIRST} row of site1`,
    `${FIRST} reload`,
    '30.0 reload',
    `${NEXT} row of new2`,
  ]);
});

test.each([
  ['longer', 90, 90_000],
  ['shorter, and not yet over', 45, 45_000],
  ['shorter, and over: the next cycle starts at once, which is no overrun', 20, 30_000],
])('a reload that makes the period %s counts from the last start', async (_, frequency, next) => {
  const { run, starts, reloadAt, log } = setUp();
  reloadAt(30_000, probeConfig({ frequency }));
  await run(2);
  expect(starts[0]).toBe(0);
  expect(log.lines.join('\n')).not.toContain('The cycle took');
  expect(starts.at(-1)).toBe(next);
});

test('a stop at any moment leaves no client, and no record without its row or row without its test', async () => {
  // Somewhat more than a cycle and the wait after it, in steps that fall into every stage.
  for (let ms = 0; ms < 2 * TEST_MS + 2000; ms += 170) {
    const { run, events, stopAt, machine, stop } = setUp({ config: { sites: sites('site1', 'site2') } });
    stopAt(ms);
    expect(await run()).toBe('stopped');
    expect(stop.signal.aborted).toBe(true);
    const ended = [TEST_MS, 2 * TEST_MS].filter((end) => end <= ms).length;
    const count = (what: string) => events.filter((event) => event.includes(what)).length;
    expect({ ms, rows: count('row of'), records: count('record of') }).toEqual({
      ms,
      rows: ended,
      records: ended,
    });
    expect(machine.running()).toBe(0);
  }
});

test('while it waits for the next cycle, the loop runs every 30 s, so that the watchdog sees it is alive', async () => {
  const { run, events } = setUp({ config: { frequency: 100 } });
  await run(2);
  const left = [0, 30_000, 60_000, 90_000].map((ms) => (100_000 - TEST_MS - ms) / 1000);
  expect(
    events.filter((event) => event.includes('idle')).map((event) => event.slice(event.indexOf(' ') + 1)),
  ).toEqual(left.filter((seconds) => seconds > 0).map((seconds) => `idle for ${seconds} s`));
});

test('a stop in the wait for the next cycle ends it', async () => {
  const { run, stopAt, machine } = setUp();
  stopAt(30_000);
  expect(await run()).toBe('stopped');
  expect(machine.system.monotonic()).toBe(30_000);
});

test('an error after a stop is thrown, unless it is the stop itself', async () => {
  const bug = new Error('a bug');
  const { run, stop } = setUp({
    alerts: {
      deliver: async () => {
        stop.abort(stopped);
        throw bug;
      },
    },
  });
  await expect(run()).rejects.toBe(bug);
});

test('a clock that fails is a bug, not the end of the wait', async () => {
  const bug = new Error('a bug in the clock');
  const { run } = setUp({
    wrap: (system) => ({
      ...system,
      sleep: (ms, signal) =>
        ms === 30_000 && system.monotonic() >= TEST_MS ? Promise.reject(bug) : system.sleep(ms, signal),
    }),
  });
  await expect(run()).rejects.toBe(bug);
});

const CONTROL = '192.0.2.1';
const LOST = 'no control target answers (ping://192.0.2.1: ping printed no summary within 3 s)';

/** Sites whose pings all work, and whose log-in fails where `gateways` says so; control targets that `answers` one after the other says of. */
function withUplink(answers: readonly boolean[], gateways: Readonly<Record<string, string>>) {
  let asked = 0;
  const told: string[] = [];
  const control = (): readonly ProgramStep[] => {
    asked += 1;
    if (!answers[Math.min(asked, answers.length) - 1]) return [];
    const prints =
      '1 packets transmitted, 1 received, 0% packet loss, time 0ms\nrtt min/avg/max/mdev = 1/1/1/0 ms\n';
    return [
      { after: 1, prints },
      { after: 0, exits: { code: 0, signal: 0 } },
    ];
  };
  const programs: FakeMachineOptions['programs'] = {
    ...PROGRAMS,
    ping: (args) => (args.includes(CONTROL) ? control() : (PROGRAMS['ping']?.(args) ?? [])),
  };
  const causes = ({ stages }: SiteResult) =>
    stages.map((stage) => (stage.outcome === 'ok' ? 'ok' : stage.cause)).join(' ');
  const set = setUp({
    programs,
    config: {
      frequency: 600,
      ping: { ...probeConfig().ping, count: 1 },
      uplink: [{ kind: 'ping', host: CONTROL }],
      sites: Object.entries(gateways).map(([name, gateway]) =>
        simulatedSite(gateway, { name, client: PROFILE }),
      ),
    },
    alerts: {
      record: async (result) => void told.push(`${result.site}: ${causes(result)}`),
      noteHost: (report) => void told.push(`uplink: ${report.get('uplink') ?? 'well'}`),
      endCycle: () => void told.push('end of the cycle'),
    },
  });
  return { ...set, told, asked: () => asked };
}

test('without an uplink no log-in is tried, no site is blamed, and the next cycle asks again', async () => {
  const { told, run, machine, events } = withUplink([false, false, false, true], { a: 'works', b: 'works' });
  await run(2);
  const untested = 'no-uplink no-uplink no-uplink';
  expect(told).toEqual([
    `uplink: ${LOST}`,
    `a: ${untested}`,
    `b: ${untested}`,
    'end of the cycle',
    // Between the cycles.
    'uplink: well',
    'uplink: well',
    'a: ok ok ok',
    'b: ok ok ok',
    'end of the cycle',
  ]);
  expect(machine.started.filter((line) => line.includes('simulated'))).toHaveLength(2);
  expect(events.filter((event) => event.includes('row of'))).toHaveLength(4);
});

test('a line that is lost in the middle of a cycle: neither the site that failed before nor those after it are blamed', async () => {
  const { told, run, events } = withUplink([true, true, false, false, false], {
    first: 'hangs',
    works: 'works',
    lost: 'hangs',
    after: 'works',
  });
  await run(1);
  expect(told).toEqual([
    'uplink: well',
    'works: ok ok ok',
    'lost: ok no-uplink ok',
    'after: no-uplink no-uplink no-uplink',
    'first: ok no-uplink ok',
    'end of the cycle',
  ]);
  // The row of the first is written before the next test; what was found later is an event.
  expect(events.filter((event) => event.includes('row of')).map((event) => event.split(' ').at(-1))).toEqual([
    'first',
    'works',
    'lost',
    'after',
  ]);
});

test('with an uplink failures are judged at the end of the cycle, rejected credentials at once', async () => {
  const { told, run, asked } = withUplink([true], { hangs: 'hangs', rejects: 'rejects', works: 'works' });
  await run(1);
  expect(told).toEqual([
    'uplink: well',
    'rejects: ok credentials-rejected ok',
    'works: ok ok ok',
    'hangs: ok step-timed-out ok',
    'end of the cycle',
  ]);
  expect(asked()).toBe(2);
});

test('a stop in a cycle: the failures before it count', async () => {
  const { told, run, stopAt } = withUplink([true], { hangs: 'hangs', works: 'works' });
  stopAt(43_000);
  expect(await run(1)).toBe('stopped');
  expect(told).toEqual(['uplink: well', 'hangs: ok step-timed-out ok']);
});
