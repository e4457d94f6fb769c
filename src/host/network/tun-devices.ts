import { DEVICE_GONE_MS } from '../../model/limits.ts';
import { poll } from '../../system/deadline.ts';
import type { Place } from '../../system/place.ts';

const LOOK_EVERY_MS = 50;
const DEVICES = '/sys/class/net';
/** Only tun and tap devices have this file (drivers/net/tun.c). */
const TUN_FLAGS = 'tun_flags';
/** IFF_PERSIST: the device stays when its last process closes it. */
const PERSISTENT = 0x0800;

/** The names of all network devices. */
export function devices(place: Place): readonly string[] {
  return place.listFolder(DEVICES);
}

/**
 * Returns the tunnel devices that were not there `before` and that no process holds, and the new devices of the kernel's own among
 * `ours`. First waits for devices that are being removed. Rejects with the reason of `signal`.
 */
export async function leftDevices(
  place: Place,
  before: readonly string[],
  ours: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const isOurs = (device: string) => ours.includes(device) && !isTunnel(place, device);
  let left: readonly string[] = [];
  await poll(place, { ms: DEVICE_GONE_MS, everyMs: LOOK_EVERY_MS }, signal, () => {
    left = devices(place).filter(
      (device) =>
        !before.includes(device) && (isOurs(device) || (isTunnel(place, device) && !isHeld(place, device))),
    );
    return left.length === 0 || undefined;
  });
  // A device that is not persistent is held by a process, even if that is hidden from us.
  return left.filter((device) => isOurs(device) || isPersistent(place, device));
}

function isTunnel(place: Place, device: string): boolean {
  return place.listFolder(`${DEVICES}/${device}`).includes(TUN_FLAGS);
}

function isPersistent(place: Place, device: string): boolean {
  const flags = place.readFile(`${DEVICES}/${device}/${TUN_FLAGS}`);
  return flags.state === 'read' && (Number(flags.text) & PERSISTENT) !== 0;
}

/** Whether a process has the device open (`iff:` in /proc/PID/fdinfo). Processes of other users may be hidden. */
function isHeld(place: Place, device: string): boolean {
  return place.pidsInProc().some((pid) =>
    place
      .listFolder(`/proc/${pid}/fd`)
      .filter((fd) => place.readLink(`/proc/${pid}/fd/${fd}`) === '/dev/net/tun')
      .some((fd) => {
        const info = place.readFile(`/proc/${pid}/fdinfo/${fd}`);
        return info.state === 'read' && info.text.includes(`iff:\t${device}\n`);
      }),
  );
}
