import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { System } from '../system.ts';

/** A name server that is silent is not waited for longer, in ms. */
export const LOOKUP_MS = 5000;

/** The host of `HOST`, `HOST:PORT`, `[v6]:PORT` or a URL, as clients take gateways. */
export function gatewayHost(gateway: string): string {
  const bare = gateway.replace(/^\w+:\/\//, '').replace(/\/.*$/, '');
  if (isIP(bare) !== 0) return bare;
  return /^\[([^\]]+)\]/.exec(bare)?.[1] ?? bare.replace(/:\d+$/, '');
}

/** All addresses of a gateway, numeric; none if its name is not resolved in time. Rejects with the signal's reason. */
export async function gatewayAddresses(
  system: System,
  gateway: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const host = gatewayHost(gateway);
  if (isIP(host) !== 0) return [host];
  const found = lookup(host, { all: true }).then(
    (all) => all.map(({ address }) => address),
    () => [],
  );
  return Promise.race([found, system.sleep(LOOKUP_MS, signal).then(() => [])]);
}
