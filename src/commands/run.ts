import path from 'node:path';
import type { Config } from '../config/config.ts';
import { formatProblems } from '../config/yaml/problem.ts';
import { makeFolder } from '../files/folder.ts';
import { reason } from '../files/reason.ts';
import { type Acquired, acquireResults, type Holder, type Lock } from '../lock/lock.ts';
import type { Log } from '../log/log.ts';
import { failed, good, type Result } from '../model/result.ts';
import { monitor } from '../monitor/loop.ts';
import { ReloadRequest } from '../monitor/reload.ts';
import { signalStatus } from '../process/stop.ts';
import type { System } from '../system/system.ts';
import { holderProgress } from '../ui/holder-progress.ts';
import { type Ready, readConfig, ready, startWithConfig } from './load-config.ts';
import { RunParts } from './run-parts.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/**
 * Tests all sites at every interval until it is stopped. 0: a clean stop; 2: the config is wrong; 3: another monitor
 * holds the results folder, or a secret can't be read yet.
 */
export async function run(options: CommonOptions, shell: Shell): Promise<number> {
  const started = startWithConfig(options.config, shell);
  return started.ok ? runMonitor(started.value, options, shell) : started.status;
}

/** What {@link runMonitor} takes. */
export interface RunOptions extends CommonOptions {
  /** Ends by itself after so many cycles; without: never. */
  readonly cycles?: number;
}

/**
 * The monitor of a good config. With `cycles`, a signal cuts it short: 130, 143.
 */
export async function runMonitor(started: Ready, options: RunOptions, shell: Shell): Promise<number> {
  const { screen, version, system } = shell;
  const holder = { pid: system.pid, what: 'vpn-monitor run', since: system.now().toISOString() };
  const lock = await lockResults(started.config, holder, started.system);
  if (!lock.ok) {
    screen.diagnose(`error: ${lock.why}`);
    return EXIT.later;
  }
  const reload = new ReloadRequest(async () => {
    parts.reloading();
    const next = readAgain(options.config, parts.ready, shell, parts.log);
    if (next === undefined) parts.keepConfig();
    else await parts.use(next);
    return parts.monitor;
  });
  const parts = await RunParts.open(
    started,
    options,
    shell,
    shell.onTerminal ? undefined : () => reload.ask(),
    [holderProgress(lock.value, holder, system)],
  );
  try {
    await parts.start(`vpn-monitor ${version} started`);
    const ended = await monitor(parts.monitor, parts.stop.signal, reload, options.cycles);
    return ended === 'stopped' && options.cycles !== undefined ? signalStatus(parts.stop.signal) : EXIT.good;
  } finally {
    await parts.close();
    lock.value.release();
  }
}

/** Locks the results folder, which is made if it is missing. */
async function lockResults({ logging }: Config, holder: Holder, system: System): Promise<Result<Lock>> {
  let acquired: Acquired;
  try {
    makeFolder(system.files, logging.dir);
    acquired = await acquireResults(logging.dir, holder, system);
  } catch (error) {
    return failed(`the results folder ${logging.dir} can't be used: ${reason(error)}`);
  }
  if (!acquired.ok) return failed(`another monitor writes to ${logging.dir}: ${acquired.why}`);
  return good(acquired.value);
}

/** Reads the config again; `undefined` if it is bad or needs a restart, and the log says why. */
function readAgain(file: string, old: Ready, shell: Shell, log: Log): Ready | undefined {
  const loaded = readConfig(file, shell);
  if (!loaded.ok) {
    log.error(
      ['Config not read again, the old one stays:', ...formatProblems(file, loaded.errors)].join('\n'),
    );
    return undefined;
  }
  const [now, then] = [loaded.config.logging, old.config.logging];
  // A log in the results folder moves with it.
  const moves = path.relative(now.dir, now.log) !== path.relative(then.dir, then.log);
  const moved = (['dir', 'file', 'log'] as const).filter(
    (key) => now[key] !== then[key] && (key !== 'log' || moves),
  );
  if (moved.length === 0) return ready(loaded, shell, old);
  const keys = moved.map((key) => `logging.${key}`).join(', ');
  log.error(`Config not read again, the old one stays: a change of ${keys} needs a restart`);
  return undefined;
}
