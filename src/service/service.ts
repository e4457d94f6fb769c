import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import type { Progress } from '../model/progress.ts';
import { timeoutStopMs, watchdogMs } from '../monitor/deadlines.ts';
import type { System } from '../system/system.ts';
import type { ServiceEnvironment } from './environment.ts';
import { createNotifier } from './notify.ts';
import { serviceProgress } from './service-progress.ts';

/** This program as a service of systemd. Every call returns at once and never throws. */
export interface Service {
  readonly progress: Progress;
  /** It does its work, with this config. */
  ready(config: Config): void;
  /** It reads its config again; `ready` follows. */
  reloading(): void;
  /** It was told to stop. */
  stopping(config: Config): void;
  /** Resolves when systemd was told all, or soon. */
  end(): Promise<void>;
}

/** The service that `environment` tells of. */
export function openService(environment: ServiceEnvironment, system: System, log: Log): Service {
  const notifier = createNotifier(environment.socket, system, log);
  let { watchdogMs: allowed } = environment;
  return {
    progress: serviceProgress({ notifier, system, watched: allowed !== null }),
    ready: (config) => {
      const needed = watchdogMs(config);
      // The unit was printed for another config: its watchdog would end a monitor that is well.
      const tooShort = allowed !== null && allowed < needed;
      if (tooShort) allowed = needed;
      notifier.tell({ state: 'READY', ...(tooShort ? { watchdogMs: needed } : {}) });
    },
    reloading: () => notifier.tell({ state: 'RELOADING' }),
    stopping: (config) =>
      notifier.tell({
        state: 'STOPPING',
        status: 'stopping: the client is logged out and the host cleaned',
        stopMs: timeoutStopMs(config),
      }),
    end: notifier.end,
  };
}
