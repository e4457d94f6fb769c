import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { listenForStop, type StopOptions, Stopped, signalStatus } from '../../src/process/stop.ts';
import { fakeMachine } from '../support/fake-machine.ts';

function listen(options: Partial<StopOptions> = {}) {
  const signals = new EventEmitter();
  const { system } = fakeMachine();
  const stop = listenForStop(signals, system, { onHangup: undefined, limitMs: () => 39_000, ...options });
  const send = (name: NodeJS.Signals) => signals.emit(name, name);
  const state = () => ({ stopped: stop.signal.aborted, forcing: stop.force.aborted });
  return { signals, system, stop, send, state };
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s stops, without a force, and gives status %d', (name, status) => {
  const { stop, send, state } = listen();
  expect(state()).toEqual({ stopped: false, forcing: false });
  send(name);
  expect(state()).toEqual({ stopped: true, forcing: false });
  expect(stop.signal.reason).toBeInstanceOf(Stopped);
  expect(stop.signal.reason).toMatchObject({ message: `stopped by ${name}`, by: name });
  expect(signalStatus(stop.signal)).toBe(status);
});

test('a second signal within a second is the same ^C delivered twice; one later is forced', async () => {
  const { system, send, state } = listen();
  send('SIGINT');
  await system.sleep(999);
  send('SIGINT');
  expect(state()).toEqual({ stopped: true, forcing: false });
  await system.sleep(1);
  send('SIGTERM');
  expect(state()).toEqual({ stopped: true, forcing: true });
});

test('a stop that takes longer than its limit is forced; the limit is asked for when it begins', async () => {
  let limit = 1000;
  const { system, send, state } = listen({ limitMs: () => limit });
  limit = 5000;
  send('SIGTERM');
  await system.sleep(4999);
  expect(state().forcing).toBe(false);
  await system.sleep(1);
  expect(state().forcing).toBe(true);
});

test('SIGHUP of a program whose terminal was closed stops it', () => {
  const { stop, send, state } = listen();
  send('SIGHUP');
  expect(state().stopped).toBe(true);
  expect(signalStatus(stop.signal)).toBe(143);
});

test('SIGHUP of a service asks for a reload, as often as it comes', () => {
  let asked = 0;
  const { send, state } = listen({ onHangup: () => (asked += 1) });
  send('SIGHUP');
  send('SIGHUP');
  expect(asked).toBe(2);
  expect(state().stopped).toBe(false);
});

test('after its end nothing is heard and no limit runs out', async () => {
  const { signals, system, stop, send, state } = listen();
  send('SIGTERM');
  stop.end();
  expect(signals.eventNames()).toEqual([]);
  await system.sleep(100_000);
  expect(state()).toEqual({ stopped: true, forcing: false });
});
