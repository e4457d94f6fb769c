import type { Codes } from '../codes/codes.ts';
import type { FreshCode } from '../codes/fresh-code.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import type { ObserveTerminal } from '../console/terminal-event.ts';
import type { HostKeeper } from '../host/keeper.ts';
import type { Log, Redact } from '../log/log.ts';
import type { Progress } from '../model/progress.ts';
import type { SiteResult } from '../model/test-result.ts';
import type { Place } from '../system/place.ts';
import type { Awaited } from './awaited-texts.ts';

/** The environment of a log-in. */
export interface LoginContext {
  readonly place: Place;
  readonly log: Log;
  /** The same log, for what the result's line also says: a terminal that shows that line does not show these. */
  readonly resultLog: Log;
  readonly redact: Redact;
  readonly config: Pick<Config, 'login'>;
  /** Aborted by a forced stop: grace periods are then skipped. */
  readonly force: AbortSignal;
  /** The one-time code of this log-in; `undefined`: the site has none. */
  readonly code?: Pick<FreshCode, 'take'> | undefined;
  /** The mark (`NAME=value`) in the environment of every client, which its children inherit. */
  readonly mark: string;
  /** Is called for each text of the profile that was found: with what the client printed since the last one, and its whole line. */
  readonly onMatch?: ((met: Awaited, form: string, line: string) => void) | undefined;
  /** Is called for each event on the terminal of the client. */
  readonly observe?: ObserveTerminal | undefined;
}

/**
 * Waits until `internal_ip` is reached through a device that was not there before the log-in. Returns when that was first seen,
 * in ms on the monotonic clock. Rejects with the signal's reason.
 */
export type WatchTunnel = (signal: AbortSignal) => Promise<number>;

/** Time limits of the two parts of a test, in ms. */
export interface TestLimits {
  /** From the first clean-up to the end of stage 3. */
  readonly testingMs: number;
  /** The log-out and the last clean-up. */
  readonly closingMs: number;
}

/** The environment of a site's test. */
export interface ProbeContext extends LoginContext {
  readonly config: Config;
  /** Where stage 1 pings from: the host, also if the test runs in a place of its own. */
  readonly outside: Place;
  readonly host: HostKeeper;
  /**
   * Waits until a log-in may begin, so that those of tests that run at once do not slow each other. The wait is part of no stage. Rejects
   * with the reason of `signal`.
   */
  readonly admitLogin?: ((signal: AbortSignal) => Promise<void>) | undefined;
  readonly progress: Progress;
  readonly codes: {
    readonly fresh: (...args: Parameters<Codes['fresh']>) => Pick<FreshCode, 'reserve' | 'take'>;
  };
  /** Reads the certificates that the log-in of a site needs, if that is due. Never rejects: `signal` ends it early. */
  readonly lookAtCertificates: (site: SiteConfig, signal: AbortSignal) => Promise<SiteResult['certificates']>;
  /** When the gateway of a site last rejected the credentials; `null` if the next attempt need not wait. */
  readonly rejectedAt: (site: string) => Date | null;
}
