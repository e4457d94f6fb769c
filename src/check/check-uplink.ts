import { setMaxListeners } from 'node:events';
import type { Config } from '../config/config.ts';
import { gatewayHost } from '../model/gateway.ts';
import { stageValue } from '../model/test-result.ts';
import { tryTarget } from '../probe/try-target.ts';
import { startDeadline } from '../system/deadline.ts';
import type { System } from '../system/system.ts';
import { type Target, targetName } from '../targets/target.ts';
import { printable } from '../words/printable.ts';
import { type Finding, ok, warning } from './finding.ts';

/** For one answer, in seconds. */
const TRY_SECONDS = 4;
/** Time limit for all targets together, in ms. */
const ALL_MS = 15_000;

/**
 * Asks each control target of `uplink`. One that does not answer is a warning: the others decide. On an abort, rejects with the
 * signal's reason.
 */
export async function checkUplink(
  config: Pick<Config, 'uplink' | 'ping' | 'sites'>,
  system: System,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const deadline = startDeadline(system, ALL_MS, signal);
  // Each target listens several times. Node warns of more than ten listeners.
  setMaxListeners(0, deadline.signal);
  try {
    return await Promise.all(
      config.uplink.map((target) => checkTarget(target, config, system, deadline.signal)),
    );
  } catch (error) {
    if (!deadline.expired()) throw error;
    return [warning(`uplink: not checked within ${ALL_MS / 1000} s`)];
  } finally {
    deadline.end();
  }
}

async function checkTarget(
  target: Target,
  { ping, sites }: Pick<Config, 'ping' | 'sites'>,
  system: System,
  signal: AbortSignal,
): Promise<Finding> {
  const name = `uplink: ${targetName(target)}`;
  const gateway = sites.find(({ externalIp, vpnGw }) =>
    [externalIp, gatewayHost(vpnGw)].includes(target.host),
  );
  if (gateway !== undefined) {
    return warning(
      `${name} is the gateway of ${gateway.name}: if it fails, it looks like the line of this host`,
      'name something that depends on no gateway, such as the router of your provider',
    );
  }
  const machine = { place: system, redact: printable, force: signal };
  const settings = { ...ping, count: 1, timeout: TRY_SECONDS, maxLoss: 100 };
  const result = await tryTarget(target, settings, machine, signal);
  if (result.outcome === 'ok') return ok(`${name} answers in ${stageValue(result)} ms`);
  return warning(
    `${name}: ${printable(result.detail)}`,
    'if no control target answers, no site is blamed: is it right, and does it answer this host?',
  );
}
