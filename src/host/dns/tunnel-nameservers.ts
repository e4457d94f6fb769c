import type { Place } from '../../system/place.ts';
import { wayTo } from '../network/ip-command.ts';
import { nameservers } from './resolv-conf.ts';

/** More than glibc asks (MAXNS): each is one call of ip(8). */
const MAX_NAMESERVERS = 8;

/**
 * The name servers of a resolv.conf that were not there before and are reached through one of these devices, those of the test's tunnel.
 * Rejects with the reason of `signal`.
 */
export async function tunnelNameservers(
  place: Place,
  text: string,
  before: string,
  tunnel: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const old = nameservers(before);
  const through: string[] = [];
  for (const server of nameservers(text).slice(0, MAX_NAMESERVERS)) {
    if (old.includes(server)) continue;
    const [address = '', zone] = server.split('%');
    const device = zone ?? (await wayTo(place, address, signal))?.device;
    if (device !== undefined && tunnel.has(device)) through.push(server);
  }
  return through;
}
