import { gatewayHost } from '../model/gateway.ts';
import type { StageResult } from '../model/test-result.ts';
import { startDeadline } from '../system/deadline.ts';
import type { ProbeContext } from './context.ts';
import { pingHost } from './ping.ts';

/** What a host without an uplink reports. Follows "the monitor on HOST cannot test:". */
export const NO_ROUTE = 'it has no route to the gateways';

/**
 * Whether this host has no route to any gateway. Asked when a ping says that there is none for one of them: an address without
 * a route may also be the fault of one site. Each other address is pinged once, until one has a route: ping ends at once where
 * the kernel has none. Rejects with the signal's reason.
 *
 * @param outside stage 1 of the present test
 * @param ms the time that stage 1 has left: a ping without a route ends at once
 */
export async function lacksUplink(
  outside: StageResult,
  ms: number,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<boolean> {
  let proven = isWithoutRoute(outside);
  if (ms <= 0 || (!proven && !isUnresolved(outside))) return false;
  const deadline = startDeadline(context.place, ms, signal);
  const settings = { ...context.config.ping, count: 1, timeout: 1 };
  try {
    for (const host of gatewaysOf(context)) {
      const result = await pingHost(host, settings, { ...context, place: context.outside }, deadline.signal);
      if (isWithoutRoute(result)) proven = true;
      else if (!isUnresolved(result)) return false;
    }
    return proven;
  } catch (error) {
    if (!deadline.expired()) throw error;
    return false;
  } finally {
    deadline.end();
  }
}

function isWithoutRoute(result: StageResult): boolean {
  return result.outcome !== 'ok' && result.noRoute === true;
}

/** A name server behind the uplink can't be reached without it. */
function isUnresolved(result: StageResult): boolean {
  return result.outcome !== 'ok' && result.cause === 'name-not-resolved';
}

function gatewaysOf({ config }: ProbeContext): ReadonlySet<string> {
  const tested = config.sites.filter(({ enabled }) => enabled);
  return new Set(tested.flatMap(({ externalIp, vpnGw }) => [externalIp, gatewayHost(vpnGw)]));
}
