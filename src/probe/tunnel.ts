import { addressesOf } from '../host/network/addresses.ts';
import { ipCommand, routeDevice } from '../host/network/ip-command.ts';
import { devices } from '../host/network/tun-devices.ts';
import { TUNNEL_UP_MS } from '../model/limits.ts';
import { failed, good, type Result } from '../model/result.ts';
import { poll } from '../system/deadline.ts';
import type { Place } from '../system/place.ts';

const LOOK_EVERY_MS = 20;
const WATCH_EVERY_MS = 100;

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
    const routes = await routesThrough(place, internalIp, before, left, signal);
    if (routes.ok) return routes.value;
    why = routes.why;
    return undefined;
  });
  if (up !== undefined) return good(up);
  return failed(newDevices(place, before).length > 0 ? why : 'no tunnel device appeared');
}

/**
 * Waits for the tunnel as long as the log-in takes: its route is the proof of a success that no known text reports. See
 * {@link WatchTunnel}.
 */
export async function watchTunnel(
  place: Place,
  internalIp: string,
  before: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    await place.sleep(WATCH_EVERY_MS, signal);
    // Asking for a route starts a process: only when there is a device for it.
    if (newDevices(place, before).length === 0) continue;
    const at = place.monotonic();
    if ((await routesThrough(place, internalIp, before, TUNNEL_UP_MS, signal)).ok) return at;
  }
}

/** The addresses of `internalIp` that packets reach through a device that was not there `before`, or why there are none. */
export async function routesThrough(
  place: Place,
  internalIp: string,
  before: readonly string[],
  ms: number,
  signal: AbortSignal,
): Promise<Result<readonly string[]>> {
  // Only the name server inside may know the name, so resolve it again each time.
  const addresses = internalIp.includes('%')
    ? [internalIp]
    : await addressesOf(place, internalIp, ms, signal);
  const through: string[] = [];
  const others: (string | undefined)[] = [];
  for (const address of addresses.slice(0, MAX_ADDRESSES)) {
    const device = await routeDevice(place, address, signal);
    if (device !== undefined && !before.includes(device)) through.push(address);
    else others.push(device);
  }
  if (through.length > 0) return good(through);
  const device = others.find((name) => name !== undefined);
  if (addresses.length === 0) return failed(`the name ${internalIp} is not resolved`);
  if (device === undefined) return failed(`there is no route to ${internalIp}`);
  return failed(`the route to ${internalIp} leaves through ${device}`);
}

function newDevices(place: Place, before: readonly string[]): readonly string[] {
  return devices(place).filter((name) => !before.includes(name));
}
