import { expect, test } from 'vitest';
import type { Notice } from '../../src/service/notify.ts';
import { serviceProgress } from '../../src/service/service-progress.ts';
import type { System } from '../../src/system/system.ts';
import { REJECTED, resultOf } from '../support/results.ts';

/** A progress at 05:18; `pass` lets seconds go by, `sent` returns the notices since its last call. */
function setUp(watched = true) {
  let seconds = 0;
  let notices: Notice[] = [];
  const notifier = { send: (notice: Notice) => void notices.push(notice) };
  const system = {
    now: () => new Date(2018, 10, 14, 5, 18, seconds),
    monotonic: () => seconds * 1000,
  } as System;
  return {
    progress: serviceProgress({ notifier, system, watched }),
    pass: (more: number) => {
      seconds += more;
    },
    sent: () => {
      const all = notices.filter((notice) => Object.keys(notice).length > 0);
      notices = [];
      return all;
    },
  };
}

test('the status shows the running test, the next cycle and the last result', () => {
  const { progress, pass, sent } = setUp(false);
  progress({ kind: 'cleaning', site: 'site1' });
  progress({ kind: 'finished', result: resultOf('site1') });
  progress({ kind: 'waiting-for-host', site: 'site2', holder: 'the test of site9 by process 4711' });
  progress({ kind: 'cleaning', site: 'site2' });
  pass(60);
  progress({ kind: 'finished', result: resultOf('site2', [REJECTED, REJECTED, REJECTED]) });
  progress({ kind: 'idle', seconds: 540 });
  expect(sent().map(({ status }) => status)).toEqual([
    'testing site1',
    'waiting for the test of site9 by process 4711 before testing site2; last: site1 SUCCESS at 05:18',
    'testing site2; last: site1 SUCCESS at 05:18',
    'next cycle at 05:28; last: site2 FAILURE at 05:19',
  ]);
});

test('the status does not change while the loop is idle, unless the frequency changes', () => {
  const { progress, pass, sent } = setUp(false);
  progress({ kind: 'idle', seconds: 600 });
  pass(30);
  progress({ kind: 'idle', seconds: 569.5 });
  expect(new Set(sent().map(({ status }) => status))).toEqual(new Set(['next cycle at 05:28']));
  progress({ kind: 'idle', seconds: 60 });
  expect(sent()).toEqual([{ status: 'next cycle at 05:19' }]);
});

test('each event notifies the watchdog, at most every 5 s, and not during a log-in', () => {
  const { progress, pass, sent } = setUp();
  const fed = (step: () => void) => {
    step();
    return sent().some(({ alive }) => alive);
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

test('without a watchdog nothing is sent', () => {
  const { progress, sent } = setUp(false);
  progress({ kind: 'cleaning', site: 'site1' });
  progress({ kind: 'stage', site: 'site1', stage: 1 });
  expect(sent()).toEqual([{ status: 'testing site1' }]);
});

test('the status names the sites that are tested at the same time, five at the most', () => {
  const { progress, sent } = setUp(false);
  for (let number = 1; number <= 7; number += 1) progress({ kind: 'cleaning', site: `site${number}` });
  for (let number = 1; number <= 6; number += 1) {
    progress({ kind: 'finished', result: resultOf(`site${number}`) });
  }
  const statuses = sent().map(({ status }) => status);
  expect(statuses[1]).toBe('testing 2 sites: site1, site2');
  expect(statuses[6]).toBe('testing 7 sites: site1, site2, site3, site4, site5 and 2 more');
  expect(statuses.at(-1)).toBe('testing site7; last: site6 SUCCESS at 05:18');
});
