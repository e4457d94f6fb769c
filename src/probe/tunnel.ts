import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { devices, routeDevice } from '../host/network.ts';
import type { System } from '../system.ts';

/** From a log-in to traffic, in ms: openconnect needs 0.1 s (measured), a busy host more. */
export const TUNNEL_UP_MS = 10_000;
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
  const until = system.monotonic() + TUNNEL_UP_MS;
  let device: string | undefined;
  while (system.monotonic() < until) {
    const address = await numeric(internalIp);
    device = address === undefined ? undefined : await routeDevice(system, address, signal);
    signal.throwIfAborted();
    if (device !== undefined && !before.includes(device)) return null;
    await system.sleep(LOOK_EVERY_MS, signal);
  }
  if (devices(system).every((name) => before.includes(name))) return 'no tunnel device appeared';
  return device === undefined
    ? `there is no route to ${internalIp}`
    : `the route to ${internalIp} leaves through ${device}`;
}

/** A name inside may be known only to the name server inside, so it is asked for when the tunnel may be up. */
async function numeric(host: string): Promise<string | undefined> {
  const bare = host.replace(/%.*/, '');
  if (isIP(bare) !== 0) return bare;
  return lookup(host).then(
    ({ address }) => address,
    () => undefined,
  );
}
