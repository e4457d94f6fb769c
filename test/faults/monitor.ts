import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { MAIN, PATH, ROOT } from '../support/paths.ts';
import { until } from '../support/until.ts';
import type { World, WorldProcess } from '../support/world.ts';
import { configText, factorOf, programsOf } from './place.ts';
import { childrenOf, innerPid } from './proc.ts';
import type { Life } from './recording.ts';
import type { Schedule } from './schedule.ts';
import { viewOf } from './view.ts';

/** Real time for one step: many schedules are played at once, on few cores. */
export const PATIENCE = { seconds: 180, everyMs: 10 };

const FAST_TIME = path.join(ROOT, 'test/support/fast-time.mjs');

/** The environment of a program in fast time that began at `zero`, in ms since 1970. */
function fastTime(world: World, schedule: Schedule, zero: number): Record<string, string> {
  return {
    TZ: schedule.zone,
    FAST_TIME_FACTOR: String(factorOf(schedule)),
    FAST_TIME_ZERO: String(zero),
    FAST_TIME_START: String(Date.parse(schedule.start)),
    FAST_TIME_STEP: viewOf(world).at('step'),
  };
}

/** Starts another command of the built program in the same fast time. */
export function startCommand(
  world: World,
  schedule: Schedule,
  zero: number,
  args: readonly string[],
): WorldProcess {
  const command = [process.execPath, '--import', FAST_TIME, MAIN, ...args];
  return world.start(command, fastTime(world, schedule, zero));
}

/** A monitor that was started. */
export interface Monitor {
  readonly process: WorldProcess;
  readonly pid: number;
  /** Its pid outside of the world. */
  readonly outerPid: number;
  /** As of {@link Life}; `undefined` while it runs. */
  status: number | undefined;
  /** Set by who tells it to end. */
  stopped: boolean;
  /** What it was sent, but for the kill. */
  readonly signals: ('SIGTERM' | 'SIGHUP')[];
  signal(name: 'SIGTERM' | 'SIGHUP' | 'SIGKILL'): void;
}

/**
 * Starts the built monitor in fast time with the first config. `zero`: when fast time began, in ms since
 * 1970.
 */
export async function startMonitor(world: World, schedule: Schedule, zero: number): Promise<Monitor> {
  const { at } = viewOf(world);
  writeFileSync(at('config.yml'), configText(world.folder, schedule, 'first'), { mode: 0o600 });
  const preloads = [FAST_TIME, path.join(ROOT, 'test/faults/programs/strike.mjs')];
  const started = world.start([process.execPath, ...preloads.flatMap((file) => ['--import', file]), MAIN], {
    ...fastTime(world, schedule, zero),
    PATH: `${programsOf(world.folder, schedule)}:${path.dirname(process.execPath)}:${PATH}`,
    STRIKE_FILE: at('strike'),
  });
  const outerPid = await until(
    'the monitor is started',
    () => childrenOf(started.child.pid ?? 0)[0],
    PATIENCE,
  );
  const pid = await until('the monitor has a pid', () => innerPid(outerPid), PATIENCE);
  writeFileSync(at('daemon.pid'), String(pid));
  const monitor: Monitor = {
    process: started,
    pid,
    outerPid,
    status: undefined,
    stopped: false,
    signals: [],
    signal: (name) => {
      if (name !== 'SIGKILL') monitor.signals.push(name);
      try {
        if (monitor.status === undefined) process.kill(outerPid, name);
      } catch {
        // It has just ended by itself.
      }
    },
  };
  void started.ended.then((status) => {
    monitor.status = status;
  });
  return monitor;
}

/** What is to be recorded of a monitor that has ended. */
export function lifeOf({ pid, status = 0, stopped, signals, process: ended }: Monitor): Life {
  return { pid, status, stopped, signals, stdout: ended.stdout(), stderr: ended.stderr() };
}
