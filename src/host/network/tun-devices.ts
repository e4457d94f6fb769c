import path from 'node:path';
import { DEVICE_GONE_MS } from '../../model/limits.ts';
import { poll } from '../../system/deadline.ts';
import type { System } from '../../system/system.ts';

const LOOK_EVERY_MS = 50;

/** The names of all network devices. */
export function devices(system: System): string[] {
  try {
    return system.files.readdirSync('/sys/class/net');
  } catch {
    return [];
  }
}

/** Tunnel devices that are not among those of before and stay without a process; those that are about to go are waited for. */
export async function leftDevices(
  system: System,
  before: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  let left: readonly string[] = [];
  await poll(system, { ms: DEVICE_GONE_MS, everyMs: LOOK_EVERY_MS }, signal, () => {
    left = devices(system).filter(
      (device) => !before.includes(device) && isTunnel(system, device) && !isHeld(system, device),
    );
    return left.length === 0 || undefined;
  });
  // One that is not to stay has a process, even if we can't see it.
  return left.filter((device) => isPersistent(system, device));
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
  return system.pidsInProc().some((pid) => {
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
