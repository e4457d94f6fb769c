import { describe, expect, test } from 'vitest';
import { shortMs } from '../../src/ui/milliseconds.ts';
import { sparkline } from '../../src/ui/sparkline.ts';

describe('numbers as columns', () => {
  test.each([
    ['none', [], ''],
    ['only gaps', [null, null], '·×'],
    ['one', [5], '▁'],
    ['the same', [5, 5, 5], '▁▁▁'],
    ['nothing', [0, 0], '▁▁'],
    ['from the least to the most', [1, 2, 3, 4, 5, 6, 7, 8], '▁▂▃▄▅▆▇█'],
    ['little noise stays low', [100, 102, 101, 104], '▁▁▁▂'],
    ['gaps among them', [null, 1, 2], '·▁█'],
  ])('%s', (_name, numbers, line) => {
    expect(sparkline(numbers, (index) => (index === 0 ? '·' : '×'))).toBe(line);
  });
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
])('%d ms as %s', (ms, words) => {
  expect(shortMs(ms)).toBe(words);
});
