import { describe, expect, test } from 'vitest';
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
