import { expect } from 'vitest';
import { awaitMoment, clients, momentNamed, prepareMoment } from '../support/moments.ts';
import type { MonitoredWorld } from '../support/monitored-world.ts';
import { onTerminal, type TerminalProcess } from '../support/terminal.ts';
import { until } from '../support/until.ts';
import { stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

/** Brings a `run` on a terminal to a moment. */
async function reachOnTerminal(world: MonitoredWorld, name: string): Promise<TerminalProcess> {
  const moment = momentNamed(name);
  await prepareMoment(moment, world);
  const daemon = await onTerminal(world, ['run']);
  await awaitMoment(moment, world);
  return daemon;
}

const runs = (world: MonitoredWorld, pid: number) => world.processes().some((process) => process.pid === pid);
const rows = (world: MonitoredWorld) => world.csv().length - 1;

worldTest('SIGHUP on a terminal stops like SIGTERM', async ({ world }) => {
  const daemon = await reachOnTerminal(world, 'it waits for CONNECT');
  daemon.signal('SIGHUP');
  expect(await daemon.ended).toBe(0);
  expect(world.log()).toContain('INFO - Stopping: the terminal was closed (SIGHUP). ');
  expect(world.log()).toMatch(/INFO - Stopped\n$/);
  expect(clients(world)).toEqual([]);
  expect(world.csv()).toEqual([]);
});

for (const name of ['it waits for the prompt Username:', 'it pings inside', 'it waits for the next cycle']) {
  worldTest(
    `a window that is closed while ${name}: the orderly end, and nothing stays behind`,
    async ({ world }) => {
      const daemon = await reachOnTerminal(world, name);
      daemon.closeTerminal();
      await until('the monitor has ended', () => !runs(world, daemon.pid()));
      expect(world.log()).toMatch(/INFO - Stopped\n$/);
      expect(world.log()).not.toContain('EIO');
      expect(clients(world)).toEqual([]);
      expect(world.read('resolv.conf')).toBe('nameserver 192.0.2.53\n');
    },
  );
}

worldTest('a terminal that dies without a SIGHUP does not end run', async ({ world }) => {
  world.config({ site1: 'works' }, 'frequency: 1');
  const daemon = await onTerminal(world, ['run'], { ownSession: true });
  await until('a row', () => rows(world) > 0);
  daemon.closeTerminal();
  await daemon.ended;
  const before = rows(world);
  await until('two more rows', () => rows(world) >= before + 2);
  daemon.signal('SIGTERM');
  await until('the monitor has ended', () => !runs(world, daemon.pid()));
  expect(world.log()).toMatch(/INFO - Stopped\n$/);
});

worldTest('a closed stdout and stderr do not end run', async ({ world }) => {
  world.config({ site1: 'works' }, 'frequency: 1');
  const daemon = world.monitor();
  await until('a row', () => rows(world) > 0);
  daemon.child.stdout?.destroy();
  daemon.child.stderr?.destroy();
  const before = rows(world);
  await until('two more rows', () => rows(world) >= before + 2);
  await stop(daemon);
});

worldTest('a closed stdout does not change what once comes to', async ({ world }) => {
  world.config({ site1: 'works' });
  const once = world.monitor(['once']);
  once.child.stdout?.destroy();
  expect(await once.ended, once.stderr()).toBe(0);
  expect(rows(world)).toBe(1);
});
