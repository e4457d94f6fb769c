import { expect, test } from 'vitest';
import { LOGIN_WAIT_MS } from '../../src/model/limits.ts';
import { LoginGate, untilIdle } from '../../src/monitor/login-gate.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';

test.each([
  [1, 1],
  [2, 1],
  [3, 1],
  [4, 2],
  [16, 8],
])('with %i processors %i log-ins run at once', async (processors, most) => {
  const { system } = fakeMachine();
  const gate = new LoginGate(processors);
  let running = 0;
  let highest = 0;
  const logIn = async () => {
    const leave = await gate.enter(system, never);
    running += 1;
    highest = Math.max(highest, running);
    await system.sleep(100);
    running -= 1;
    leave();
  };
  await Promise.all(Array.from({ length: 20 }, logIn));
  expect(highest).toBe(most);
});

test('the gate lets log-ins in by the order of their calls; who leaves twice leaves once', async () => {
  const { system } = fakeMachine();
  const gate = new LoginGate(2);
  const order: number[] = [];
  const logIn = async (number: number) => {
    const leave = await gate.enter(system, never);
    order.push(number);
    await system.sleep(10);
    leave();
    leave();
  };
  await Promise.all([1, 2, 3, 4, 5].map(logIn));
  expect(order).toEqual([1, 2, 3, 4, 5]);
  expect(system.monotonic()).toBe(50);
});

test('a wait that is aborted takes no place', async () => {
  const { system } = fakeMachine();
  const gate = new LoginGate(2);
  const leave = await gate.enter(system, never);
  const stop = new AbortController();
  const waiting = gate.enter(system, stop.signal);
  stop.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow('stop');
  leave();
  (await gate.enter(system, never))();
  await expect(gate.enter(system, stop.signal)).rejects.toThrow('stop');
});

test('a log-in does not wait endlessly for one that never leaves', async () => {
  const { system } = fakeMachine();
  const gate = new LoginGate(2);
  await gate.enter(system, never);
  const leave = await gate.enter(system, never);
  expect(system.monotonic()).toBe(LOGIN_WAIT_MS);
  // It had no place to give back.
  leave();
  await gate.enter(system, never);
  expect(system.monotonic()).toBe(2 * LOGIN_WAIT_MS);
});

test.each([
  ['a client that waits for its network at once', 0, 1000],
  ['a Java client that computes for three seconds first', 3000, 4000],
  ['a client that never stops computing', 60_000, 5000],
])('%s keeps its place so long', async (_, busyFor, until) => {
  const { system } = fakeMachine();
  await untilIdle(system, () => Math.min(busyFor, system.monotonic()), never);
  expect(system.monotonic()).toBe(until);
});

test('the place is given back when the log-in is over', async () => {
  const { system, at } = fakeMachine();
  const over = new AbortController();
  at(300, () => over.abort());
  await untilIdle(system, () => system.monotonic(), over.signal);
  expect(system.monotonic()).toBe(300);
});
