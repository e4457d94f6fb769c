import { expect, test } from 'vitest';
import type { Holder, Lock } from '../../src/lock/lock.ts';
import type { ProgressEvent } from '../../src/model/progress.ts';
import { holderProgress } from '../../src/ui/holder-progress.ts';
import { resultOf } from '../support/results.ts';

test('the lock of the results folder says what the monitor is doing', () => {
  const holder: Holder = { pid: 7, what: 'vpn-monitor run', since: '2026-11-23T12:00:00.000Z' };
  let said: Holder | undefined;
  const lock: Lock = {
    release: () => undefined,
    describe: (now) => {
      said = now;
    },
  };
  const progress = holderProgress(lock, holder, { now: () => new Date('2026-11-23T12:00:00Z') });
  const after = (event: ProgressEvent) => {
    progress(event);
    return said;
  };
  expect(after({ kind: 'cleaning', site: 'a' })).toEqual({
    ...holder,
    doing: 'testing a: checking the host',
  });
  expect(after({ kind: 'stage', site: 'a', stage: 2 })).toEqual({ ...holder, doing: 'testing a: log in' });
  expect(after({ kind: 'logging-out', site: 'a' })).toEqual({ ...holder, doing: 'testing a: logging out' });
  expect(after({ kind: 'waiting-for-host', site: 'a', holder: 'process 8' })).toEqual({
    ...holder,
    doing: 'waiting for process 8 before testing a',
  });
  expect(after({ kind: 'finished', result: resultOf('a') })).toEqual(holder);
  expect(after({ kind: 'idle', seconds: 90 })).toEqual({ ...holder, next: '2026-11-23T12:01:30.000Z' });
  expect(after({ kind: 'end' })).toEqual(holder);
});
