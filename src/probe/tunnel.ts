import { addressesOf } from '../host/network/addresses.ts';
import { ipCommand, routeDevice } from '../host/network/ip-command.ts';
import { devices } from '../host/network/tun-devices.ts';
import { TUNNEL_UP_MS } from '../model/limits.ts';
import { failed, good, type Result } from '../model/result.ts';
import { poll } from '../system/deadline.ts';
import type { Place } from '../system/place.ts';

const LOOK_EVERY_MS = 20;

/** The maximum number of addresses of a name that are checked: each needs a call of ip(8). */
const MAX_ADDRESSES = 8;

/**
 * Waits until packets to `internalIp` leave through a device that did not exist `before` the log-in. A ping sent earlier
 * gets no reply (20 of 20, measured). Rejects with the signal's reason.
 *
 * @returns the addresses that packets reach through the tunnel, or why the tunnel is not up.
 */
export async function waitForTunnel(
  place: Place,
  internalIp: string,
  before: readonly string[],
  signal: AbortSignal,
): Promise<Result<readonly string[]>> {
  if (ipCommand(place) === undefined)
    return failed('the command ip (iproute2) that would show it is missing');
  let why = '';
  const up = await poll(place, { ms: TUNNEL_UP_MS, everyMs: LOOK_EVERY_MS }, signal, async (left) => {
    // No time for another call: keep the reason found before.
    if (left === 0) return undefined;
    // Only the name server inside may know the name, so resolve it again each time.
    const addresses = await addressesOf(place, internalIp, left, signal);
    const through: string[] = [];
    const others: (string | undefined)[] = [];
    for (const address of addresses.slice(0, MAX_ADDRESSES)) {
      const device = await routeDevice(place, address, signal);
      if (device !== undefined && !before.includes(device)) through.push(address);
      else others.push(device);
    }
    if (through.length > 0) return through;
    const device = others.find((name) => name !== undefined);
    if (addresses.length === 0) why = `the name ${internalIp} is not resolved`;
    else if (device === undefined) why = `there is no route to ${internalIp}`;
    else why = `the route to ${internalIp} leaves through ${device}`;
    return undefined;
  });
  if (up !== undefined) return good(up);
  const appeared = devices(place).some((name) => !before.includes(name));
  return failed(appeared ? why : 'no tunnel device appeared');
}
