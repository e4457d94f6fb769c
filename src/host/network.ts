import { isIP } from 'node:net';
import path from 'node:path';
import { startDeadline } from '../deadline.ts';
import { reason } from '../files/errno.ts';
import type { Log } from '../log/log.ts';
import { printable } from '../log/redact.ts';
import type { System } from '../system.ts';
import type { NetworkNote } from './network-note.ts';

/** One call of ip. It asks the kernel and is done, in ms. */
const IP_MS = 2000;
/** A tunnel device goes with its client, or very soon after, in ms. */
const DEVICE_GONE_MS = 2000;
const LOOK_EVERY_MS = 50;

/** How long {@link NetworkKeeper.note} and {@link NetworkKeeper.restore} take at most, in ms. */
export const NETWORK_DEADLINE_MS = DEVICE_GONE_MS + 4 * IP_MS;

/** Notes the network before a test and puts back what the client left changed after it. */
export interface NetworkKeeper {
  /** Devices and routes as they are now. `gateways`: the addresses, numeric, that a client may leave host routes to. */
  note(gateways: readonly string[], signal: AbortSignal): Promise<NetworkNote>;
  /**
   * Puts right what the client left since the note: removes its tunnel devices that nobody holds and host routes to the
   * gateway, and puts the default route back where none is left. Everything else that changed is somebody's and stays.
   *
   * @returns `null`, or what could not be put right, in words.
   */
  restore(note: NetworkNote, signal: AbortSignal): Promise<string | null>;
}

type Family = '-4' | '-6';
const FAMILIES: readonly Family[] = ['-4', '-6'];

/** The keeper of this network namespace. Its log says what was left and what became of it. */
export function networkKeeper(system: System, log: Log): NetworkKeeper {
  return {
    note: async (gateways, signal) => {
      const routes: string[] = [];
      const watched: string[] = [];
      for (const family of FAMILIES) {
        const found = await routesOf(system, family, signal);
        // Of routes that can't be read now, nobody can tell later whose they are.
        if (!Array.isArray(found)) continue;
        routes.push(...found.map((route) => `${family} ${route}`));
        watched.push(...gateways.filter((address) => familyOf(address) === family));
      }
      return { bootId: system.bootId(), devices: devices(system), routes, gateways: watched, unmarked: [] };
    },
    restore: async (note, signal) => {
      // Another boot: nothing of it is left.
      if (note.bootId !== system.bootId()) return null;
      const deadline = startDeadline(system, NETWORK_DEADLINE_MS, signal);
      try {
        const staying = [
          ...(await removeDevices(system, log, note, deadline.signal)),
          ...(await restoreRoutes(system, log, note, deadline.signal)),
        ];
        for (const words of staying) log.critical(words);
        return staying.length === 0 ? null : staying.join('; ');
      } catch (error) {
        if (!deadline.struck()) throw error;
        return `the network could not be put right within ${NETWORK_DEADLINE_MS / 1000} s`;
      } finally {
        deadline.end();
      }
    },
  };
}

/** The names of all network devices. */
export function devices(system: System): string[] {
  try {
    return system.files.readdirSync('/sys/class/net');
  } catch {
    return [];
  }
}

/** The device that packets to `address` (numeric) leave through, as the kernel routes them; `undefined`: it does not. */
export async function routeDevice(
  system: System,
  address: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { code, output } = await ip(system, ['-o', 'route', 'get', address], signal);
  return code === 0 ? / dev (\S+)/.exec(output)?.[1] : undefined;
}

/** Where ip(8) is, also for a user whose PATH has no sbin. */
export function ipCommand(system: System): string | undefined {
  return ['ip', '/usr/sbin/ip', '/sbin/ip'].map(system.findCommand).find((file) => file !== undefined);
}

/** Removes what {@link leftDevices} finds; returns what stays, in words. */
async function removeDevices(
  system: System,
  log: Log,
  note: NetworkNote,
  signal: AbortSignal,
): Promise<string[]> {
  const staying: string[] = [];
  for (const device of await leftDevices(system, note, signal)) {
    log.critical(`The device ${device} was left by the client: removing it`);
    const why = await change(system, ['link', 'del', device], signal);
    if (why !== null) staying.push(`the device ${device} could not be removed${why}`);
  }
  return staying;
}

