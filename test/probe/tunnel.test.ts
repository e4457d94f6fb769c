import { expect, test } from 'vitest';
import { TUNNEL_UP_MS } from '../../src/model/limits.ts';
import { noteWays, waitForTunnel } from '../../src/probe/tunnel.ts';
import type { System } from '../../src/system/system.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { whyOf } from '../support/why-of.ts';

const DEVICES = ['lo', 'eth0'];
const BEFORE = { devices: DEVICES };

interface Network {
  /** What `ip route get` says, by the time in ms: the last that is due counts; `null`: there is no route. */
  readonly routes: readonly (readonly [number, string | null])[];
  readonly devices?: readonly string[];
  readonly resolve?: System['resolve'];
  readonly ip?: boolean;
}

/** A machine with a network that changes. `asked` are the addresses that a route was asked for. */
function network({ routes, devices = [...DEVICES, 'tun0'], resolve, ip = true }: Network) {
  const asked: string[] = [];
  const machine = fakeMachine({
    ...(ip && { programs: { ip: () => [] } }),
    system: {
      listFolder: () => devices,
      ...(resolve && { resolve }),
      run: async (_, args) => {
        asked.push(args.slice(3).join(' '));
        const route = routes.findLast(([from]) => from <= machine.system.monotonic())?.[1] ?? null;
        return route === null
          ? { code: 2, output: 'RTNETLINK answers: Network is unreachable\n' }
          : { code: 0, output: `${route} uid 0 \\    cache \n` };
      },
    },
  });
  return { machine, system: machine.system, asked };
}

const OUTSIDE = '10.0.0.1 via 192.0.2.1 dev eth0 src 192.0.2.2';
const INSIDE = '10.0.0.1 dev tun0 src 10.0.0.99';

test('a tunnel that is up is not waited for', async () => {
  const { system, asked } = network({ routes: [[0, INSIDE]] });
  expect(whyOf(await waitForTunnel(system, '10.0.0.1', BEFORE, never))).toBeNull();
  expect(system.monotonic()).toBe(0);
  expect(asked).toEqual(['10.0.0.1']);
});

test('a tunnel that comes up later is waited for, and no longer', async () => {
  const { system } = network({
    routes: [
      [0, null],
      [50, OUTSIDE],
      [100, INSIDE],
    ],
  });
  expect(whyOf(await waitForTunnel(system, '10.0.0.1', BEFORE, never))).toBeNull();
  expect(system.monotonic()).toBe(100);
});

test.each<[string, string, Network]>([
  ['no device', 'no tunnel device appeared', { routes: [[0, OUTSIDE]], devices: DEVICES }],
  [
    'a device that the route does not take',
    'the route to 10.0.0.1 leaves through eth0',
    { routes: [[0, OUTSIDE]] },
  ],
  ['a device and no route', 'there is no route to 10.0.0.1', { routes: [[0, null]] }],
])('a tunnel that never comes up, %s: given up, and said why', async (_, why, given) => {
  const { system } = network(given);
  expect(whyOf(await waitForTunnel(system, '10.0.0.1', BEFORE, never))).toBe(why);
  expect(system.monotonic()).toBe(TUNNEL_UP_MS);
});

test('a tunnel that was there before the log-in is not the one', async () => {
  const { system } = network({ routes: [[0, INSIDE]] });
  expect(whyOf(await waitForTunnel(system, '10.0.0.1', { devices: [...DEVICES, 'tun0'] }, never))).toBe(
    'no tunnel device appeared',
  );
});

test('a name that only the inside knows is asked for until it is known', async () => {
  const { system, asked } = network({
    routes: [[0, INSIDE]],
    resolve: async () => (system.monotonic() < 100 ? [] : ['10.0.0.1', '10.0.0.2']),
  });
  expect(await waitForTunnel(system, 'server.corp', BEFORE, never)).toEqual({
    ok: true,
    value: ['10.0.0.1', '10.0.0.2'],
  });
  expect(asked).toEqual(['10.0.0.1', '10.0.0.2']);
});

test('the route to an address with a zone is that through its device', async () => {
  const through = 'fe80::1 from :: dev tun0 proto kernel src fe80::2';
  const { system, asked } = network({
    routes: [
      [0, null],
      [100, through],
    ],
  });
  expect(await waitForTunnel(system, 'fe80::1%tun0', BEFORE, never)).toEqual({
    ok: true,
    value: ['fe80::1%tun0'],
  });
  expect(new Set(asked)).toEqual(new Set(['fe80::1 oif tun0']));
  const other = network({ routes: [[0, through]], devices: [...DEVICES, 'tun0', 'tun1'] });
  expect(
    whyOf(await waitForTunnel(other.system, 'fe80::1%tun0', { devices: [...DEVICES, 'tun0'] }, never)),
  ).toBe('the route to fe80::1%tun0 leaves through tun0');
});

test('a name server that is silent costs no more than the wait for a tunnel', async () => {
  const { system } = network({ routes: [], resolve: () => new Promise(() => undefined) });
  expect(whyOf(await waitForTunnel(system, 'server.corp', BEFORE, never))).toBe(
    'the name server.corp is not resolved',
  );
  expect(system.monotonic()).toBeLessThan(TUNNEL_UP_MS + 100);
});

test('without ip nothing is waited for', async () => {
  const { system } = network({ routes: [], ip: false });
  expect(whyOf(await waitForTunnel(system, '10.0.0.1', BEFORE, never))).toContain('ip (iproute2)');
  expect(system.monotonic()).toBe(0);
});

test('a stop ends the wait', async () => {
  const stop = new AbortController();
  const { system, machine } = network({ routes: [[0, OUTSIDE]] });
  machine.at(1000, () => stop.abort(new Error('stop')));
  await expect(waitForTunnel(system, '10.0.0.1', BEFORE, stop.signal)).rejects.toThrow('stop');
});

/** Of a tunnel that has no device, as strongSwan makes it with the kernel's ESP. */
test.each<[string, string, boolean]>([
  ['nothing changed', OUTSIDE, false],
  ['another source', OUTSIDE.replace('192.0.2.2', '10.9.0.1'), true],
  ['another table', OUTSIDE.replace(' src', ' table 220 src'), true],
  ['a new device', INSIDE, true],
])('a tunnel that is a route, %s', async (_, route, isUp) => {
  const before = await noteWays(network({ routes: [[0, OUTSIDE]] }).system, ['10.0.0.1'], never);
  const { system } = network({ routes: [[0, route]] });
  const tunnel = await waitForTunnel(system, '10.0.0.1', { devices: DEVICES, ways: before }, never);
  expect(whyOf(tunnel)).toBe(isUp ? null : 'the route to 10.0.0.1 leaves through eth0');
});

test('a name that only the inside knows proves no tunnel without a device: its route was not noted', async () => {
  const before = await noteWays(
    network({ routes: [], resolve: async () => [] }).system,
    ['server.corp'],
    never,
  );
  const { system } = network({ routes: [[0, OUTSIDE]], resolve: async () => ['10.0.0.1'] });
  const tunnel = await waitForTunnel(system, 'server.corp', { devices: DEVICES, ways: before }, never);
  expect(whyOf(tunnel)).toBe('the route to server.corp leaves through eth0');
});
