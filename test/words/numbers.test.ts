import { expect, test } from 'vitest';
import { counted } from '../../src/words/numbers.ts';

test.each([
  [0, '0 rows'],
  [1, '1 row'],
  [2, '2 rows'],
  [12_345, '12,345 rows'],
])('%d rows are %s', (count, words) => {
  expect(counted(count, 'row')).toBe(words);
});
