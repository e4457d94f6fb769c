import { isIP } from 'node:net';
import { startDeadline, unlessAborted } from '../../system/deadline.ts';
import type { Place } from '../../system/place.ts';

/** Returns the host of a gateway as clients accept it: `HOST`, `HOST:PORT`, `[v6]:PORT` or a URL. */
export function gatewayHost(gateway: string): string {
  const bare = withoutScheme(gateway);
  if (isIP(bare) !== 0) return bare;
  return /^\[([^\]]+)\]/.exec(bare)?.[1] ?? bare.replace(/:\d+$/, '');
}

/** Returns the port of a gateway that names one, as clients accept it; else `undefined`. */
export function gatewayPort(gateway: string): number | undefined {
  const bare = withoutScheme(gateway);
  const digits = isIP(bare) !== 0 ? undefined : /:(\d{1,5})$/.exec(bare)?.[1];
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function withoutScheme(gateway: string): string {
  return gateway.replace(/^\w+:\/\//, '').replace(/[/?#].*$/, '');
}

/**
 * Returns all addresses of a host, as ip prints them, without a zone; an empty list if its name is not resolved within `ms`. Rejects
 * with the reason of `signal`.
 */
export async function addressesOf(
  place: Place,
  host: string,
  ms: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [asPrinted(host)];
  signal.throwIfAborted();
  const deadline = startDeadline(place, ms, signal);
  try {
    return (await unlessAborted(place.resolve(host), deadline.signal)).map(asPrinted);
  } catch (error) {
    if (!deadline.expired()) throw error;
    return [];
  } finally {
    deadline.end();
  }
}

function asPrinted(address: string): string {
  const bare = address.replace(/%.*/, '');
  return isIP(bare) === 6 ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare;
}
