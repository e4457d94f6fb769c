import { describe, expect, test } from 'vitest';
import { bySite, type Measurement, type StageValue } from '../../src/history/measurement.ts';
import { dayOf } from '../../src/model/local-day.ts';
import { type GatherOptions, gather, worstFirst } from '../../src/report/gather.ts';
import { chartData } from '../../src/report/page-data.ts';
import { partsOf } from '../../src/report/parts.ts';
import { reducer, threeDigits } from '../../src/report/reduce.ts';

const MINUTE = 60_000;
const DAY = dayOf(Date.parse('2026-03-10T12:00:00'));
const range = { from: DAY.start, to: DAY.end };
/** Without a maintenance window. */
const PLANNED = { plannedUp: 0, plannedDown: 0 };

function row(minute: number, login: StageValue = 1000, site = 'a'): Measurement {
  return {
    time: DAY.start + minute * MINUTE,
    site,
    failed: typeof login !== 'number',
    stages: [5, login, 12],
  };
}

const rest: Omit<GatherOptions, 'range'> = {
  frequencyMs: 10 * MINUTE,
  sites: 1,
  parts: partsOf(range),
  after: 2,
};
const gathered = (rows: readonly Measurement[]) => gather([{ day: DAY, rows }], { range, ...rest });

test('cycles that take longer than the frequency leave no gap on a day with few tests', () => {
  const before = dayOf(DAY.start, -1);
  const days = [
    { day: before, rows: Array.from({ length: 144 }, (_, index) => row(index * 10 - 1440)) },
    { day: DAY, rows: [row(0), row(10), row(20)] },
  ];
  const to = row(25).time;
  const [site] = gather(days, { range: { from: before.start, to }, ...rest, frequencyMs: MINUTE });
  expect(site?.gaps).toEqual([]);
});

describe('the figures of a site', () => {
  const rows = Array.from({ length: 144 }, (_, index) => {
    if (index >= 60 && index < 66) return row(index * 10, 'ERROR');
    return row(index * 10, 1000 + index);
  }).filter((_, index) => index < 100 || index >= 112);
  const [site] = gathered(rows);

  test('tests, availability, outages and gaps', () => {
    expect(site).toMatchObject({ name: 'a', tests: 132, failed: 6 });
    expect(site?.availability).toEqual({
      ...PLANNED,
      up: 1260 * MINUTE,
      down: 60 * MINUTE,
      unknown: 120 * MINUTE,
    });
    expect(site?.outages).toMatchObject([
      { from: row(600).time, to: row(660).time, end: 'recovered', tests: 6, stages: 2 },
    ]);
    expect(site?.gaps).toEqual([{ from: row(1000).time, to: row(1120).time }]);
  });

  test('quantiles and kinds of failures of each stage', () => {
    expect(site?.stages).toEqual([
      { count: 132, min: 5, p50: 5, p95: 5, p99: 5, max: 5, timeouts: 0, errors: 0 },
      { count: 126, min: 1000, p50: 1068, p95: 1137, p99: 1142, max: 1143, timeouts: 0, errors: 6 },
      { count: 132, min: 12, p50: 12, p95: 12, p99: 12, max: 12, timeouts: 0, errors: 0 },
    ]);
  });

  test('figures of each hour of the day', () => {
    expect(site?.hours).toHaveLength(24);
    expect(site?.hours[0]).toEqual({ tests: 6, failed: 0, p5: 1000, p50: 1002, p95: 1005 });
    expect(site?.hours[10]).toEqual({ tests: 6, failed: 6, p5: null, p50: null, p95: null });
    expect(site?.hours[16]).toMatchObject({ tests: 4 });
  });

  test('the parts of the range add up to the whole', () => {
    const sum = (state: 'up' | 'down' | 'unknown') =>
      (site?.parts ?? []).reduce((total, part) => total + part[state], 0);
    expect([sum('up'), sum('down'), sum('unknown')]).toEqual([1260 * MINUTE, 60 * MINUTE, 120 * MINUTE]);
  });
});

test('a test before the range covers its start, and is not counted', () => {
  const [site] = gathered([
    row(-5, 'ERROR'),
    row(5),
    ...Array.from({ length: 143 }, (_, index) => row(15 + index * 10)),
  ]);
  expect(site).toMatchObject({
    tests: 144,
    failed: 0,
    outages: [],
    shortFailures: [{ from: range.from, earlier: true, tests: 1 }],
  });
  expect(site?.availability).toEqual({ ...PLANNED, up: 1435 * MINUTE, down: 5 * MINUTE, unknown: 0 });
});

test('a test without an uplink is time not measured, and no failure', () => {
  const cause = { version: 1, kind: 'failure', site: 'a', time: new Date(0), cause: 'no-uplink' } as const;
  const events = [{ ...cause, detail: 'it has no route to the gateways' }];
  const [site] = gathered(
    Array.from({ length: 144 }, (_, index) =>
      index === 60 || index === 61 ? { ...row(index * 10, 'ERROR'), events } : row(index * 10),
    ),
  );
  expect(site).toMatchObject({ tests: 142, failed: 0, outages: [] });
  expect(site?.gaps).toEqual([{ from: row(600).time, to: row(620).time }]);
  expect(site?.stages[1]).toMatchObject({ errors: 0 });
  expect(site?.availability).toEqual({ ...PLANNED, up: 1420 * MINUTE, down: 0, unknown: 20 * MINUTE });
});

