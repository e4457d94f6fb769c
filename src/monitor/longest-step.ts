import { DELIVERY_DEADLINE_MS } from '../alerts/mail/mailer.ts';
import type { Config } from '../config/config.ts';
import { usedClients } from '../config/used-clients.ts';
import { testDeadlineMs } from './test-deadline.ts';

/**
 * How long the monitor's loop takes at most from one step that it tells its progress to the next, in ms: a whole test of the
 * slowest client, which is also how long it waits for another monitor on this host, and the mails.
 */
export function longestStepMs(config: Config): number {
  const tests = usedClients(config).map((profile) => testDeadlineMs(config, profile).whole);
  return Math.max(0, ...tests) + DELIVERY_DEADLINE_MS;
}
