import { expect, test } from 'vitest';
import type { ProcessStat } from '../../src/system/place.ts';
import { identityOf, isRunning } from '../../src/system/process-identity.ts';

const PROCESS: ProcessStat = {
  ...{ pid: 4242, name: 'startct', state: 'S', ppid: 1, pgrp: 4242, session: 4242, startTicks: 1 },
};

test.each([
  ['R', true],
  ['S', true],
  ['D', true],
  ['T', true],
  ['Z', false],
  ['X', false],
])('a process in state %s runs: %s', (state, runs) => {
  expect(isRunning({ ...PROCESS, state })).toBe(runs);
});

test('a process keeps its identity; another start time is another process', () => {
  expect(identityOf({ ...PROCESS, state: 'Z', name: 'other' })).toBe(identityOf(PROCESS));
  expect(identityOf({ ...PROCESS, startTicks: 2 })).not.toBe(identityOf(PROCESS));
});