test('a site without a test in the range is not reported', () => {
  expect(gathered([row(-5)])).toEqual([]);
});

test('the worst site comes first', () => {
  const sites = gathered([
    ...[0, 10, 20].map((minute) => row(minute, 1000, 'good')),
    ...[0, 10].map((minute) => row(minute, 'ERROR', 'bad')),
    ...[0, 10, 20].map((minute) => row(minute, minute === 10 ? 'ERROR' : 1, 'between')),
  ]);
  expect(worstFirst(sites).map(({ name }) => name)).toEqual(['bad', 'between', 'good']);
});

test('failures in a row are an outage once they reach `alerts.after`', () => {
  const failing = [row(0, 'ERROR'), row(10), row(20, 'ERROR'), row(30, 'ERROR'), row(40)];
  const [site] = gathered(failing);
  expect(site?.outages).toMatchObject([{ from: row(20).time, tests: 2 }]);
  expect(site?.shortFailures).toMatchObject([{ from: row(0).time, tests: 1 }]);
  const [sooner] = gather([{ day: DAY, rows: failing }], { range, ...rest, after: 1 });
  expect([sooner?.outages.length, sooner?.shortFailures]).toEqual([2, []]);
});

test('the median log-in time of each part', () => {
  const [site] = gathered([row(0, 10), row(10, 30), row(20, 20), row(60, 'ERROR'), row(130, 7)]);
  expect(site?.logins.slice(0, 4)).toEqual([20, null, 7, null]);
});

describe('the points of a chart', () => {
  const points = (rows: readonly Measurement[], limit: number) => {
    const reduce = reducer(range, limit);
    for (const each of rows) reduce.add(each);
    return reduce.finish();
  };

  test('are the tests if there is room for all', () => {
    const { times, stages, reduced } = points([row(0, 1234.56), row(10, 'ERROR'), row(20, 5)], 144);
    expect(times).toEqual([0, 10, 20].map((minute) => row(minute).time));
    expect(stages[1]).toEqual({
      median: [1230, Number.NaN, 5],
      min: [1230, Number.NaN, 5],
      max: [1230, Number.NaN, 5],
    });
    expect(reduced).toBe(false);
  });

  test('else stand for several tests: median, minimum and maximum of those with a number', () => {
    const { times, stages, reduced } = points(
      [row(0, 3), row(1, 'ERROR'), row(2, 9), row(3, 1), row(800, 'ERROR'), row(801, 'ERROR')],
      2,
    );
    expect(times).toEqual([1, 800].map((minute) => row(minute).time));
    expect(stages[1]).toEqual({ median: [3, Number.NaN], min: [1, Number.NaN], max: [9, Number.NaN] });
    expect(reduced).toBe(true);
  });

  test('are not more than the limit for any number of tests', () => {
    const rows = Array.from({ length: 14_400 }, (_, index) => row(index / 10));
    expect(points(rows, 100).times).toHaveLength(100);
    const [site] = gather([{ day: DAY, rows }], { range, ...rest, frequencyMs: 6000, sites: 1000 });
    expect(site?.points.times).toHaveLength(100);
  });

  test('are interrupted by a gap', () => {
    const [site] = gathered([row(0), row(10), row(100), row(110)]);
    expect(site?.points.times.map((time) => (time - range.from) / MINUTE)).toEqual([
      0, 10, 20, 100, 110, 120,
    ]);
    expect(site?.points.stages[0].median).toEqual([5, 5, Number.NaN, 5, 5, Number.NaN]);
  });
});

test('packed, an outage has about 10 bytes and a point about 20', () => {
  const rows = Array.from({ length: 144 }, (_, index) =>
    row(index * 10, index % 2 === 0 ? 'ERROR' : 1000 + index),
  );
  const [site] = gathered(rows);
  expect(site?.shortFailures).toHaveLength(72);
  if (site === undefined) return;
  const packed = chartData(site, range);
  expect(packed.outages.slice(0, 6)).toEqual([0, 600, 64 + 2, 600, 600, 64 + 2]);
  expect(packed.times.slice(0, 3)).toEqual([0, 600, 600]);
  expect(JSON.stringify(packed.outages).length).toBeLessThan(72 * 11);
  expect(JSON.stringify(packed).length).toBeLessThan(72 * 11 + 144 * 24 + 200);
});

test('bySite returns the rows of each site in their order', () => {
  expect(
    [...bySite([row(0, 1, 'b'), row(1, 1, 'a'), row(2, 1, 'b')])].map(([name, rows]) => [name, rows.length]),
  ).toEqual([
    ['b', 2],
    ['a', 1],
  ]);
});

test.each([
  [0, 0],
  [0.0123, 0.012],
  [5.2134, 5.21],
  [43.678, 43.7],
  [436.73, 437],
  [10_529.671, 10_500],
  [999_999, 1_000_000],
  [Number.NaN, Number.NaN],
])('%d rounded to three digits', (value, rounded) => {
  expect(threeDigits(value)).toBe(rounded);
});
