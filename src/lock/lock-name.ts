import { createHash } from 'node:crypto';
import type { System } from '../system/system.ts';

/** Held by a test from its first clean-up until its row is written: one host has one tunnel. */
export const HOST_LOCK = 'vpn-monitor host';

/**
 * The locks of a results folder, both held by the one `run` that writes there: by what the folder is, so that two paths
 * to it are one, and by where it is, so that one that was moved away and made again is still ours. Throws what the
 * system says if the folder can't be looked at.
 */
export function resultsLocks(files: System['files'], folder: string): readonly [string, string] {
  const { dev, ino } = files.statSync(folder, { bigint: true });
  const place = createHash('sha256').update(files.realpathSync(folder)).digest('hex').slice(0, 32);
  return [`vpn-monitor results ${dev}:${ino}`, `vpn-monitor results at ${place}`];
}

/** The length of a socket's address without its leading NUL, in bytes (unix(7)). */
const ADDRESS_BYTES = 107;

/**
 * The address of a lock, for node:net: an abstract socket, which has no file and goes with its process. Filled up with
 * NULs to the full length, because some versions of Node do that by themselves and others don't, and to the kernel those
 * would be two names. Throws if the name is too long.
 *
 * Abstract names belong to a network namespace: monitors in different ones have different tunnels, but are not kept from
 * one results folder.
 */
export function lockAddress(name: string): string {
  const length = Buffer.byteLength(name);
  if (length > ADDRESS_BYTES)
    throw new RangeError(`the name of a lock is longer than ${ADDRESS_BYTES} bytes`);
  return `\0${name}${'\0'.repeat(ADDRESS_BYTES - length)}`;
}
