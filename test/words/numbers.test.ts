import { expect, test } from 'vitest';
import { bytesInWords, counted } from '../../src/words/numbers.ts';

test.each([
  [0, '0 rows'],
  [1, '1 row'],
  [2, '2 rows'],
  [12_345, '12,345 rows'],
])('%d rows are %s', (count, words) => {
  expect(counted(count, 'row')).toBe(words);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [81_456_000_000, '81 GB'],
  [3e15, '3000 TB'],
])('%d bytes are %s', (bytes, words) => {
  expect(bytesInWords(bytes)).toBe(words);
});
