import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { World } from '../support/world.ts';
import { type Monitor, startCommand } from './monitor.ts';
import { Orders } from './orders.ts';
import { configText, factorOf } from './place.ts';
import type { Silence } from './recording.ts';
import type { Fault, Schedule } from './schedule.ts';
import { viewOf } from './view.ts';

/**
 * The longest that resolv.conf can't be restored, in ms of real time: on a host that can't be cleaned no test
 * begins.
 */
const NO_RESTORE_MS = 3000;

/** What strikes from outside. */
export interface Outside {
  /** Begins what is due in this test, and undoes what is over. */
  strike(monitor: Monitor, test: number): void;
  /** Whether something is still to come or to be undone. */
  pending(): boolean;
  /** To be called for a monitor that was started again, with its first config. */
  restarted(): void;
  /** Undoes what is going on. */
  calm(): void;
  /** The silences so far. */
  silences(): readonly Silence[];
  /** Steps the wall clock forward (or back), in ms. */
  stepClock(ms: number): void;
}

/** The faults of a schedule that strike from outside, in a world where it was placed. */
export function outsideOf(world: World, schedule: Schedule, zero: number): Outside {
  const { at, seen, testsBegun } = viewOf(world);
  const orders = new Orders({
    names: schedule.sites.map(({ name }) => name),
    // Of one cycle.
    underWay: schedule.atOnce === 1 ? 1 : schedule.sites.length,
    test: testsBegun,
    run: async (args) => {
      const { ended, stderr } = startCommand(world, schedule, zero, args);
      return { status: await ended, stderr: stderr() };
    },
  });
  const waiting = [...schedule.faults];
  /** With the real time of their beginning. */
  const going = new Map<Fault, number>();
  let moved = 0;
  let step = 0;
  /** How many refused configs the monitor had told of when a bad one was put in its place. */
  let badConfig: number | null = null;

  const refusals = ({ process: { stderr } }: Monitor) => stderr().split('Config not read again').length;
  const configure = (kind: 'first' | 'good' | 'bad') =>
    writeFileSync(at('config.yml'), configText(world.folder, schedule, kind));
  const stepClock = (ms: number) => {
    // A silence that is not to begin before it was given has no effect then.
    if (ms < 0) orders.doubt();
    step += ms;
    writeFileSync(at('step'), String(step));
  };

  const begin = (fault: Fault, monitor: Monitor) => {
    switch (fault.kind) {
      case 'disk-full':
        return void world.run('cat /dev/zero >data/filler 2>/dev/null; test -s data/filler');
      case 'read-only':
        // A mount of its own: files that are open for writing would keep this one from changing. One may be
        // opened at once.
        return void world.run(
          'for try in {1..100}; do mount --bind data data && mount -o remount,bind,ro data && exit; umount -l data; done; false',
        );
      case 'mail-down':
      case 'hook-down':
      case 'restore-fails':
        return writeFileSync(at(fault.kind), '');
      case 'silence':
        return orders.silence(fault.site);
      case 'ack':
        return orders.ack(fault.site);
      case 'folder-moved':
        moved += 1;
        orders.doubt();
        return renameSync(seen('data/results'), seen(`data/moved-${moved}`));
      case 'log-deleted':
        for (const name of readdirSync(seen('data/results'))) {
          if (/^monitoring.*\.log$/.test(name)) rmSync(path.join(seen('data/results'), name));
        }
        return undefined;
      case 'config-good':
      case 'config-bad':
        if (badConfig !== null) return undefined;
        if (fault.kind === 'config-bad') badConfig = refusals(monitor);
        configure(fault.kind === 'config-bad' ? 'bad' : 'good');
        return monitor.signal('SIGHUP');
      case 'stop':
        monitor.stopped = true;
        monitor.signal('SIGTERM');
        if (fault.twice) setTimeout(() => monitor.signal('SIGTERM'), 1200 / factorOf(schedule));
        return undefined;
      case 'clock':
        return stepClock(fault.ms);
    }
  };
  const undo = (fault: Fault) => {
    going.delete(fault);
    if (fault.kind === 'disk-full') rmSync(seen('data/filler'));
    if (fault.kind === 'read-only') world.run('mount -o remount,bind,rw data');
    if (['mail-down', 'hook-down', 'restore-fails'].includes(fault.kind))
      rmSync(at(fault.kind), { force: true });
    if (fault.kind === 'silence') orders.endSilence(fault.site);
  };

  return {
    strike: (monitor, test) => {
      for (const [fault, since] of going) {
        const tooLong = fault.kind === 'restore-fails' && performance.now() - since > NO_RESTORE_MS;
        if (tooLong || ('until' in fault && test > fault.until)) undo(fault);
      }
      for (let fault = waiting[0]; fault !== undefined && fault.at <= test; fault = waiting[0]) {
        waiting.shift();
        begin(fault, monitor);
        if ('until' in fault) going.set(fault, performance.now());
      }
      if (badConfig !== null && refusals(monitor) > badConfig) {
        configure('first');
        badConfig = null;
      }
    },
    pending: () => waiting.length > 0 || badConfig !== null || orders.pending(),
    silences: () => orders.silences(),
    restarted: () => {
      badConfig = null;
    },
    calm: () => {
      for (const fault of going.keys()) undo(fault);
    },
    stepClock,
  };
}
