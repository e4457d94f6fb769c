import { isIP } from 'node:net';
import { startDeadline, unlessAborted } from '../../system/deadline.ts';
import type { Place } from '../../system/place.ts';

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
