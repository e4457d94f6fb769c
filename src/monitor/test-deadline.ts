import type { ClientProfile } from '../clients/profile.ts';
import type { Config } from '../config/config.ts';
import { cleanHostDeadlineMs } from '../host/keeper.ts';
import { NETWORK_DEADLINE_MS } from '../host/network/restore-network.ts';
import { KILL_GRACE_MS, TERM_GRACE_MS } from '../model/limits.ts';
import { clientTraces } from '../probe/client-traces.ts';
import { dialogueDeadlineMs } from '../probe/dialogue.ts';
import { END_TOLD_MS } from '../probe/login.ts';
import { logoutDeadlineMs } from '../probe/logout.ts';
import { pingDeadlineMs } from '../probe/ping.ts';
import { TUNNEL_UP_MS } from '../probe/tunnel.ts';

/** How long to wait for the gateway's name to be resolved before a log-in, in ms. */
export const GATEWAY_LOOKUP_MS = 5000;

/** How long the test of a site takes at most, in ms: each the sum of its parts. What takes longer is cut off there. */
export interface TestDeadlines {
  /** To the end of stage 3. */
  readonly testing: number;
  /** The log-out and the clean-up. */
  readonly closing: number;
  /** Both, and the end of the processes that were running when each was cut off. */
  readonly whole: number;
}

/** The deadlines of a test with this client. */
export function testDeadlineMs(config: Config, profile: ClientProfile): TestDeadlines {
  const cleaning = cleanHostDeadlineMs(clientTraces(config, profile, ''), config.cleanup.settleSeconds);
  const tunnel = profile.tunnel === 'device' ? GATEWAY_LOOKUP_MS + NETWORK_DEADLINE_MS + TUNNEL_UP_MS : 0;
  const pings = 2 * pingDeadlineMs(config.ping.timeout);
  const dialogue = dialogueDeadlineMs(profile, config.login.stepTimeout);
  const testing = cleaning + pings + dialogue + tunnel + END_TOLD_MS;
  const closing = logoutDeadlineMs(config.login.quitTimeout) + cleaning;
  // The deadline of the closing leaves no grace to obey SIGTERM.
  const cutOff = TERM_GRACE_MS + KILL_GRACE_MS + KILL_GRACE_MS;
  return { testing, closing, whole: testing + closing + cutOff };
}
