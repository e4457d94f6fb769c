import { expect, test } from 'vitest';
import type { Notice } from '../../src/service/notify.ts';
import { serviceProgress } from '../../src/service/service-progress.ts';
import type { System } from '../../src/system/system.ts';
import { REJECTED, resultOf } from '../support/results.ts';

/** A progress at 05:18; `pass` lets seconds go by, `told` gives what was told since it was last asked. */
function setUp(watched = true) {
  let seconds = 0;
  let notices: Notice[] = [];
  const notifier = { tell: (notice: Notice) => void notices.push(notice), end: async () => undefined };
  const system = {
    now: () => new Date(2018, 10, 14, 5, 18, seconds),
    monotonic: () => seconds * 1000,
  } as System;
  return {
    progress: serviceProgress({ notifier, system, watched }),
    pass: (more: number) => {
      seconds += more;
    },
    told: () => {
      const all = notices.filter((notice) => Object.keys(notice).length > 0);
      notices = [];
      return all;
    },
  };
}

test('the status says what runs, when the next cycle starts, and what came last', () => {
  const { progress, pass, told } = setUp(false);
  progress.cleaning('site1');
  progress.finished(resultOf('site1'));
  progress.waitingForHost('site2', 'the test of site9 by process 4711');
  progress.cleaning('site2');
  pass(60);
  progress.finished(resultOf('site2', [REJECTED, REJECTED, REJECTED]));
  progress.idle(540);
  expect(told().map(({ status }) => status)).toEqual([
    'testing site1',
    'waiting for the test of site9 by process 4711 before testing site2; last: site1 SUCCESS at 05:18',
    'testing site2; last: site1 SUCCESS at 05:18',
    'next cycle at 05:28; last: site2 FAILURE at 05:19',
  ]);
});

test('as long as the loop idles the status stays; another frequency changes it', () => {
  const { progress, pass, told } = setUp(false);
  progress.idle(600);
  pass(30);
  progress.idle(569.5);
  expect(new Set(told().map(({ status }) => status))).toEqual(new Set(['next cycle at 05:28']));
  progress.idle(60);
  expect(told()).toEqual([{ status: 'next cycle at 05:19' }]);
});

test('each step feeds the watchdog, but not oftener than every 5 s, and not beside a log-in', () => {
  const { progress, pass, told } = setUp();
  const fed = (step: () => void) => {
    step();
    return told().some(({ alive }) => alive);
  };
  expect(fed(() => progress.cleaning('site1'))).toBe(true);
  pass(4);
  expect(fed(() => progress.stage('site1', 1))).toBe(false);
  pass(1);
  expect(fed(() => progress.stage('site1', 2))).toBe(false);
  expect(fed(() => progress.stage('site1', 3))).toBe(true);
  for (const step of [
    () => progress.loggingOut('site1'),
    () => progress.cleaning('site1'),
    () => progress.waitingForHost('site1', 'x'),
    () => progress.finished(resultOf('site1')),
    () => progress.idle(60),
  ]) {
    pass(5);
    expect(fed(step)).toBe(true);
  }
});

test('without a watchdog none is fed', () => {
  const { progress, told } = setUp(false);
  progress.cleaning('site1');
  progress.stage('site1', 1);
  expect(told()).toEqual([{ status: 'testing site1' }]);
});
