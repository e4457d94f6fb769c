import { describe, expect, test } from 'vitest';
import {
  addSpan,
  createAvailability,
  shareInWords,
  shareUp,
  shareUpUnplanned,
} from '../../src/history/availability.ts';
import type { Measurement, StageValue } from '../../src/history/measurement.ts';
import { type Outage, outagesOf } from '../../src/history/outages.ts';
import { intervalOf, type Span, spansOf } from '../../src/history/spans.ts';
import { quantile, Values } from '../../src/history/values.ts';

/** Makes spans and outages of tests, given as `minute`, `minute:failed stages` or `minute:uplink`. Interval: 10 minutes; range in minutes. */
function history(text: string, [from, to]: readonly [number, number] = [0, 100]) {
  const range = { from: from * 60_000, to: to * 60_000 };
  const spans: Span[] = [];
  const outages: Outage[] = [];
  const outage = outagesOf(range, (each) => outages.push(each));
  const filled = spansOf(range, (span) => {
    spans.push(span);
    outage.add(span);
  });
  for (const each of text.split(' ').filter((word) => word !== '')) {
    const [minute, failed = ''] = each.split(':');
    filled.add(measured(Number(minute), failed), 600_000);
  }
  filled.end();
  outage.end();
  return {
    spans: spans.map((span) => `${span.state} ${span.from / 60_000}-${span.to / 60_000}`),
    outages: outages.map(
      (each) =>
        `${each.earlier ? '<' : ''}${each.from / 60_000}-${each.to / 60_000} ${each.end} ${each.tests} tests, stages ${each.stages}`,
    ),
    whole: spans.reduce((sum, span) => sum + span.to - span.from, 0) / 60_000,
  };
}

const NO_UPLINK = {
  version: 1,
  kind: 'failure',
  site: 's',
  time: new Date(0),
  cause: 'no-uplink',
  detail: 'it has no route to the gateways',
} as const;

function measured(minute: number, failed: string): Measurement {
  const value = (stage: string): StageValue => (failed.includes(stage) ? 'ERROR' : 1);
  return {
    time: minute * 60_000,
    site: 's',
    failed: failed !== '',
    stages: [value('1'), value('2'), value('3')],
    ...(failed === 'uplink' && { events: [NO_UPLINK] }),
  };
}

describe('a test covers the time until the next one', () => {
  test.each([
    ['no test', '', ['unknown 0-100'], []],
    [
      'up all the time',
      '0 10 20 30 40 50 60 70 80 90',
      [
        'up 0-10',
        'up 10-20',
        'up 20-30',
        'up 30-40',
        'up 40-50',
        'up 50-60',
        'up 60-70',
        'up 70-80',
        'up 80-90',
        'up 90-100',
      ],
      [],
    ],
    ['the first test is late', '40 70', ['unknown 0-40', 'up 40-70', 'up 70-100'], []],
    ['three intervals are not a gap', '0 30 60 90', ['up 0-30', 'up 30-60', 'up 60-90', 'up 90-100'], []],
    [
      'more than three intervals are a gap',
      '0 31 61 91',
      ['up 0-10', 'unknown 10-31', 'up 31-61', 'up 61-91', 'up 91-100'],
      [],
    ],
    ['a gap at the end', '0 30 60', ['up 0-30', 'up 30-60', 'up 60-70', 'unknown 70-100'], []],
    [
      'an outage ends with the next success',
      '0 30:2 60:23 80',
      ['up 0-30', 'down 30-60', 'down 60-80', 'up 80-100'],
      ['30-80 recovered 2 tests, stages 6'],
    ],
    [
      'one failed test is an outage',
      '0 30:1 60 90',
      ['up 0-30', 'down 30-60', 'up 60-90', 'up 90-100'],
      ['30-60 recovered 1 tests, stages 1'],
    ],
    [
      'an ongoing outage',
      '0 30 60 90:3',
      ['up 0-30', 'up 30-60', 'up 60-90', 'down 90-100'],
      ['90-100 ongoing 1 tests, stages 4'],
    ],
    [
      'an outage ends at a gap; another one follows',
      '0:2 60:2 90',
      ['down 0-10', 'unknown 10-60', 'down 60-90', 'up 90-100'],
      ['0-10 unmeasured 1 tests, stages 2', '60-90 recovered 1 tests, stages 2'],
    ],
    [
      'no uplink says nothing about the site',
      '0 30:2 40:uplink 50:uplink 60:2 70',
      ['up 0-30', 'down 30-40', 'unknown 40-50', 'unknown 50-60', 'down 60-70', 'up 70-100'],
      ['30-40 unmeasured 1 tests, stages 2', '60-70 recovered 1 tests, stages 2'],
    ],
    [
      'an outage that began before the range',
      '-20:2 10 40 70',
      ['down 0-10', 'up 10-40', 'up 40-70', 'up 70-100'],
      ['<0-10 recovered 1 tests, stages 2'],
    ],
    [
      'an outage that ended before the range',
      '-20:2 -10 20 50 80',
      ['up 0-20', 'up 20-50', 'up 50-80', 'up 80-100'],
      [],
    ],
    ['tests after the range say where it ends', '80 110:2', ['unknown 0-80', 'up 80-100'], []],
    [
      'two tests in one second',
      '0 0:2 30 60 90',
      ['down 0-30', 'up 30-60', 'up 60-90', 'up 90-100'],
      ['0-30 recovered 1 tests, stages 2'],
    ],
  ])('%s', (_name, tests, spans, outages) => {
    expect(history(tests)).toEqual({ spans, outages, whole: 100 });
  });
});

