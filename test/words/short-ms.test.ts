import { expect, test } from 'vitest';
import { shortMs } from '../../src/words/short-ms.ts';

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
