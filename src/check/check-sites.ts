import { PROFILES } from '../clients/built-in.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import { addressesOf } from '../host/network/addresses.ts';
import { gatewayHost } from '../model/gateway.ts';
import type { StageResult } from '../model/test-result.ts';
import { pingHost } from '../probe/ping.ts';
import { startDeadline } from '../system/deadline.ts';
import type { System } from '../system/system.ts';
import { printable } from '../words/printable.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

/** The number of sites that are checked at the same time: each ping needs a pty. */
const AT_ONCE = 10;
/** Two echo requests, so that one lost request is no finding. Times in seconds. */
const PING = { count: 2, timeout: 4 };
/** Time limit to resolve the name of a gateway, in ms. */
const LOOKUP_MS = 4000;
/** Time limit for all sites together, in ms: enough for 100 sites that do not answer. */
const ALL_MS = 60_000;

/**
 * Checks stage 1 of each enabled site: pings `external_ip`, and resolves its name and that of the gateway. Returns one finding
 * per site, in the order of the config. On an abort, ends all pings and rejects with the signal's reason.
 */
export async function checkSites(
  config: Config,
  system: System,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const sites = config.sites.filter(({ enabled }) => enabled);
  const findings = sites.map(({ name }) => ({
    ...warning(`site ${name}: not checked within the time limit`),
    site: name,
  }));
  const deadline = startDeadline(system, ALL_MS, signal);
  const waiting = [...sites.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, site] = next;
      const finding = await checkSite(site, config.ping, system, deadline.signal);
      findings[index] = { ...finding, site: site.name };
    }
  };
  try {
    // Wait for all of them, so that no ping is left.
    const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
    signal.throwIfAborted();
    const failure = ended.find((worker) => worker.status === 'rejected');
    if (failure !== undefined && !deadline.expired()) throw failure.reason;
    return findings;
  } finally {
    deadline.end();
  }
}

async function checkSite(
  site: SiteConfig,
  { family }: Config['ping'],
  system: System,
  signal: AbortSignal,
): Promise<Finding> {
  const machine = { place: system, redact: printable, force: signal };
  const settings = { ...PING, family, maxLoss: 100 };
  const [ping, gateway] = await Promise.all([
    pingHost(site.externalIp, settings, machine, signal),
    unresolvedGateway(site, system, signal),
  ]);
  const finding = pingFinding(site, ping);
  if (gateway === undefined) return finding;
  const words = `vpn_gw: ${gateway} was not resolved`;
  return {
    verdict: finding.verdict === 'ok' ? 'warning' : finding.verdict,
    words: `${finding.words}; ${words}`,
    remedy: [
      finding.remedy,
      `is sites.${site.name}.vpn_gw right, and does a name server of this host know it?`,
    ]
      .filter((remedy) => remedy !== undefined)
      .join('; '),
  };
}

function pingFinding({ name, externalIp }: SiteConfig, ping: StageResult): Finding {
  const key = `sites.${name}.external_ip`;
  if (ping.outcome === 'ok')
    return ok(`site ${name}: ${externalIp} answers pings: ${printable(ping.detail)}`);
  const words = `site ${name}: ${printable(ping.detail)}`;
  switch (ping.cause) {
    case 'name-not-resolved':
      return missing(words, `is ${key} right, and does a name server of this host know it?`);
    case 'ping-not-permitted':
      return missing(
        words,
        `does a firewall of this host let pings out (nft list ruleset, ip route get)? ${key}`,
      );
    case 'ping-not-sent':
      return missing(words, `has this host an address that can reach it (ip address, ip route get)? ${key}`);
    default:
      // Only a warning: a gateway that is down does not prevent the monitor from running.
      return warning(
        words,
        `is ${key} right, and does the gateway answer pings? stage 1 has no number until it does`,
      );
  }
}

/**
 * The name of the gateway, if a built-in client gets it as a host and it can't be resolved. For a client of the config
 * `vpn_gw` may be anything, and a client without a tunnel has no gateway.
 */
async function unresolvedGateway(
  { vpnGw, client }: SiteConfig,
  system: System,
  signal: AbortSignal,
): Promise<string | undefined> {
  const isGiven = client.args.some((word) => word.includes('{vpn_gw}'));
  if (!isGiven || client.tunnel === 'none' || !PROFILES.has(client.name)) return undefined;
  const host = gatewayHost(vpnGw);
  return (await addressesOf(system, host, LOOKUP_MS, signal)).length === 0 ? host : undefined;
}
