import { expect, test } from 'vitest';
import { type Availability, createAvailability } from '../../src/history/availability.ts';
import { columns, line } from '../../src/web/bars.ts';

const part = (up: number, down: number, unknown = 0): Availability => ({
  ...createAvailability(),
  up,
  down,
  unknown,
});
const [UP, DOWN, NONE] = [part(60, 0), part(0, 60), part(0, 0, 60)];
const paths = (html: string) =>
  [...html.matchAll(/<path class="(\w+)" d="([^"]*)"/g)].map(([, ...both]) => both);

test.each<[string, readonly Availability[], readonly string[][]]>([
  ['up all the time: one shape', [UP, UP, UP], [['up', 'M0 0h3v12h-3z']]],
  ['down all the time', [DOWN, DOWN], [['down', 'M0 0h2v12h-2z']]],
  ['not measured', [NONE, part(0, 0)], []],
  [
    'down for a minute, which is seen',
    [UP, part(59, 1), UP],
    [
      ['up', 'M0 0h1v12h-1zM1 0h1v9h-1zM2 0h1v12h-1z'],
      ['down', 'M1 9h1v3h-1z'],
    ],
  ],
  ['half of it was not measured', [part(30, 0, 30)], [['up', 'M0 6h1v6h-1z']]],
])('%s', (_, parts, expected) => {
  expect(paths(columns(parts, 'x').html)).toEqual(expected);
});

test.each<[string, readonly (number | null)[], string]>([
  ['a line', [10, 20, 10], 'M0 6h.5L1.5 1L2.5 6'],
  ['a gap', [20, null, 20], 'M0 1h.5M2 1h.5'],
  ['nothing', [null, null], ''],
])('%s', (_, numbers, expected) => {
  expect(paths(line(numbers, 'x').html)).toEqual([['line', expected]]);
});

test('what it shows is said, and escaped', () => {
  expect(columns([UP], '24 h: <b>').html).toContain('role="img" aria-label="24 h: &lt;b&gt;"');
});
