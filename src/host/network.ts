import path from 'node:path';
import { reason } from '../files/errno.ts';
import type { Log } from '../log/log.ts';
import { printable } from '../log/redact.ts';
import type { NetworkNote } from '../state-format.ts';
import type { System } from '../system.ts';

/** One call of ip. It asks the kernel and is done, in ms. */
const IP_MS = 2000;
/** A tunnel device goes with its client, or very soon after, in ms. */
const DEVICE_GONE_MS = 2000;
const LOOK_EVERY_MS = 50;

/** How long {@link NetworkKeeper.restore} takes at most, in ms. */
export const NETWORK_DEADLINE_MS = DEVICE_GONE_MS + 4 * IP_MS;

/** Notes the network before a test and puts back what the client left changed after it. */
export interface NetworkKeeper {
  /** Devices and routes as they are now. `gateways`: the addresses that a client may leave host routes to. */
  note(gateways: readonly string[], signal: AbortSignal): Promise<NetworkNote>;
  /**
   * Removes what the client left since the note: its tunnel devices that nobody holds, and host routes to the gateway.
   * Everything else that changed is somebody's and stays.
   *
   * @returns `null`, or what could not be put right, in words.
   */
  restore(note: NetworkNote, signal: AbortSignal): Promise<string | null>;
}

/** The keeper of this network namespace. Its log says what was left and what became of it. */
export function networkKeeper(system: System, log: Log): NetworkKeeper {
  return {
    note: async (gateways, signal) => ({
      bootId: system.bootId(),
      devices: devices(system),
      routes: await routes(system, signal),
      gateways: [...gateways],
    }),
    restore: async (note, signal) => {
      // Another boot: nothing of it is left.
      if (note.bootId !== system.bootId()) return null;
      const staying: string[] = [];
      for (const device of await leftDevices(system, note, signal)) {
        log.critical(`The device ${device} was left by the client: removing it`);
        const failed = await ip(system, ['link', 'del', device], signal);
        if (failed.code !== 0)
          staying.push(`the device ${device} could not be removed${saying(failed.output)}`);
      }
      for (const route of await leftRoutes(system, note, signal)) {
        log.critical(`The route "${route.text}" was left by the client: removing it`);
        const failed = await ip(system, [route.family, 'route', 'del', ...route.text.split(' ')], signal);
        if (failed.code !== 0)
          staying.push(`the route "${route.text}" could not be removed${saying(failed.output)}`);
      }
      for (const words of staying) log.critical(words);
      return staying.length === 0 ? null : staying.join('; ');
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

interface Route {
  readonly family: '-4' | '-6';
  /** As ip prints it and takes it. */
  readonly text: string;
}

async function routes(system: System, signal: AbortSignal): Promise<string[]> {
  return (await allRoutes(system, signal)).map(({ family, text }) => `${family} ${text}`);
}

async function allRoutes(system: System, signal: AbortSignal): Promise<Route[]> {
  const found: Route[] = [];
  for (const family of ['-4', '-6'] as const) {
    const { code, output } = await ip(system, [family, 'route', 'show'], signal);
    if (code !== 0) continue;
    for (const line of output.split('\n')) {
      if (line.trim() !== '') found.push({ family, text: line.trim().replace(/ +/g, ' ') });
    }
  }
  return found;
}

/** Tunnel devices that were not there before and that no process holds open; those that are about to go are waited for. */
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
    if (left.length === 0 || system.monotonic() >= until) return left;
    await system.sleep(LOOK_EVERY_MS, signal);
  }
}

/** Host routes to the gateway, or by way of a device that is gone, that were not there before. */
async function leftRoutes(system: System, note: NetworkNote, signal: AbortSignal): Promise<readonly Route[]> {
  const known = new Set(note.routes);
  return (await allRoutes(system, signal)).filter(({ family, text }) => {
    const destination = text.split(' ')[0]?.replace(/\/(32|128)$/, '') ?? '';
    return !known.has(`${family} ${text}`) && note.gateways.includes(destination);
  });
}

/** Only tun and tap devices have this file (drivers/net/tun.c). */
function isTunnel(system: System, device: string): boolean {
  return system.files.existsSync(path.join('/sys/class/net', device, 'tun_flags'));
}

/** Whether a process has the device open: /proc/PID/fdinfo names it (`iff:`). */
function isHeld(system: System, device: string): boolean {
  return pidsOf(system).some((pid) => {
    const folder = `/proc/${pid}/fd`;
    try {
      return system.files
        .readdirSync(folder)
        .filter((fd) => system.files.readlinkSync(`${folder}/${fd}`) === '/dev/net/tun')
        .some((fd) =>
          system.files.readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8').includes(`iff:\t${device}\n`),
        );
    } catch {
      return false;
    }
  });
}

function pidsOf(system: System): string[] {
  return system.files.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
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

/** Runs ip(8). A missing ip is an answer like any other: code 127. */
async function ip(system: System, args: readonly string[], signal: AbortSignal) {
  const command = ['ip', '/usr/sbin/ip', '/sbin/ip']
    .map(system.findCommand)
    .find((file) => file !== undefined);
  if (command === undefined) return { code: 127, output: 'ip was not found' };
  try {
    return await system.run(command, args, { env: system.env, timeoutMs: IP_MS, signal });
  } catch (error) {
    return { code: 126, output: reason(error) };
  }
}

function saying(output: string): string {
  const words = printable(output).replace(/\s+/g, ' ').trim();
  return words === '' ? '' : ` (${words})`;
}
