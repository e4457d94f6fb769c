import { afterEach, describe, expect, test, vi } from 'vitest';
import { clockOf, momentOf } from '../../src/report/clock.ts';
import { ticksOf } from '../../src/report/ticks.ts';
import { offsetsOf } from '../../src/report/zone.ts';

afterEach(() => vi.unstubAllEnvs());

const range = (from: string, to: string) => ({ from: Date.parse(from), to: Date.parse(to) });

describe('the clock of a host in another time zone', () => {
  test.each([
    ['UTC', [[1, 0]]],
    ['Asia/Kolkata', [[1, 330]]],
    [
      'Europe/Berlin',
      [
        [1, 60],
        ['2026-03-29T01:00:00Z', 120],
        ['2026-10-25T01:00:00Z', 60],
      ],
    ],
    [
      'America/Havana',
      [
        [1, -300],
        ['2026-03-08T05:00:00Z', -240],
        ['2026-11-01T05:00:00Z', -300],
      ],
    ],
  ])('%s', (zone, expected) => {
    vi.stubEnv('TZ', zone);
    const year = range('2026-01-01T00:00:00Z', '2026-12-31T00:00:00Z');
    const offsets = offsetsOf(year);
    expect(offsets).toEqual(
      expected.map(([from, minutes]) => [
        Date.parse(typeof from === 'string' ? from : '2026-01-01T00:00:00Z') / 1000,
        minutes,
      ]),
    );
    const clock = clockOf(offsets);
    for (let time = year.from; time < year.to; time += 7_213_000) {
      const local = new Date(time);
      expect(clock.at(time).getUTCHours()).toBe(local.getHours());
      expect(clock.at(time).getUTCDate()).toBe(local.getDate());
      expect(clock.at(clock.back(clock.at(time)))).toEqual(clock.at(time));
    }
  });

  test('formats date and time', () => {
    expect(momentOf(clockOf([[0, 60]]).at(Date.parse('2018-11-14T04:18:02Z')))).toBe(
      'Wed 14 Nov 2018, 05:18',
    );
  });
});

describe('the marks of a time axis', () => {
  const berlin = clockOf([
    [0, 60],
    [Date.parse('2026-03-29T01:00:00Z') / 1000, 120],
  ]);
  test.each([
    [
      'minutes',
      '2026-03-01T10:00:00Z',
      '2026-03-01T10:40:00Z',
      5,
      ['11:00', '11:10', '11:20', '11:30', '11:40'],
    ],
    [
      'hours, at midnight the day',
      '2026-03-01T20:00:00Z',
      '2026-03-02T05:00:00Z',
      5,
      ['22:00', '2 Mar', '02:00', '04:00', '06:00'],
    ],
    ['days', '2026-02-27T00:00:00Z', '2026-03-03T00:00:00Z', 6, ['28 Feb', '1 Mar', '2 Mar', '3 Mar']],
    [
      'weeks, from Monday on',
      '2026-02-27T00:00:00Z',
      '2026-03-20T00:00:00Z',
      4,
      ['2 Mar', '9 Mar', '16 Mar'],
    ],
    ['months', '2025-11-15T00:00:00Z', '2026-03-20T00:00:00Z', 6, ['Dec', '2026', 'Feb', 'Mar']],
    ['quarters', '2025-01-15T00:00:00Z', '2026-03-20T00:00:00Z', 5, ['Apr', 'Jul', 'Oct', '2026']],
    [
      'years',
      '2020-06-01T00:00:00Z',
      '2026-03-20T00:00:00Z',
      6,
      ['2021', '2022', '2023', '2024', '2025', '2026'],
    ],
    [
      'across a change of the clock',
      '2026-03-28T22:00:00Z',
      '2026-03-29T10:00:00Z',
      5,
      ['29 Mar', '03:00', '06:00', '09:00', '12:00'],
    ],
  ])('%s', (_name, from, to, most, labels) => {
    const ticks = ticksOf(berlin, Date.parse(from), Date.parse(to), most);
    expect(ticks.map(({ label }) => label)).toEqual(labels);
    for (const { time } of ticks) expect(berlin.at(time).getUTCMinutes() % 10).toBe(0);
  });

  test('are not more than the limit', () => {
    for (let hours = 1; hours < 50_000; hours = Math.ceil(hours * 1.3)) {
      const from = Date.parse('2026-02-11T07:13:00Z');
      const ticks = ticksOf(berlin, from, from + hours * 3_600_000, 7);
      expect(ticks.length).toBeLessThanOrEqual(8);
      expect(new Set(ticks.map(({ time }) => time)).size).toBe(ticks.length);
    }
  });
});