test.each([
  ['too few tests: the frequency', [0, 60, 120], 10, 10],
  ['as many tests as the config says', [0, 10, 20, 30, 40, 50, 60, 70, 80], 10, 10],
  ['cycles that take longer', [0, 17, 34, 51, 68, 85, 102, 119, 136], 10, 17],
  ['with a pause', [0, 10, 20, 30, 500, 510, 520, 530, 540], 10, 10],
  ['more tests than the config says', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10, 10],
])('the interval: %s', (_name, times, frequency, interval) => {
  expect(intervalOf(times, frequency, frequency)).toBe(interval);
});

test.each([
  ['is used while a day has too few tests', [0, 40, 80], 40],
  ['is not used for a day with enough tests', [0, 17, 34, 51, 68, 85, 102, 119, 136], 17],
])('the interval of the days before: %s', (_name, times, interval) => {
  expect(intervalOf(times, 10, 40)).toBe(interval);
});

test('availability counts only the part of a span in the range', () => {
  const sum = createAvailability();
  const row = measured(0, '');
  addSpan(sum, { state: 'up', from: 0, to: 40, row }, { from: 20, to: 90 });
  addSpan(sum, { state: 'down', from: 40, to: 50, row }, { from: 20, to: 90 });
  addSpan(sum, { state: 'unknown', from: 50, to: 100, row: null }, { from: 20, to: 90 });
  addSpan(sum, { state: 'down', from: 100, to: 110, row }, { from: 20, to: 90 });
  expect(sum).toEqual({ up: 20, down: 10, unknown: 40, plannedUp: 0, plannedDown: 0 });
  expect(shareUp(sum)).toBeCloseTo(2 / 3);
  expect(shareUp({ ...createAvailability(), unknown: 5 })).toBeNull();
});

test('availability without planned time leaves out the part of a span in the maintenance window of its test', () => {
  const sum = createAvailability();
  const window = { kind: 'maintenance', from: new Date(0), to: new Date(25), reason: null } as const;
  const about = { version: 1, time: new Date(0), site: 'site1' } as const;
  const row = { ...measured(0, ''), events: [{ ...about, ...window }] };
  addSpan(sum, { state: 'down', from: 10, to: 20, row }, { from: 0, to: 100 });
  addSpan(sum, { state: 'up', from: 20, to: 40, row }, { from: 0, to: 100 });
  addSpan(sum, { state: 'down', from: 40, to: 50, row: measured(40, '') }, { from: 0, to: 100 });
  expect(sum).toEqual({ up: 20, down: 20, unknown: 0, plannedUp: 5, plannedDown: 10 });
  expect(shareUp(sum)).toBe(0.5);
  expect(shareUpUnplanned(sum)).toBe(0.6);
});

test.each([
  [1, '100 %'],
  [0.999999, '99.99 %'],
  [0.9995, '99.95 %'],
  [0.57, '57.00 %'],
  [0.29, '29.00 %'],
  [0, '0.00 %'],
  [null, 'unknown'],
])('a share of %s is %s', (share, words) => {
  expect(shareInWords(share)).toBe(words);
});

describe('quantiles, by nearest rank', () => {
  test.each([
    [[], 0.5, null],
    [[7], 0.99, 7],
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2],
    [Array.from({ length: 100 }, (_, index) => 100 - index), 0.95, 95],
    [Array.from({ length: 1000 }, (_, index) => index), 0.99, 989],
    [Array.from({ length: 1000 }, (_, index) => ((index * 7919) % 1000) / 8 + 0.25), 0.5, 62.625],
    [[5, 1], 0, 1],
    [[5, 1], 1, 5],
  ])('of %j, %d', (numbers, q, expected) => {
    const values = new Values();
    for (const number of numbers) values.add(number);
    expect(values.count).toBe(numbers.length);
    expect(quantile(values.sorted(), q)).toBe(expected);
  });
});
