import { expect, test } from 'vitest';
import { watchSteps } from '../../src/metrics/steps.ts';
import { testDeadlineMs } from '../../src/probe/test-deadline.ts';
import { PROFILE, probeConfig, recordingProgress } from '../support/probe.ts';
import { resultOf } from '../support/results.ts';

const config = probeConfig();
const { testing, closing } = testDeadlineMs(config, PROFILE);
/** A whole test, and the mails after it. */
const LIMIT = testing + closing + 130_000;

function setUp() {
  let now = 1000;
  const progress = recordingProgress();
  const steps = watchSteps(
    progress,
    () => now,
    () => config,
  );
  return {
    ...steps,
    calls: progress.calls,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('every call is handed on', () => {
  const { progress, calls } = setUp();
  progress.waitingForHost('site1', 'another');
  progress.cleaning('site1');
  progress.stage('site1', 2);
  progress.loggingOut('site1');
  progress.finished(resultOf('site1'));
  progress.idle(5);
  progress.end();
  expect(calls).toEqual([
    'waitingForHost site1 another',
    'cleaning site1',
    'stage site1 2',
    'loggingOut site1',
    'finished site1',
    'idle 5',
    'end',
  ]);
});

test('a loop is stuck when it makes no step for longer than a test and its mails may take', () => {
  const { progress, stuck, pass } = setUp();
  pass(LIMIT);
  expect(stuck()).toBeNull();
  pass(1000);
  const [silent, most] = [(LIMIT + 1000) / 1000, LIMIT / 1000].map((seconds) => seconds.toFixed(0));
  expect(stuck()).toBe(`no progress for ${silent} s, where ${most} s are the most to be expected`);
  progress.stage('site1', 2);
  expect(stuck()).toBeNull();
});

test('the wait for the next cycle is no silence', () => {
  const { progress, stuck, pass } = setUp();
  progress.idle(86_400);
  pass(86_400_000 + LIMIT);
  expect(stuck()).toBeNull();
  pass(1);
  expect(stuck()).not.toBeNull();
  // The wait is over with the next step.
  progress.cleaning('site1');
  pass(LIMIT + 1);
  expect(stuck()).not.toBeNull();
});
