import { addressesOf } from '../host/network/addresses.ts';
import { ipCommand, type Way, wayTo } from '../host/network/ip-command.ts';
import { devices } from '../host/network/tun-devices.ts';
import { NOTE_WAYS_MS, TUNNEL_UP_MS } from '../model/limits.ts';
import { failed, good, type Result } from '../model/result.ts';
import { poll, startDeadline } from '../system/deadline.ts';
import type { Place } from '../system/place.ts';

const LOOK_EVERY_MS = 20;
const WATCH_EVERY_MS = 100;

/** The maximum number of addresses of a name that are checked: each needs a call of ip(8). */
const MAX_ADDRESSES = 8;

/** The network before a log-in: what a tunnel is told from. */
export interface Before {
  readonly devices: readonly string[];
  /**
   * For a tunnel that may have no device: how packets to addresses inside left, by address; `undefined` as a value: there was no route.
   * Another device, source or table is the tunnel.
   */
  readonly ways?: ReadonlyMap<string, Way | undefined>;
}

/**
 * Notes how packets to hosts inside leave, as far as that can be found out within {@link NOTE_WAYS_MS}. Rejects with the signal's
 * reason.
 */
export async function noteWays(
  place: Place,
  hosts: readonly string[],
  signal: AbortSignal,
): Promise<NonNullable<Before['ways']>> {
  const ways = new Map<string, Way | undefined>();
  const deadline = startDeadline(place, NOTE_WAYS_MS, signal);
  try {
    for (const host of new Set(hosts)) {
      const addresses = await addressesOf(place, host, NOTE_WAYS_MS, deadline.signal);
      for (const address of addresses.slice(0, MAX_ADDRESSES))
        ways.set(address, (await wayTo(place, address, deadline.signal)) ?? undefined);
    }
  } catch (error) {
    if (!deadline.expired()) throw error;
  } finally {
    deadline.end();
  }
  return ways;
}

function isTunnel(way: Way, address: string, { devices, ways }: Before): boolean {
  if (!devices.includes(way.device)) return true;
  if (ways === undefined || !ways.has(address)) return false;
  const before = ways.get(address);
  return before?.device !== way.device || before.source !== way.source || before.table !== way.table;
}

/**
 * Waits until packets to `internalIp` leave otherwise than `before` the log-in: through a new device, or as {@link Before.ways}
 * says. A ping sent earlier gets no reply (20 of 20, measured). Rejects with the signal's reason.
 *
 * @returns the addresses that packets reach through the tunnel, or why the tunnel is not up.
 */
export async function waitForTunnel(
  place: Place,
  internalIp: string,
  before: Before,
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
  return failed(mayBeUp(place, before) ? why : 'no tunnel device appeared');
}

/**
 * Waits for the tunnel as long as the log-in takes: its route is the proof of a success that no known text reports. See
 * {@link WatchTunnel}.
 */
export async function watchTunnel(
  place: Place,
  internalIp: string,
  before: Before,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    await place.sleep(WATCH_EVERY_MS, signal);
    // Asking for a route starts a process: only when there is a device for it, if there must be one.
    if (!mayBeUp(place, before)) continue;
    const at = place.monotonic();
    if ((await routesThrough(place, internalIp, before, TUNNEL_UP_MS, signal)).ok) return at;
  }
}

/** The addresses of `internalIp` that packets reach through the tunnel, or why there are none. `unknown`: ip did not say. */
export async function routesThrough(
  place: Place,
  internalIp: string,
  before: Before,
  ms: number,
  signal: AbortSignal,
): Promise<Result<readonly string[], string, { readonly unknown?: true }>> {
  // Only the name server inside may know the name, so resolve it again each time.
  const addresses = internalIp.includes('%')
    ? [internalIp]
    : await addressesOf(place, internalIp, ms, signal);
  let late = false;
  const through: string[] = [];
  const others: (string | undefined)[] = [];
  for (const address of addresses.slice(0, MAX_ADDRESSES)) {
    const way = await wayTo(place, address, signal);
    if (way === null) late = true;
    else if (way !== undefined && isTunnel(way, address, before)) through.push(address);
    else others.push(way?.device);
  }
  if (through.length > 0) return good(through);
  if (late) return { ...failed(`ip did not say where ${internalIp} is`), unknown: true };
  const device = others.find((name) => name !== undefined);
  if (addresses.length === 0) return failed(`the name ${internalIp} is not resolved`);
  if (device === undefined) return failed(`there is no route to ${internalIp}`);
  return failed(`the route to ${internalIp} leaves through ${device}`);
}

function mayBeUp(place: Place, before: Before): boolean {
  return before.ways !== undefined || devices(place).some((name) => !before.devices.includes(name));
}
