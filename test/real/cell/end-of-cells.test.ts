import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MonitoredWorld } from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { stop } from '../../support/world.ts';
import { insideDropped } from '../lab/faults.ts';
import type { Gateway, GatewayOptions, Lab } from '../lab/lab.ts';
import { inNamespace } from '../lab/network.ts';
import { labUnavailable } from '../lab/unavailable.ts';
import { AT_ONCE, bringUp, hostWithoutCells, ofCells, sitesOf } from './at-once.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

/** So long that all of them ping inside at the same time, also on a busy machine. */
const LONG_PINGS = AT_ONCE.replace('count: 2', 'count: 30');

async function start(...kinds: GatewayOptions['kind'][]): Promise<Lab<MonitoredWorld>> {
  lab = await bringUp(kinds);
  return lab;
}

/** The pings inside that run now. */
function pings(world: MonitoredWorld, { internal }: Gateway): number {
  return world.processes().filter(({ name, args }) => name === 'ping' && args.endsWith(` ${internal}`))
    .length;
}

/** The users whose session is at an ocserv. */
function sessions(world: MonitoredWorld, { name, folder }: Gateway): number {
  const users = world.run(inNamespace(name, `occtl -j -s '${folder}/occtl.sock' show users`));
  return (users.match(/"Username"/g) ?? []).length;
}

test('kill -9 while four tunnels are up: all is gone, and the next start removes the table that stays', async () => {
  const { gateways, world } = await start('ocserv', 'ocserv', 'ocserv', 'openvpn');
  const [first] = gateways as [Gateway];
  const before = hostWithoutCells(world);
  world.config(sitesOf(gateways), LONG_PINGS);
  const mends = gateways.map(insideDropped);
  const killed = world.monitor([], { SIM_RESOLV: '' });
  await until('all ping inside', () => pings(world, first) === 4);
  expect(ofCells(world).links).toHaveLength(4);
  killed.signal('SIGKILL');
  await killed.ended;
  await until('clients and links are gone', () => {
    const { links, clients } = ofCells(world);
    return links.length === 0 && clients.length === 0 && pings(world, first) === 0;
  });
  expect(ofCells(world).tables).toHaveLength(1);
  expect(hostWithoutCells(world)).toEqual(before);

  for (const mend of mends) await mend();
  const next = world.monitor(['once'], { SIM_RESOLV: '' });
  expect(await next.ended, next.stderr()).toBe(0);
  expect(world.log()).toContain('was left by a monitor that was killed: removed');
  expect(
    world
      .csv()
      .slice(1)
      .every((row) => row.includes('SUCCESS')),
    world.log(),
  ).toBe(true);
  expect(ofCells(world)).toEqual({ links: [], tables: [], clients: [] });
}, 500_000);

test('SIGTERM while tunnels are up: every session is logged out at its gateway', async () => {
  const { gateways, world } = await start('ocserv', 'ocserv', 'ocserv', 'ocserv');
  const [first] = gateways as [Gateway];
  world.config(sitesOf(gateways), LONG_PINGS);
  gateways.forEach(insideDropped);
  const daemon = world.monitor([], { SIM_RESOLV: '' });
  await until('all are logged in', () => gateways.every((gateway) => sessions(world, gateway) === 1));
  await until('all ping inside', () => pings(world, first) === 4);
  await stop(daemon);
  expect(gateways.map((gateway) => sessions(world, gateway))).toEqual([0, 0, 0, 0]);
  expect(
    gateways.map((gateway) => /user disconnected \(reason: user disconnected/.test(gateway.log())),
  ).toEqual([true, true, true, true]);
  expect(world.csv()).toEqual([]);
  expect(ofCells(world)).toEqual({ links: [], tables: [], clients: [] });
}, 500_000);
