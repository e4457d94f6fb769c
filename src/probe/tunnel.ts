import { addressesOf } from '../host/network/addresses.ts';
import { ipCommand, routeDevice } from '../host/network/ip-command.ts';
import { devices } from '../host/network/tun-devices.ts';
import { TUNNEL_UP_MS } from '../model/limits.ts';
import { poll } from '../system/deadline.ts';
import type { System } from '../system/system.ts';

const LOOK_EVERY_MS = 20;

/**
 * Waits until packets to `internalIp` leave through a device that was not there `before` the log-in. A ping sent
 * earlier is lost (20 of 20, measured). Rejects with the signal's reason.
 *
 * @returns `null` when the tunnel is up, else why it is not, in words.
 */
export async function waitForTunnel(
  system: System,
  internalIp: string,
  before: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  if (ipCommand(system) === undefined) return 'the command ip (iproute2) that would show it is missing';
  let why = '';
  const up = await poll(system, { ms: TUNNEL_UP_MS, everyMs: LOOK_EVERY_MS }, signal, async (left) => {
    // No time to ask anybody: what was found before says more.
    if (left === 0) return undefined;
    // A name inside may be known only to the name server inside, so it is asked for when the tunnel may be up.
    const [address] = await addressesOf(system, internalIp, left, signal);
    const device = address === undefined ? undefined : await routeDevice(system, address, signal);
    if (device !== undefined && !before.includes(device)) return true;
    if (address === undefined) why = `the name ${internalIp} is not resolved`;
    else if (device === undefined) why = `there is no route to ${internalIp}`;
    else why = `the route to ${internalIp} leaves through ${device}`;
    return undefined;
  });
  if (up) return null;
  return devices(system).some((name) => !before.includes(name)) ? why : 'no tunnel device appeared';
}
