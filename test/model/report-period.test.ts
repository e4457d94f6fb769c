import { afterEach, describe, expect, test, vi } from 'vitest';
import { dayName } from '../../src/model/local-day.ts';
import {
  judgeReport,
  nextReport,
  periodBefore,
  type ReportEvery,
  type Reported,
} from '../../src/model/report-period.ts';

afterEach(() => vi.unstubAllEnvs());

const SEVEN = 7 * 60;

describe('in Europe/Berlin', () => {
  test.each<
    [now: string, every: ReportEvery, at: number, first: string, last: string, due: string, next: string]
  >([
    ['2026-12-01T05:59Z', 'day', SEVEN, '2026-11-29', '2026-11-29', '2026-11-30T06:00Z', '2026-12-01T06:00Z'],
    ['2026-12-01T06:00Z', 'day', SEVEN, '2026-11-30', '2026-11-30', '2026-12-01T06:00Z', '2026-12-02T06:00Z'],
    [
      '2026-12-01T06:00Z',
      'week',
      SEVEN,
      '2026-11-23',
      '2026-11-29',
      '2026-11-30T06:00Z',
      '2026-12-07T06:00Z',
    ],
    [
      '2026-11-30T05:59Z',
      'week',
      SEVEN,
      '2026-11-16',
      '2026-11-22',
      '2026-11-23T06:00Z',
      '2026-11-30T06:00Z',
    ],
    // A Sunday belongs to the week that began on Monday.
    [
      '2026-11-29T12:00Z',
      'week',
      SEVEN,
      '2026-11-16',
      '2026-11-22',
      '2026-11-23T06:00Z',
      '2026-11-30T06:00Z',
    ],
    [
      '2026-12-01T05:59Z',
      'month',
      SEVEN,
      '2026-10-01',
      '2026-10-31',
      '2026-11-01T06:00Z',
      '2026-12-01T06:00Z',
    ],
    [
      '2026-12-01T06:00Z',
      'month',
      SEVEN,
      '2026-11-01',
      '2026-11-30',
      '2026-12-01T06:00Z',
      '2027-01-01T06:00Z',
    ],
    [
      '2027-01-04T06:00Z',
      'week',
      SEVEN,
      '2026-12-28',
      '2027-01-03',
      '2027-01-04T06:00Z',
      '2027-01-11T06:00Z',
    ],
    // 02:30 does not exist on 29 March: it is 03:30 then.
    ['2026-03-29T01:29Z', 'day', 150, '2026-03-27', '2026-03-27', '2026-03-28T01:30Z', '2026-03-29T01:30Z'],
    ['2026-03-29T01:30Z', 'day', 150, '2026-03-28', '2026-03-28', '2026-03-29T01:30Z', '2026-03-30T00:30Z'],
    // 02:30 comes twice on 25 October: the first counts.
    ['2026-10-25T00:30Z', 'day', 150, '2026-10-24', '2026-10-24', '2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ['2026-10-25T01:30Z', 'day', 150, '2026-10-24', '2026-10-24', '2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    // A month with a change of the clock.
    ['2026-10-31T23:00Z', 'month', 0, '2026-10-01', '2026-10-31', '2026-10-31T23:00Z', '2026-11-30T23:00Z'],
  ])('at %s, every %s at %d min: %s to %s, due %s, next %s', (now, every, at, first, last, due, next) => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    const period = periodBefore(Date.parse(now), { every, at });
    expect([dayName(period.first), dayName(period.last)]).toEqual([first, last]);
    expect(new Date(period.due)).toEqual(new Date(due));
    expect(new Date(nextReport(Date.parse(now), { every, at }))).toEqual(new Date(next));
  });
});

describe('a weekly report, due on Monday 30 November at 07:00', () => {
  const before: Reported = { every: 'week', first: '2026-11-16' };
  test.each<[name: string, last: Reported | null, now: string, expected: string | null]>([
    ['is not made before', before, '2026-11-30T06:59Z', null],
    ['is made then', before, '2026-11-30T07:00Z', 'make'],
    ['is made after a long weekend', before, '2026-12-03T07:00Z', 'make'],
    ['is missed later', before, '2026-12-03T07:01Z', 'missed'],
    ['is made once', { every: 'week', first: '2026-11-23' }, '2026-11-30T07:01Z', null],
    [
      'is not made again if the clock is set back',
      { every: 'week', first: '2026-11-23' },
      '2026-11-25T07:00Z',
      null,
    ],
    ['begins with the next week', null, '2026-12-01T07:00Z', 'begin'],
    [
      'begins with the next week if it was another period',
      { every: 'day', first: '2026-11-20' },
      '2026-12-01T07:00Z',
      'begin',
    ],
    [
      'begins anew if the clock was ahead',
      { every: 'week', first: '2031-01-06' },
      '2026-12-01T07:00Z',
      'begin',
    ],
  ])('%s', (_name, last, now, expected) => {
    vi.stubEnv('TZ', 'UTC');
    expect(judgeReport(last, { every: 'week', at: SEVEN }, Date.parse(now))?.kind ?? null).toBe(expected);
  });
});
