import { expect, test } from 'vitest';
import { barsOf } from '../../src/history/site-bars.ts';
import { statusOf } from '../../src/history/site-status.ts';
import { dayOf } from '../../src/model/local-day.ts';
import { freshState } from '../../src/state/store.ts';
import { NOW, row } from '../web/snapshot.ts';

const HOUR = 60;
/** Tests every ten minutes for two days; those from 30 to 29 hours ago and those of the last 20 minutes failed. */
const ROWS = Array.from({ length: 289 }, (_, index) => {
  const minutes = (288 - index) * 10;
  const isBad = (minutes > 29 * HOUR && minutes <= 30 * HOUR) || minutes <= 20;
  return row('oslo', minutes, isBad ? 'refused' : 1500);
});

test('each part has its share, and together they are what the status says', () => {
  const about = { sites: ['oslo', 'rome'], now: NOW, frequencyMs: 600_000 };
  const days = [{ day: dayOf(NOW), rows: ROWS }];
  const bars = barsOf(days, about);
  const { hours, days: month } = bars.get('oslo') ?? expect.fail();
  const minutes = (parts: typeof hours, state: 'up' | 'down' | 'unknown') =>
    parts.map((part) => part[state] / 60_000);
  expect(minutes(hours, 'down')).toEqual([...Array(23).fill(0), 20]);
  expect(minutes(hours, 'up')).toEqual([...Array(23).fill(60), 40]);
  expect(minutes(month, 'down')).toEqual([...Array(28).fill(0), 60, 20]);
  expect(minutes(month, 'unknown')).toEqual([...Array(28).fill(24 * HOUR), 0, 0]);
  const [status] = statusOf(days, {
    ...about,
    state: freshState(),
    maintenance: [],
    orders: [],
    expiryDays: 14,
  });
  expect(month.at(-1)).toEqual(status?.availability[0]);
  expect(minutes(bars.get('rome')?.days ?? [], 'unknown')).toEqual(Array(30).fill(24 * HOUR));
});
