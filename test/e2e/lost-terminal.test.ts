import { afterEach, expect, test } from 'vitest';
import { awaitMoment, clients, momentNamed, prepareMoment } from '../support/moments.ts';
import { createMonitoredWorld, type MonitoredWorld } from '../support/monitored-world.ts';
import { onTerminal, type TerminalProcess } from '../support/terminal.ts';
import { until } from '../support/until.ts';
import { worldUnavailable } from '../support/world.ts';

const reason = worldUnavailable();
let world: MonitoredWorld;
afterEach(() => world?.end());

/** Brings a `run` on a terminal to a moment. */
async function reachOnTerminal(name: string): Promise<TerminalProcess> {
  world = createMonitoredWorld();
  const moment = momentNamed(name);
  await prepareMoment(moment, world);
  const daemon = await onTerminal(world, ['run']);
  await awaitMoment(moment, world);
  return daemon;
}

const runs = (pid: number) => world.processes().some((process) => process.pid === pid);
const rows = () => world.csv().length - 1;

test('SIGHUP on a terminal stops like SIGTERM', async ({ skip }) => {
  skip(reason !== undefined, reason);
  const daemon = await reachOnTerminal('it waits for CONNECT');
  daemon.signal('SIGHUP');
  expect(await daemon.ended).toBe(0);
  expect(world.log()).toMatch(/INFO - Stopped\n$/);
  expect(clients(world)).toEqual([]);
  expect(world.csv()).toEqual([]);
});

for (const name of ['it waits for the prompt Username:', 'it pings inside', 'it waits for the next cycle']) {
  test(`a window that is closed while ${name}: the orderly end, and nothing stays behind`, async ({
    skip,
  }) => {
    skip(reason !== undefined, reason);
    const daemon = await reachOnTerminal(name);
    daemon.closeTerminal();
    await until('the monitor has ended', () => !runs(daemon.pid()));
    expect(world.log()).toMatch(/INFO - Stopped\n$/);
    expect(world.log()).not.toContain('EIO');
    expect(clients(world)).toEqual([]);
    expect(world.read('resolv.conf')).toBe('nameserver 192.0.2.53\n');
  });
}

test('a terminal that dies without a SIGHUP does not end run', async ({ skip }) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  world.config({ site1: 'works' }, 'frequency: 1');
  const daemon = await onTerminal(world, ['run'], { ownSession: true });
  await until('a row', () => rows() > 0);
  daemon.closeTerminal();
  await daemon.ended;
  const before = rows();
  await until('two more rows', () => rows() >= before + 2);
  daemon.signal('SIGTERM');
  await until('the monitor has ended', () => !runs(daemon.pid()));
  expect(world.log()).toMatch(/INFO - Stopped\n$/);
});

test('a closed stdout and stderr do not end run', async ({ skip }) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  world.config({ site1: 'works' }, 'frequency: 1');
  const daemon = world.monitor();
  await until('a row', () => rows() > 0);
  daemon.child.stdout?.destroy();
  daemon.child.stderr?.destroy();
  const before = rows();
  await until('two more rows', () => rows() >= before + 2);
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toBe(0);
});

test('a closed stdout does not change what once comes to', async ({ skip }) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  world.config({ site1: 'works' });
  const once = world.monitor(['once']);
  once.child.stdout?.destroy();
  expect(await once.ended, once.stderr()).toBe(0);
  expect(rows()).toBe(1);
});
