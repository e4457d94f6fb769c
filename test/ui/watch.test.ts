import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watch } from '../../src/ui/watch.ts';
import { recordingScreen } from '../support/recording-screen.ts';
import { ok, REJECTED, resultOf } from '../support/results.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A watch on a terminal, or without one; `line` is what the live line shows. */
function watched({ columns, results = true }: { columns?: number; results?: boolean } = {}) {
  const screen = recordingScreen(columns);
  let line: string | null = null;
  const status = (text: string | null) => {
    line = text;
    screen.status(text);
  };
  const progress = watch({
    screen: { ...screen, status },
    monotonic: () => performance.now(),
    nameWidth: 5,
    results,
  });
  return { progress, screen, line: () => line };
}

test('the live line has the running site and stage, and the elapsed time', () => {
  const { progress, line } = watched({ columns: 80 });
  progress({ kind: 'cleaning', site: 'site1' });
  expect(line()).toBe('site1: checking the host, 0.0 s');
  progress({ kind: 'stage', site: 'site1', stage: 1 });
  expect(line()).toBe('site1: 1/3 ping outside, 0.0 s');
  vi.advanceTimersByTime(1200);
  expect(line()).toBe('site1: 1/3 ping outside, 1.2 s');
  progress({ kind: 'stage', site: 'site1', stage: 2 });
  expect(line()).toBe('site1: 2/3 log in, 0.0 s');
  vi.advanceTimersByTime(65_000);
  expect(line()).toBe('site1: 2/3 log in, 1:05 min');
  progress({ kind: 'stage', site: 'site1', stage: 3 });
  expect(line()).toBe('site1: 3/3 ping inside, 0.0 s');
  progress({ kind: 'logging-out', site: 'site1' });
  expect(line()).toBe('site1: logging out, 0.0 s');
  progress({ kind: 'waiting-for-host', site: 'site1', holder: 'the test of site2 by process 7' });
  expect(line()).toBe('site1: waiting for the test of site2 by process 7, 0.0 s');
  progress({ kind: 'finished', result: resultOf('site1') });
  expect(line()).toBeNull();
});

test('the live line counts down to the next cycle', () => {
  const { progress, line } = watched({ columns: 80 });
  progress({ kind: 'idle', seconds: 90 });
  expect(line()).toBe('next cycle in 1:30 min');
  vi.advanceTimersByTime(1000);
  expect(line()).toBe('next cycle in 1:29 min');
  vi.advanceTimersByTime(120_000);
  expect(line()).toBe('next cycle in 0 s');
});

test('a finished test is a line on stdout, with its causes', () => {
  const { progress, screen } = watched();
  progress({ kind: 'finished', result: resultOf('site1', [REJECTED, REJECTED, REJECTED]) });
  expect(screen.stdout().split('\n')).toEqual([
    'Nov 14 05:18:02  site1  FAILURE        ERROR        ERROR        ERROR',
    '    ping outside, log in, ping inside: Login failed.',
    '',
  ]);
});

test('on a terminal each cycle has heads, long words are not cut, and a recovery is green', () => {
  const { progress, screen } = watched({ columns: 60 });
  const long = {
    outcome: 'error',
    cause: 'refused',
    detail: 'the gateway says that no further session of this user is accepted',
  } as const;
  progress({ kind: 'finished', result: resultOf('site1', [ok(5), long, ok(12)]) });
  progress({ kind: 'finished', result: resultOf('site2') });
  progress({ kind: 'cycle', number: 2 });
  progress({ kind: 'finished', result: resultOf('site1') });
  expect(screen.stdout().split('\n')).toEqual([
    '\x1b[1mCYCLE 1          SITE   SUMMARY PING OUTSIDE       LOG IN  PING INSIDE\x1b[22m',
    'Nov 14 05:18:02  site1  \x1b[31mFAILURE\x1b[39m     5.000 ms        ERROR    12.000 ms',
    '\x1b[2m    log in: the gateway says that no further session of this\x1b[22m',
    '\x1b[2m      user is accepted\x1b[22m',
    expect.stringContaining('site2'),
    '\x1b[1mCYCLE 2          SITE   SUMMARY PING OUTSIDE       LOG IN  PING INSIDE\x1b[22m',
    expect.stringContaining('site1'),
    '\x1b[32m    works again after 1 failed test\x1b[39m',
    '',
  ]);
});

test('no line for a result if a table follows', () => {
  const { progress, screen } = watched({ results: false });
  progress({ kind: 'finished', result: resultOf('site1') });
  expect(screen.stdout()).toBe('');
});

test('without a terminal there is no live line and no timer, and a wait is printed once', () => {
  const { progress, screen, line } = watched();
  progress({ kind: 'cleaning', site: 'site1' });
  progress({ kind: 'stage', site: 'site1', stage: 1 });
  progress({ kind: 'idle', seconds: 10 });
  expect(line()).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
  progress({ kind: 'waiting-for-host', site: 'site1', holder: 'another program' });
  expect(screen.stderr()).toBe('site1: waiting for another program\n');
});

test('the end leaves no live line and no timer', () => {
  const { progress, line } = watched({ columns: 80 });
  progress({ kind: 'stage', site: 'site1', stage: 1 });
  expect(vi.getTimerCount()).toBe(1);
  progress({ kind: 'end' });
  expect(line()).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
});

test('each of several tests at the same time has a live line', () => {
  const { progress, line } = watched({ columns: 80 });
  progress({ kind: 'stage', site: 'site1', stage: 1 });
  vi.advanceTimersByTime(1000);
  progress({ kind: 'stage', site: 'site2', stage: 2 });
  expect(line()).toBe('site1: 1/3 ping outside, 1.0 s\nsite2: 2/3 log in, 0.0 s');
  progress({ kind: 'finished', result: resultOf('site1') });
  expect(line()).toBe('site2: 2/3 log in, 0.0 s');
  progress({ kind: 'finished', result: resultOf('site2') });
  expect(line()).toBeNull();
});
