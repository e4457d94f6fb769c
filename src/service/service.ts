import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import type { Progress } from '../model/progress.ts';
import { timeoutStopMs, watchdogMs } from '../monitor/deadlines.ts';
import type { System } from '../system/system.ts';
import type { ServiceEnvironment } from './environment.ts';
import { Notifier } from './notify.ts';
import { serviceProgress } from './service-progress.ts';

/** Notifies systemd about this service. Every method returns at once and never throws. */
export interface Service {
  readonly progress: Progress;
  /** The monitor runs with this config. */
  ready(config: Config): void;
  /** The config is being read again. Call `ready` afterwards. */
  reloading(): void;
  /** The monitor is stopping. */
  stopping(config: Config): void;
  /** Resolves when all notices are sent, or after LAST_NOTICE_MS. */
  end(): Promise<void>;
}

/** Opens the service that `environment` describes. */
export function openService(environment: ServiceEnvironment, system: System, log: Log): Service {
  const notifier = new Notifier(environment.socket, system, log);
  let { watchdogMs: allowed } = environment;
  return {
    progress: serviceProgress({ notifier, system, watched: allowed !== null }),
    ready: (config) => {
      const needed = watchdogMs(config);
      // The unit was printed for another config: its watchdog would end a monitor that works.
      const tooShort = allowed !== null && allowed < needed;
      if (tooShort) allowed = needed;
      notifier.send({ state: 'READY', ...(tooShort ? { watchdogMs: needed } : {}) });
    },
    reloading: () => notifier.send({ state: 'RELOADING' }),
    stopping: (config) =>
      notifier.send({
        state: 'STOPPING',
        status: 'stopping: logging the client out and cleaning the host',
        stopMs: timeoutStopMs(config),
      }),
    end: () => notifier.end(),
  };
}
