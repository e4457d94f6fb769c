import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { type SiteConfig, secretsOf } from '../../src/config/config.ts';
import { createRedactor } from '../../src/log/redact.ts';
import type { LoginContext } from '../../src/probe/context.ts';
import { logIn } from '../../src/probe/login.ts';
import { realSystem } from '../../src/system/real-system.ts';
import type { System } from '../../src/system/system.ts';
import { membersOf, notingPids } from '../host/programs.ts';
import { never } from '../support/never.ts';
import { MARK, probeConfig } from '../support/probe.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** How long a prompt may take in {@link play}, in seconds: longer than a test. See {@link Run.hangsAfter}. */
export const STEP_TIMEOUT = 600;

/** A log-in at a real program on a real terminal, and how it differs from others. */
export interface Run {
  readonly site: SiteConfig;
  readonly profile: ClientProfile;
  /** The client hangs once it has noted so many lines: then the time of the step goes by at once, and never before. */
  readonly hangsAfter?: number;
  /** In seconds. */
  readonly quitTimeout?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly code?: LoginContext['code'];
  readonly mark?: string;
  readonly stop?: AbortSignal;
  readonly wrap?: (system: System) => System;
}

/** Begins a log-in. What the client notes goes by SIM_TYPED, into a file of the test's own. */
export function play(run: Run) {
  const typedFile = path.join(temporaryFolder(), 'typed');
  const typed = () => (existsSync(typedFile) ? readFileSync(typedFile, 'utf8').trimEnd().split('\n') : []);
  const env = { PATH: process.env['PATH'] ?? '/usr/bin', SIM_TYPED: typedFile, ...run.env };
  const { system: noting, pids } = notingPids(realSystem(env));
  const { hangsAfter = Number.POSITIVE_INFINITY, wrap = (system) => system } = run;
  const log = recordingLog();
  const quitTimeout = run.quitTimeout ?? 600;
  const login = { ...probeConfig().login, stepTimeout: STEP_TIMEOUT, quitTimeout };
  const context = {
    place: wrap(leapingWhen(() => typed().length >= hangsAfter, noting)),
    log,
    resultLog: log,
    redact: createRedactor(secretsOf({ ...probeConfig(), sites: [run.site] })),
    config: { login },
    force: never,
    mark: run.mark ?? MARK,
    code: run.code,
  };
  return {
    session: logIn({ ...run.site, client: run.profile }, context, run.stop ?? never),
    log,
    /** What the client has noted: its arguments, and each line typed at it. */
    typed,
    /** The processes of the client's group that run. */
    alive: () => pids.flatMap(membersOf),
  };
}

/** A system whose clock leaps over the wait for a prompt as soon as the client hangs. */
function leapingWhen(hangs: () => boolean, system: System): System {
  let leapt = 0;
  return {
    ...system,
    monotonic: () => system.monotonic() + leapt,
    sleep: async (ms, signal) => {
      if (ms < (STEP_TIMEOUT * 1000) / 2) return system.sleep(ms, signal);
      while (!hangs()) await system.sleep(10, signal);
      // What the terminal holds by then is read meanwhile, and ends this.
      await system.sleep(1, signal);
      leapt += ms;
    },
  };
}
