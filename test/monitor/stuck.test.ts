import { expect, test } from 'vitest';
import { DONE, failed } from '../../src/model/result.ts';
import { testDeadlineMs } from '../../src/monitor/deadlines.ts';
import { watchSteps } from '../../src/monitor/stuck.ts';
import { PROFILE, probeConfig } from '../support/probe.ts';

const config = probeConfig();
/** A whole test, and the head start of the mails after it. */
const LIMIT = testDeadlineMs(config, PROFILE) + 5000;

function setUp() {
  let now = 1000;
  const steps = watchSteps(
    () => now,
    () => config,
  );
  return {
    ...steps,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('a loop is stuck if it makes no step for longer than a test and its mails may take', () => {
  const { progress, health, pass } = setUp();
  pass(LIMIT);
  expect(health()).toEqual(DONE);
  pass(1000);
  const [silent, most] = [(LIMIT + 1000) / 1000, LIMIT / 1000].map((seconds) => seconds.toFixed(0));
  expect(health()).toEqual(failed(`no progress for ${silent} s; the longest step takes ${most} s`));
  progress({ kind: 'stage', site: 'site1', stage: 2 });
  expect(health()).toEqual(DONE);
});

test('the wait for the next cycle does not count', () => {
  const { progress, health, pass } = setUp();
  progress({ kind: 'idle', seconds: 86_400 });
  pass(86_400_000 + LIMIT);
  expect(health()).toEqual(DONE);
  pass(1);
  expect(health().ok).toBe(false);
  // The wait is over with the next step.
  progress({ kind: 'cleaning', site: 'site1' });
  pass(LIMIT + 1);
  expect(health().ok).toBe(false);
});
