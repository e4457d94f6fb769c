import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dayOf } from '../../src/model/local-day.ts';
import { partsOf } from '../../src/report/parts.ts';

beforeEach(() => vi.stubEnv('TZ', 'Europe/Berlin'));
afterEach(() => vi.unstubAllEnvs());

const HOUR = 3_600_000;
const days = (first: string, count: number) => {
  const from = dayOf(Date.parse(first)).start;
  return { from, to: dayOf(from, count).start };
};

describe('the bars of a report', () => {
  test.each([
    ['a day of 25 hours', ['2026-10-25T12:00', 1], 25, HOUR],
    ['three days', ['2026-11-10T12:00', 3], 72, HOUR],
    ['a month', ['2026-11-01T12:00', 30], 30, 24 * HOUR],
    ['a quarter', ['2026-07-01T12:00', 92], 92, 24 * HOUR],
    ['a year', ['2026-01-01T12:00', 365], 92, 4 * 24 * HOUR],
  ] as const)('%s', (_, [first, length], count, width) => {
    const range = days(first, length);
    const parts = partsOf(range);
    expect(parts).toHaveLength(count);
    expect(parts[1] && parts[1].to - parts[1].from).toBe(width);
    expect(parts[0]?.from).toBe(range.from);
    expect(parts.at(-1)?.to).toBe(range.to);
    for (const [index, part] of parts.entries()) expect(part.from).toBe(parts[index - 1]?.to ?? range.from);
  });

  test('the last one ends with the report', () => {
    const { from } = days('2026-11-01T12:00', 10);
    const to = from + 9.5 * 24 * HOUR;
    expect(partsOf({ from, to }).at(-1)).toEqual({ from: from + 9 * 24 * HOUR, to });
  });
});
