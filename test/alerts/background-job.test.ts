import { expect, test } from 'vitest';
import { BackgroundJob } from '../../src/alerts/background-job.ts';
import { never } from '../support/never.ts';
import { testSystem } from './support.ts';

/** A job that ends when a test says so, or with its signal. */
function controlled() {
  const started: AbortSignal[] = [];
  let finish: (error?: Error) => void = () => undefined;
  const job = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      started.push(signal);
      finish = (error) => (error ? reject(error) : resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  return { started, job, finish: (error?: Error) => finish(error) };
}

test('a job that ends in its head start is waited for', async () => {
  const system = testSystem();
  const background = new BackgroundJob(system, 5000);
  let done = false;
  await background.run(async () => {
    done = true;
  }, never);
  expect([done, background.isRunning, system.waits()]).toEqual([true, false, []]);
});

test('one that takes longer goes on alone, is waited for no second time, and no other begins meanwhile', async () => {
  const system = testSystem();
  const background = new BackgroundJob(system, 5000);
  const { started, job, finish } = controlled();
  const first = background.run(job, never);
  system.strike(5000);
  await first;
  system.advance(60_000);
  const second = background.run(job, never);
  system.strike(0);
  await second;
  expect([started.length, background.isRunning]).toEqual([1, true]);
  finish();
  await background.end();
  expect(background.isRunning).toBe(false);
});

test.each(['a stop', 'its end'])('%s ends it', async (what) => {
  const system = testSystem();
  const background = new BackgroundJob(system, 5000);
  const { started, job } = controlled();
  const stop = new AbortController();
  const running = background.run(job, stop.signal);
  if (what === 'a stop') stop.abort();
  else await background.end();
  await running;
  expect(started[0]?.aborted).toBe(true);
  expect([background.isRunning, system.waits()]).toEqual([false, []]);
});

test.each([
  ['in its time of grace is not cut off', false],
  ['after it is', true],
])('one that would end %s', async (_, late) => {
  const system = testSystem();
  const background = new BackgroundJob(system, 5000);
  const { started, job, finish } = controlled();
  const running = background.run(job, never);
  const ending = background.end(3000);
  if (late) system.strike(3000);
  else finish();
  await ending;
  await running;
  expect([started[0]?.aborted, background.isRunning]).toEqual([late, false]);
});

test('what it throws in the background the next call throws', async () => {
  const system = testSystem();
  const background = new BackgroundJob(system, 5000);
  const { job, finish } = controlled();
  const first = background.run(job, never);
  system.strike(5000);
  await first;
  finish(new Error('a bug'));
  await expect(background.end()).rejects.toThrow('a bug');
  await background.run(async () => undefined, never);
});
