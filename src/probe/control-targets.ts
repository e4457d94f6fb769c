import { setMaxListeners } from 'node:events';
import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import { UPLINK_MS, UPLINK_TRIES, UPLINK_TRY_SECONDS } from '../model/limits.ts';
import type { Cause, StageResult } from '../model/test-result.ts';
import { startDeadline } from '../system/deadline.ts';
import { targetName } from '../targets/target.ts';
import type { PingMachine } from './ping.ts';
import { tryTarget } from './try-target.ts';

/** Failures of this host's programs, which say nothing of its line. */
const NOT_ASKED: readonly Cause[] = [
  'ping-missing',
  'ping-not-permitted',
  'ping-not-started',
  'inside-not-asked',
];

/**
 * Asks the control targets, all at the same time. Returns why this host has no uplink, in words; `null` if a target answers, or if it
 * can't be known: a target could not be asked, or the host was too busy. Rejects with the signal's reason.
 *
 * @param targets at least one
 */
export async function askControlTargets(
  { uplink: targets, ping }: Pick<Config, 'uplink' | 'ping'>,
  machine: PingMachine & { readonly log: Log },
  signal: AbortSignal,
): Promise<string | null> {
  const { place, log } = machine;
  const settings = { ...ping, count: 1, timeout: UPLINK_TRY_SECONDS, maxLoss: 100 };
  const deadline = startDeadline(place, UPLINK_MS, signal);
  // Each target listens several times. Node warns of more than ten listeners.
  setMaxListeners(0, deadline.signal);
  try {
    for (let tries = 1; ; tries += 1) {
      const results = await Promise.all(
        targets.map((target) => tryTarget(target, settings, machine, deadline.signal)),
      );
      if (results.some(({ outcome }) => outcome === 'ok')) return null;
      const unasked = results.find(isUnasked);
      if (unasked !== undefined) {
        log.warning(`The uplink of this host is not known: ${unasked.detail}`);
        return null;
      }
      if (tries < UPLINK_TRIES) continue;
      const details = targets.map((target, index) => `${targetName(target)}: ${results[index]?.detail}`);
      return `no control target answers (${details.join('; ')})`;
    }
  } catch (error) {
    if (!deadline.expired()) throw error;
    log.warning(`The uplink of this host is not known: no result within ${UPLINK_MS / 1000} s`);
    return null;
  } finally {
    deadline.end();
  }
}

function isUnasked(result: StageResult): boolean {
  return result.outcome !== 'ok' && NOT_ASKED.includes(result.cause);
}
