import { expect, test } from 'vitest';
import { KILL_GRACE_MS } from '../../src/model/limits.ts';
import {
  HURRIED_CLEANING_MS,
  LAST_NOTICE_MS,
  LOG_CLOSE_MS,
  OUTPUT_GRACE_MS,
  stopDeadlineMs,
  stopLimitMs,
} from '../../src/monitor/stop-limit.ts';
import { probeConfig } from '../support/probe.ts';

test('a stop is over within quit_timeout and 10 s, also where each part of its end takes all of its time', () => {
  const config = probeConfig({ login: { ...probeConfig().login, quitTimeout: 30 } });
  const end = KILL_GRACE_MS + HURRIED_CLEANING_MS + LAST_NOTICE_MS + LOG_CLOSE_MS + OUTPUT_GRACE_MS;
  expect(stopLimitMs(config) + end).toBeLessThan(40_000);
  expect(stopDeadlineMs(config)).toBe(40_000);
  // A client that needs all of quit_timeout is logged out all the same.
  expect(stopLimitMs(config)).toBeGreaterThan(30_000);
});
