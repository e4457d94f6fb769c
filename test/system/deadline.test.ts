import { expect, test } from 'vitest';
import { poll, sleepUntil, startDeadline, unlessAborted } from '../../src/system/deadline.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';

test('a deadline expires when its time is up', async () => {
  const { system } = fakeMachine();
  const deadline = startDeadline(system, 500, never);
  await system.sleep(499);
  expect(deadline.signal.aborted).toBe(false);
  expect(deadline.expired()).toBe(false);
  await system.sleep(1);
  expect(deadline.expired()).toBe(true);
  expect(deadline.signal.reason).toEqual(new Error('deadline of 500 ms'));
});

test('an abort of the parent aborts the deadline with its reason, and never counts as expired', async () => {
  const { system } = fakeMachine();
  const parent = new AbortController();
  const stop = new Error('stop');
  const deadline = startDeadline(system, 500, parent.signal);
  parent.abort(stop);
  expect(deadline.signal.reason).toBe(stop);
  await system.sleep(1000);
  expect(deadline.expired()).toBe(false);
  expect(deadline.signal.reason).toBe(stop);
});

test('under a parent that was aborted before, a deadline begins aborted', () => {
  const { system } = fakeMachine();
  const deadline = startDeadline(system, 500, AbortSignal.abort('stop'));
  expect(deadline.signal.reason).toBe('stop');
  deadline.end();
});

test('an ended deadline neither expires nor follows its parent', async () => {
  const { system } = fakeMachine();
  const parent = new AbortController();
  const deadline = startDeadline(system, 500, parent.signal);
  deadline.end();
  parent.abort();
  await system.sleep(1000);
  expect(deadline.signal.aborted).toBe(false);
  expect(deadline.expired()).toBe(false);
});

test('an abort ends the wait for a promise that can not be cancelled', async () => {
  const stop = new AbortController();
  expect(await unlessAborted(Promise.resolve('done'), stop.signal)).toBe('done');
  await expect(unlessAborted(Promise.reject(new Error('failed')), stop.signal)).rejects.toThrow('failed');
  const endless = unlessAborted(new Promise(() => undefined), stop.signal);
  stop.abort(new Error('stop'));
  await expect(endless).rejects.toThrow('stop');
  await expect(unlessAborted(new Promise(() => undefined), stop.signal)).rejects.toThrow('stop');
});

test('a sleep ends when its time is up, when it is woken, and with the reason of a stop', async () => {
  const { system, at } = fakeMachine();
  await sleepUntil(system, 500, never, never);
  expect(system.monotonic()).toBe(500);
  const wake = new AbortController();
  at(600, () => wake.abort());
  await sleepUntil(system, 500, wake.signal, never);
  expect(system.monotonic()).toBe(600);
  await sleepUntil(system, 500, wake.signal, never);
  expect(system.monotonic()).toBe(600);
  const stop = new AbortController();
  at(700, () => stop.abort(new Error('stop')));
  await expect(sleepUntil(system, 500, never, stop.signal)).rejects.toThrow('stop');
  expect(system.monotonic()).toBe(700);
  await expect(sleepUntil(system, 500, wake.signal, stop.signal)).rejects.toThrow('stop');
});

test('poll calls until a value is found, for the last time when the time is over', async () => {
  const { system, at } = fakeMachine();
  const look = { ms: 250, everyMs: 100 };
  const lefts: number[] = [];
  const found = await poll(system, look, never, (left) => {
    lefts.push(left);
    return left > 100 ? undefined : null;
  });
  expect([found, lefts]).toEqual([null, [250, 150, 50]]);
  lefts.length = 0;
  expect(await poll(system, look, never, (left) => void lefts.push(left))).toBeUndefined();
  expect(lefts).toEqual([250, 150, 50, 0]);
  const stop = new AbortController();
  at(system.monotonic() + 120, () => stop.abort(new Error('stop')));
  await expect(poll(system, look, stop.signal, () => undefined)).rejects.toThrow('stop');
});
