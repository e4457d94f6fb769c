import { describe, expect, test, vi } from 'vitest';
import { clockTime, durationInWords, localTime, roundedDuration, shortMs } from '../../src/words/time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a duration', () => {
  test.each([
    [-5000, '0 s'],
    [0, '0 s'],
    [59_999, '59 s'],
    [MINUTE, '1 min'],
    [47.9 * MINUTE, '47 min'],
    [HOUR, '1 h'],
    [3 * HOUR + 5 * MINUTE, '3 h 5 min'],
    [24 * HOUR - 1, '23 h 59 min'],
    [24 * HOUR + 9 * MINUTE, '24 h'],
    [47 * HOUR + 59 * MINUTE, '47 h'],
    [48 * HOUR, '2 d'],
    [51 * HOUR, '2 d 3 h'],
  ])('of %d ms is %s', (ms, words) => {
    expect(durationInWords(ms)).toBe(words);
  });
});

test.each([
  [59_400, '59 s'],
  [59_600, '1 min'],
  [90_000, '2 min'],
  [47.9 * MINUTE, '48 min'],
  [24 * HOUR - 1, '24 h'],
  [47 * HOUR + 59 * MINUTE, '2 d'],
  [51.4 * HOUR, '2 d 3 h'],
])('a duration of %d ms is about %s', (ms, words) => {
  expect(roundedDuration(ms)).toBe(words);
});

test.each([
  [0, '0.00 ms'],
  [5.213, '5.21 ms'],
  [9.994, '9.99 ms'],
  [9.996, '10.0 ms'],
  [99.94, '99.9 ms'],
  [99.96, '100 ms'],
  [436.733, '437 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [9994, '9.99 s'],
  [9996, '10.0 s'],
  [10_529.671, '10.5 s'],
  [99_949, '99.9 s'],
  [99_951, '100 s'],
])('the time of a stage, %d ms, is %s', (ms, words) => {
  expect(shortMs(ms)).toBe(words);
});

describe('a time', () => {
  test.each([
    ['Europe/Berlin', '2018-11-14 05:18:02 (UTC+01:00)', '05:18'],
    ['America/St_Johns', '2018-11-14 00:48:02 (UTC-03:30)', '00:48'],
    ['UTC', '2018-11-14 04:18:02 (UTC+00:00)', '04:18'],
  ])('in %s is local', (zone, full, clock) => {
    vi.stubEnv('TZ', zone);
    const time = new Date('2018-11-14T04:18:02.378Z');
    expect(localTime(time)).toBe(full);
    expect(clockTime(time)).toBe(clock);
    vi.unstubAllEnvs();
  });
});
