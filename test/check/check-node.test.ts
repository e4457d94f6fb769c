import { expect, test } from 'vitest';
import { checkNode } from '../../src/check/check-node.ts';

test.each([
  ['20.20.2', '2026-04-30T23:59:59Z', 'ok node: 20.20.2, security fixes until 2026-04-30'],
  ['20.20.2', '2026-05-01T00:00:00Z', 'warning node: 20.20.2 gets no security fixes since 2026-04-30'],
  ['22.23.3', '2026-11-30T12:00:00Z', 'ok node: 22.23.3, security fixes until 2027-04-30'],
  ['23.11.1', '2026-11-30T12:00:00Z', 'warning node: 23.11.1 gets no security fixes since 2025-06-01'],
  ['24.1.0', '2028-05-01T12:00:00Z', 'warning node: 24.1.0 gets no security fixes since 2028-04-30'],
  ['31.0.0', '2040-01-01T12:00:00Z', 'ok node: 31.0.0'],
])('%s on %s', (version, now, expected) => {
  const { verdict, words, remedy } = checkNode(version, new Date(now));
  expect(`${verdict} ${words}`).toBe(expected);
  expect(remedy === undefined).toBe(verdict === 'ok');
});
