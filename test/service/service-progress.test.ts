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
  progress({ kind: 'cleaning', site: 'site1' });
  progress({ kind: 'finished', result: resultOf('site1') });
  progress({ kind: 'waiting-for-host', site: 'site2', holder: 'the test of site9 by process 4711' });
  progress({ kind: 'cleaning', site: 'site2' });
  pass(60);
  progress({ kind: 'finished', result: resultOf('site2', [REJECTED, REJECTED, REJECTED]) });
  progress({ kind: 'idle', seconds: 540 });
  expect(told().map(({ status }) => status)).toEqual([
    'testing site1',
    'waiting for the test of site9 by process 4711 before testing site2; last: site1 SUCCESS at 05:18',
    'testing site2; last: site1 SUCCESS at 05:18',
    'next cycle at 05:28; last: site2 FAILURE at 05:19',
  ]);
});

test('as long as the loop idles the status stays; another frequency changes it', () => {
  const { progress, pass, told } = setUp(false);
  progress({ kind: 'idle', seconds: 600 });
  pass(30);
  progress({ kind: 'idle', seconds: 569.5 });
  expect(new Set(told().map(({ status }) => status))).toEqual(new Set(['next cycle at 05:28']));
  progress({ kind: 'idle', seconds: 60 });
  expect(told()).toEqual([{ status: 'next cycle at 05:19' }]);
});

test('each step feeds the watchdog, but not oftener than every 5 s, and not beside a log-in', () => {
  const { progress, pass, told } = setUp();
  const fed = (step: () => void) => {
    step();
    return told().some(({ alive }) => alive);
  };
  expect(fed(() => progress({ kind: 'cleaning', site: 'site1' }))).toBe(true);
  pass(4);
  expect(fed(() => progress({ kind: 'stage', site: 'site1', stage: 1 }))).toBe(false);
  pass(1);
  expect(fed(() => progress({ kind: 'stage', site: 'site1', stage: 2 }))).toBe(false);
  expect(fed(() => progress({ kind: 'stage', site: 'site1', stage: 3 }))).toBe(true);
  for (const step of [
    () => progress({ kind: 'logging-out', site: 'site1' }),
    () => progress({ kind: 'cleaning', site: 'site1' }),
    () => progress({ kind: 'waiting-for-host', site: 'site1', holder: 'x' }),
    () => progress({ kind: 'finished', result: resultOf('site1') }),
    () => progress({ kind: 'idle', seconds: 60 }),
  ]) {
    pass(5);
    expect(fed(step)).toBe(true);
  }
});

test('without a watchdog none is fed', () => {
  const { progress, told } = setUp(false);
  progress({ kind: 'cleaning', site: 'site1' });
  progress({ kind: 'stage', site: 'site1', stage: 1 });
  expect(told()).toEqual([{ status: 'testing site1' }]);
});
