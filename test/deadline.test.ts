import { expect, test } from 'vitest';
import { startDeadline, unlessAborted } from '../src/deadline.ts';
import { fakeMachine } from './support/fake-machine.ts';
import { never } from './support/never.ts';

test('a deadline strikes when its time is up', async () => {
  const { system } = fakeMachine();
  const deadline = startDeadline(system, 500, never);
  await system.sleep(499);
  expect(deadline.signal.aborted).toBe(false);
  expect(deadline.struck()).toBe(false);
  await system.sleep(1);
  expect(deadline.struck()).toBe(true);
  expect(deadline.signal.reason).toEqual(new Error('deadline of 500 ms'));
});

test('an abort of the parent is passed on with its reason, and is no strike, also later', async () => {
  const { system } = fakeMachine();
  const parent = new AbortController();
  const stop = new Error('stop');
  const deadline = startDeadline(system, 500, parent.signal);
  parent.abort(stop);
  expect(deadline.signal.reason).toBe(stop);
  await system.sleep(1000);
  expect(deadline.struck()).toBe(false);
  expect(deadline.signal.reason).toBe(stop);
});

test('under a parent that was aborted before, a deadline begins aborted', () => {
  const { system } = fakeMachine();
  const deadline = startDeadline(system, 500, AbortSignal.abort('stop'));
  expect(deadline.signal.reason).toBe('stop');
  deadline.end();
});

test('what is ended neither strikes nor follows its parent any more', async () => {
  const { system } = fakeMachine();
  const parent = new AbortController();
  const deadline = startDeadline(system, 500, parent.signal);
  deadline.end();
  parent.abort();
  await system.sleep(1000);
  expect(deadline.signal.aborted).toBe(false);
  expect(deadline.struck()).toBe(false);
});

test('what can not be cancelled is waited for no longer than until the abort', async () => {
  const stop = new AbortController();
  expect(await unlessAborted(Promise.resolve('done'), stop.signal)).toBe('done');
  await expect(unlessAborted(Promise.reject(new Error('failed')), stop.signal)).rejects.toThrow('failed');
  const endless = unlessAborted(new Promise(() => undefined), stop.signal);
  stop.abort(new Error('stop'));
  await expect(endless).rejects.toThrow('stop');
  await expect(unlessAborted(new Promise(() => undefined), stop.signal)).rejects.toThrow('stop');
});
