import { createHash } from 'node:crypto';
import type { System } from '../system/system.ts';

/** The lock of the host. A test holds it from its first clean-up until its row is written, because a host has one tunnel. */
export const HOST_LOCK = 'vpn-monitor host';

/**
 * The two locks of a results folder; the one `run` that writes there holds both. One names the folder's inode, so that two paths to
 * it are one lock. The other names its path, so that a folder that was moved away and created again is still locked. Throws the
 * system's error if the folder can't be read.
 */
export function resultsLocks(files: System['files'], folder: string): readonly [string, string] {
  const { dev, ino } = files.statSync(folder, { bigint: true });
  const place = createHash('sha256').update(files.realpathSync(folder)).digest('hex').slice(0, 32);
  return [`vpn-monitor results ${dev}:${ino}`, `vpn-monitor results at ${place}`];
}

/** The length of a socket's address without its leading NUL, in bytes (unix(7)). */
const ADDRESS_BYTES = 107;

/**
 * The address of a lock for node:net: an abstract socket, which has no file and ends with its process. It is padded to the full length:
 * some versions of Node pad it with NULs and others don't, and the kernel would see two names. Not with NULs, since libuv 1.50, which
 * Debian 13 has, takes none but the leading one (EINVAL, measured). Throws if the name is too long.
 *
 * Abstract names belong to a network namespace. Monitors in different namespaces have different tunnels, but can write to the same
 * results folder.
 */
export function lockAddress(name: string): string {
  const length = Buffer.byteLength(name);
  if (length > ADDRESS_BYTES)
    throw new RangeError(`the name of a lock is longer than ${ADDRESS_BYTES} bytes`);
  return `\0${name}${'.'.repeat(ADDRESS_BYTES - length)}`;
}
