import { expect, test } from 'vitest';
import { takeServiceEnvironment } from '../../src/service/environment.ts';

test.each([
  ['no service', { PATH: '/bin' }, undefined],
  ['no name of a socket', { NOTIFY_SOCKET: '' }, undefined],
  ['a watchdog, but no socket', { WATCHDOG_USEC: '1000000', WATCHDOG_PID: '42' }, undefined],
  ['a service', { NOTIFY_SOCKET: '/run/n' }, { socket: '/run/n', watchdogMs: null }],
  [
    'one with a watchdog',
    { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '1500000', WATCHDOG_PID: '42' },
    { socket: '@n', watchdogMs: 1500 },
  ],
  [
    'a watchdog for anybody',
    { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '1000000' },
    { socket: '@n', watchdogMs: 1000 },
  ],
  [
    'a watchdog for another process',
    { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '1000000', WATCHDOG_PID: '41' },
    { socket: '@n', watchdogMs: null },
  ],
  [
    'a watchdog that is no number',
    { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: 'x' },
    { socket: '@n', watchdogMs: null },
  ],
])('%s', (_, env: Record<string, string>, expected) => {
  const left = { ...env };
  expect(takeServiceEnvironment(left, 42)).toEqual(expected);
  expect(Object.keys(left).filter((name) => name !== 'PATH')).toEqual([]);
});
