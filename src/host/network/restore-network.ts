import { isIP } from 'node:net';
import type { Log } from '../../log/log.ts';
import { NETWORK_MS } from '../../model/limits.ts';
import { DONE, failed, good, type Result } from '../../model/result.ts';
import type { NetworkNote } from '../../state/host-note.ts';
import { startDeadline } from '../../system/deadline.ts';
import type { Place } from '../../system/place.ts';
import { inParentheses } from '../../words/printable.ts';
import { change, ip } from './ip-command.ts';
import { devices, leftDevices } from './tun-devices.ts';

/** Notes the network before a test and puts back what the client left changed after it. */
export interface NetworkKeeper {
  /** Devices and routes as they are now. `gateways`: the addresses, numeric, that a client may leave host routes to. */
  note(gateways: readonly string[], signal: AbortSignal): Promise<Omit<NetworkNote, 'unmarked'>>;
  /**
   * Puts right what the client left since the note: removes its tunnel devices that nobody holds and host routes to the
   * gateway, and puts the default route back where none is left. Everything else that changed is somebody's and stays.
   *
   * @returns a failure if something could not be restored: what.
   */
  restore(note: NetworkNote, signal: AbortSignal): Promise<Result>;
}

type Family = '-4' | '-6';
const FAMILIES: readonly Family[] = ['-4', '-6'];

/** The keeper of this network namespace. Its log says what was left and what became of it. */
export function networkKeeper(place: Place, log: Log): NetworkKeeper {
  return {
    note: async (gateways, signal) => {
      const routes: string[] = [];
      const watched: string[] = [];
      for (const family of FAMILIES) {
        const found = await routesOf(place, family, signal);
        // Of routes that can't be read now, nobody can tell later whose they are.
        if (!found.ok) continue;
        routes.push(...found.value.map((route) => `${family} ${route}`));
        watched.push(...gateways.filter((address) => familyOf(address) === family));
      }
      return { bootId: place.bootId(), devices: [...devices(place)], routes, gateways: watched };
    },
    restore: async (note, signal) => {
      const { devices } = note;
      // Another boot: nothing of it is left.
      if (devices === null || note.bootId !== place.bootId()) return DONE;
      const deadline = startDeadline(place, NETWORK_MS, signal);
      try {
        const staying = [
          ...(await removeDevices(place, log, devices, deadline.signal)),
          ...(await restoreRoutes(place, log, note, deadline.signal)),
        ];
        for (const words of staying) log.critical(words);
        return staying.length === 0 ? DONE : failed(staying.join('; '));
      } catch (error) {
        if (!deadline.expired()) throw error;
        return failed(`the network could not be restored within ${NETWORK_MS / 1000} s`);
      } finally {
        deadline.end();
      }
    },
  };
}

/** Removes what {@link leftDevices} finds; returns what stays, in words. */
async function removeDevices(
  place: Place,
  log: Log,
  before: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const staying: string[] = [];
  for (const device of await leftDevices(place, before, signal)) {
    log.critical(`The device ${device} was left by the client: removing it`);
    const changed = await change(place, ['link', 'del', device], signal);
    if (!changed.ok) staying.push(`the device ${device} could not be removed${changed.why}`);
  }
  return staying;
}

/** Removes host routes to the gateway that were not there before, and puts back the default routes if none is left. */
async function restoreRoutes(
  place: Place,
  log: Log,
  note: NetworkNote,
  signal: AbortSignal,
): Promise<string[]> {
  const staying: string[] = [];
  for (const family of FAMILIES) {
    const before = note.routes
      .filter((route) => route.startsWith(`${family} `))
      .map((route) => route.slice(3));
    const gateways = note.gateways.filter((address) => familyOf(address) === family);
    if (before.length === 0 && gateways.length === 0) continue;
    const found = await routesOf(place, family, signal);
    if (!found.ok) {
      staying.push(`the routes can't be read${found.why}`);
      continue;
    }
    const now = found.value;
    for (const route of now.filter(
      (route) => !before.includes(route) && gateways.includes(targetOf(route)),
    )) {
      log.critical(`The route "${route}" was left by the client: removing it`);
      const changed = await change(place, [family, 'route', 'del', ...route.split(' ')], signal);
      if (!changed.ok) staying.push(`the route "${route}" could not be removed${changed.why}`);
    }
    if (now.some(isDefault)) continue;
    for (const route of before.filter(isDefault)) {
      log.critical(`The route "${route}" was lost with the client: putting it back`);
      const changed = await change(place, [family, 'route', 'add', ...route.split(' ')], signal);
      if (!changed.ok) staying.push(`the route "${route}" could not be put back${changed.why}`);
    }
  }
  return staying;
}

/** The main routes of one family, as ip prints and takes them, without what changes by itself; or why not, in words. */
async function routesOf(
  place: Place,
  family: Family,
  signal: AbortSignal,
): Promise<Result<readonly string[]>> {
  const { code, output } = await ip(place, [family, 'route', 'show'], signal);
  if (code !== 0) return failed(inParentheses(output));
  const passing = / (?:linkdown|dead|offload|trap|rt_offload|rt_trap|expires \S+)(?= |$)/g;
  const lines = output
    .split('\n')
    .map((line) => ` ${line}`.replace(/\s+/g, ' ').replace(passing, '').trim())
    .filter((line) => line !== '');
  return good(lines);
}

function targetOf(route: string): string {
  return route.replace(/ .*/, '').replace(/\/(?:32|128)$/, '');
}

function isDefault(route: string): boolean {
  return route.startsWith('default ');
}

function familyOf(address: string): Family {
  return isIP(address) === 6 ? '-6' : '-4';
}
