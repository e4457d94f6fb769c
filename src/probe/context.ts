import type { Config } from '../config/config.ts';
import type { ObserveTerminal } from '../console/terminal-event.ts';
import type { HostKeeper } from '../host/keeper.ts';
import type { Log, Redact } from '../log/log.ts';
import type { Progress } from '../model/progress.ts';
import type { Place } from '../system/place.ts';

/** What a log-in needs of its surroundings. */
export interface LoginContext {
  readonly place: Place;
  readonly log: Log;
  /** The same log, for what the result's line says as well: where that is seen, on a terminal, this is not. */
  readonly resultLog: Log;
  readonly redact: Redact;
  readonly config: Pick<Config, 'login'>;
  /** Aborted when the monitor must end at once: graces are then skipped. */
  readonly force: AbortSignal;
  /** The entry (`NAME=value`) that every client gets into its environment, and whatever it starts. */
  readonly mark: string;
  /** Is called for each event on the terminal of the client. */
  readonly observe?: ObserveTerminal | undefined;
}

/** How long the parts of one test may take, in ms. Each is cut off at its limit. */
export interface TestLimits {
  /** From the first clean-up to the end of stage 3. */
  readonly testingMs: number;
  /** The log-out and the last clean-up. */
  readonly closingMs: number;
}

/** What the test of a site needs of its surroundings. */
export interface ProbeContext extends LoginContext {
  readonly config: Config;
  readonly host: HostKeeper;
  readonly progress: Progress;
  /** When the gateway of a site last rejected the credentials, if such attempts are to be spaced out. */
  readonly rejectedAt: (site: string) => Date | null;
}
