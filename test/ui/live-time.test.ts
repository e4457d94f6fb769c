import { expect, test } from 'vitest';
import { countdown, elapsed } from '../../src/ui/live-time.ts';

test.each([
  [-1, '0.0 s', '0 s'],
  [0, '0.0 s', '0 s'],
  [0.44, '0.4 s', '0 s'],
  [9.9, '9.9 s', '9 s'],
  [12.7, '12 s', '12 s'],
  [59.9, '59 s', '59 s'],
  [65, '1:05 min', '1:05 min'],
  [3599, '59:59 min', '59:59 min'],
  [7205, '2:00:05 h', '2:00:05 h'],
  [86_400, '24:00:00 h', '24:00:00 h'],
])('%d seconds read %s running and %s to go', (seconds, running, left) => {
  expect(elapsed(seconds)).toBe(running);
  expect(countdown(seconds)).toBe(left);
});
