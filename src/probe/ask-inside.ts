import { isVisible } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import { IP_COMMAND_MS } from '../model/limits.ts';
import { good, type Result } from '../model/result.ts';
import { type StageResult, stageValue, type TargetResult } from '../model/test-result.ts';
import { type Target, targetName } from '../targets/target.ts';
import type { ProbeContext } from './context.ts';
import { pingHost } from './ping.ts';
import { tryTarget } from './try-target.ts';
import { type Before, routesThrough, waitForTunnel } from './tunnel.ts';

/** What was found inside. */
export interface Inside {
  readonly result: StageResult;
  /** The addresses that were asked and that packets reach through the tunnel; `undefined` if that can't be seen. */
  readonly through: readonly string[] | undefined;
  /** Each target of `inside`; `undefined`: the site has none, or they were not asked. */
  readonly targets?: readonly TargetResult[];
}

/**
 * Pings `internal_ip`, or asks each target of `inside`. All of them must work, and the first gives the value. Without a log-in
 * the ping runs as well, as in the script: then outside the tunnel, which is logged. Rejects with the signal's reason.
 *
 * @param before the network before the log-in; `undefined`: not logged in
 */
export async function askInside(
  site: SiteConfig,
  before: Before | undefined,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Inside> {
  const { log, config } = context;
  if (site.inside.length > 0) {
    if (before !== undefined) return askTargets(site, before, context, signal);
    log.debug('not logged in: nothing inside is asked');
    return { result: NOT_ASKED, through: undefined };
  }
  if (before === undefined) log.debug('not logged in: this ping goes outside the tunnel');
  const tunnel =
    before === undefined
      ? good(undefined)
      : await throughTunnel(site, before, site.internalIp, true, context, signal);
  if (!tunnel.ok) return { result: noTraffic(tunnel.why), through: undefined };
  const result = await pingHost(site.internalIp, config.ping, context, signal, tunnel.value);
  return { result: asInside(result), through: tunnel.value };
}

/** What is inside must not be asked outside the tunnel: there it is somebody else's, or a success that says nothing. */
const NOT_ASKED: StageResult = {
  outcome: 'error',
  cause: 'tunnel-no-traffic',
  detail: 'not asked without a log-in',
};

async function askTargets(
  site: SiteConfig,
  before: Before,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Inside> {
  const { log, resultLog } = context;
  const targets: TargetResult[] = [];
  let through: readonly string[] | undefined;
  for (const [index, target] of site.inside.entries()) {
    const asked = await askThroughTunnel(site, before, target, index === 0, context, signal);
    if (index === 0) through = asked.through;
    const name = targetName(target);
    const { result } = asked;
    targets.push({ target: name, result });
    if (result.outcome === 'ok') log.debug(`Inside ${name}: ${stageValue(result)} ms (${result.detail})`);
    else resultLog.error(`Inside ${name}: ${result.detail}`);
  }
  return { result: decisive(targets), through, targets };
}

/** The first failure, else the value of the first target. */
function decisive(targets: readonly TargetResult[]): StageResult {
  const decided = targets.find(({ result }) => result.outcome !== 'ok') ?? targets[0];
  if (decided === undefined) return NOT_ASKED;
  const { target, result } = decided;
  return { ...result, detail: `${target}: ${result.detail}` };
}

async function askThroughTunnel(
  site: SiteConfig,
  before: Before,
  target: Target,
  isFirst: boolean,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Inside> {
  const tunnel = await throughTunnel(site, before, target.host, isFirst, context, signal);
  if (!tunnel.ok) return { result: noTraffic(tunnel.why), through: undefined };
  const result = await tryTarget(target, context.config.ping, context, signal, tunnel.value);
  return { result: asInside(result), through: tunnel.value };
}

/**
 * The addresses of a host that packets reach through the tunnel; `undefined` if that can't be seen. Fails with the reason if
 * there are none. The wait for the tunnel is not part of any stage's value.
 */
async function throughTunnel(
  { client }: SiteConfig,
  before: Before,
  host: string,
  isFirst: boolean,
  { place, host: keeper }: ProbeContext,
  signal: AbortSignal,
): Promise<Result<readonly string[] | undefined>> {
  const isSeen = isVisible(client);
  if (!isFirst) {
    return isSeen ? routesThrough(place, host, before, IP_COMMAND_MS, signal) : good(undefined);
  }
  const tunnel = isSeen ? await waitForTunnel(place, host, before, signal) : good(undefined);
  await keeper.observe(signal);
  return tunnel;
}

function noTraffic(why: string): StageResult {
  return { outcome: 'error', cause: 'tunnel-no-traffic', detail: `tunnel up but no traffic: ${why}` };
}

/** Inside the tunnel, "unreachable" means "inside-unreachable". */
function asInside(result: StageResult): StageResult {
  return result.outcome !== 'ok' && result.cause === 'unreachable'
    ? { ...result, cause: 'inside-unreachable' }
    : result;
}