/** Removes host routes to the gateway that were not there before, and puts back the default routes if none is left. */
async function restoreRoutes(
  system: System,
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
    const now = await routesOf(system, family, signal);
    if (typeof now === 'string') {
      staying.push(`the routes can't be read${now}`);
      continue;
    }
    for (const route of now.filter(
      (route) => !before.includes(route) && gateways.includes(targetOf(route)),
    )) {
      log.critical(`The route "${route}" was left by the client: removing it`);
      const why = await change(system, [family, 'route', 'del', ...route.split(' ')], signal);
      if (why !== null) staying.push(`the route "${route}" could not be removed${why}`);
    }
    if (now.some(isDefault)) continue;
    for (const route of before.filter(isDefault)) {
      log.critical(`The route "${route}" was lost with the client: putting it back`);
      const why = await change(system, [family, 'route', 'add', ...route.split(' ')], signal);
      if (why !== null) staying.push(`the route "${route}" could not be put back${why}`);
    }
  }
  return staying;
}

/** The main routes of one family, as ip prints and takes them, without what changes by itself; or why not, in words. */
async function routesOf(system: System, family: Family, signal: AbortSignal): Promise<string[] | string> {
  const { code, output } = await ip(system, [family, 'route', 'show'], signal);
  if (code !== 0) return saying(output);
  const passing = / (?:linkdown|dead|offload|trap|rt_offload|rt_trap|expires \S+)(?= |$)/g;
  return output
    .split('\n')
    .map((line) => ` ${line}`.replace(/\s+/g, ' ').replace(passing, '').trim())
    .filter((line) => line !== '');
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

/** Tunnel devices that were not there before and stay without a process; those that are about to go are waited for. */
async function leftDevices(
  system: System,
  note: NetworkNote,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const until = system.monotonic() + DEVICE_GONE_MS;
  for (;;) {
    const left = devices(system).filter(
      (device) => !note.devices.includes(device) && isTunnel(system, device) && !isHeld(system, device),
    );
    if (left.length === 0) return left;
    // One that is not to stay has a process, even if we can't see it.
    if (system.monotonic() >= until) return left.filter((device) => isPersistent(system, device));
    await system.sleep(LOOK_EVERY_MS, signal);
  }
}

/** Only tun and tap devices have this file (drivers/net/tun.c). */
function tunFlags(device: string): string {
  return path.join('/sys/class/net', device, 'tun_flags');
}

function isTunnel(system: System, device: string): boolean {
  return system.files.existsSync(tunFlags(device));
}

/** IFF_PERSIST: it stays when its last process closes it. */
function isPersistent(system: System, device: string): boolean {
  try {
    return (Number(system.files.readFileSync(tunFlags(device), 'utf8')) & 0x0800) !== 0;
  } catch {
    return false;
  }
}

/** Whether a process has the device open: /proc/PID/fdinfo names it (`iff:`). */
function isHeld(system: System, device: string): boolean {
  const { files } = system;
  const pids = files.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => {
    try {
      return files
        .readdirSync(`/proc/${pid}/fd`)
        .filter((fd) => isTunFile(system, `/proc/${pid}/fd/${fd}`))
        .some((fd) => files.readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8').includes(`iff:\t${device}\n`));
    } catch {
      // It is gone, or another user's.
      return false;
    }
  });
}

/** A descriptor that was closed meanwhile says nothing of the others. */
function isTunFile({ files }: System, file: string): boolean {
  try {
    return files.readlinkSync(file) === '/dev/net/tun';
  } catch {
    return false;
  }
}

/** Changes the network; `null`, or why not, in words. */
async function change(system: System, args: readonly string[], signal: AbortSignal): Promise<string | null> {
  const { code, output } = await ip(system, args, signal);
  return code === 0 ? null : saying(output);
}

/** Runs ip(8). A missing ip is an answer like any other. Rejects with the signal's reason. */
async function ip(system: System, args: readonly string[], signal: AbortSignal) {
  signal.throwIfAborted();
  const command = ipCommand(system);
  if (command === undefined) return { code: 127, output: 'ip was not found' };
  try {
    const result = await system.run(command, args, { env: system.env, timeoutMs: IP_MS, signal });
    signal.throwIfAborted();
    return result;
  } catch (error) {
    signal.throwIfAborted();
    return { code: 126, output: reason(error) };
  }
}

function saying(output: string): string {
  const words = printable(output).replace(/\s+/g, ' ').trim();
  return words === '' ? '' : ` (${words})`;
}
