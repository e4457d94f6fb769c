import type { ClientProfile } from '../clients/profile.ts';
import type { Config } from '../config/config.ts';
import { cleanHostDeadlineMs } from '../host/clean.ts';
import { NETWORK_DEADLINE_MS } from '../host/network.ts';
import { clientTraces } from './client-traces.ts';
import { dialogueDeadlineMs } from './dialogue.ts';
import { END_TOLD_MS } from './login.ts';
import { logoutDeadlineMs } from './logout.ts';
import { pingDeadlineMs } from './ping.ts';
import { TUNNEL_UP_MS } from './tunnel.ts';

/** How long the clean-up of a monitor that must end at once may take, in ms: long enough for a SIGKILL after SIGTERM. */
export const HURRIED_CLEANING_MS = 4000;

/** A name server that is silent is not waited for longer before a log-in, in ms. */
export const GATEWAY_LOOKUP_MS = 5000;

/** How long the test of a site takes at most, in ms: the sum of its parts. What takes longer is cut off there. */
export function testDeadlineMs(config: Config, profile: ClientProfile): { testing: number; closing: number } {
  const cleaning = cleanHostDeadlineMs(clientTraces(config, profile, ''), config.cleanup.settleSeconds);
  const tunnel = profile.tunnel === 'device' ? GATEWAY_LOOKUP_MS + NETWORK_DEADLINE_MS + TUNNEL_UP_MS : 0;
  const pings = 2 * pingDeadlineMs(config.ping.timeout);
  return {
    testing: cleaning + pings + dialogueDeadlineMs(profile, config.login.stepTimeout) + tunnel + END_TOLD_MS,
    closing: logoutDeadlineMs(config.login.quitTimeout) + cleaning,
  };
}
