import { expect, test } from 'vitest';
import { addressesOf } from '../../../src/host/network/addresses.ts';
import type { System } from '../../../src/system/system.ts';
import { fakeMachine } from '../../support/fake-machine.ts';
import { machine } from '../../support/machine.ts';
import { never } from '../../support/never.ts';

function resolving(resolve: System['resolve']): System {
  return fakeMachine({ system: { resolve } }).system;
}

test.each([
  ['192.0.2.10', '192.0.2.10'],
  ['2001:DB8:0:0::10', '2001:db8::10'],
  ['fe80::1%eth0', 'fe80::1'],
])('the address %s is compared as %s, and not resolved', async (host, address) => {
  const system = resolving(() => expect.unreachable());
  expect(await addressesOf(system, host, 5000, never)).toEqual([address]);
});

test('a name has all its addresses, in their order', async () => {
  const system = resolving(async () => ['2001:db8::10', '192.0.2.10']);
  expect(await addressesOf(system, 'gw', 5000, never)).toEqual(['2001:db8::10', '192.0.2.10']);
  expect(await addressesOf(machine, 'localhost', 30_000, never)).not.toEqual([]);
  expect(await machine.resolve('nowhere.invalid')).toEqual([]);
});

test('a name server that does not answer: waits until the deadline', async () => {
  const { system } = fakeMachine({ system: { resolve: () => new Promise(() => undefined) } });
  expect(await addressesOf(system, 'gw', 5000, never)).toEqual([]);
  expect(system.monotonic()).toBe(5000);
});

test('a stop ends the wait, also a stop before the wait', async () => {
  const stop = new AbortController();
  const { system, at } = fakeMachine({ system: { resolve: () => new Promise(() => undefined) } });
  at(1000, () => stop.abort(new Error('stop')));
  await expect(addressesOf(system, 'gw', 5000, stop.signal)).rejects.toThrow('stop');
  await expect(addressesOf(system, 'gw', 5000, stop.signal)).rejects.toThrow('stop');
});
