import { createHash } from 'node:crypto';

/*
 * The names and addresses of cells. A monitor owns blocks: block 7 is 169.254.7.0/24, whose 64 subnets of 4 addresses belong to the
 * cells 0 to 63 of the block. Who owns a block is decided by a lock, so that no two monitors of a host share a subnet.
 */

/** The blocks that may be owned: RFC 3927 reserves the first and the last; clouds use 169.254.169.0/24. */
export const BLOCKS: readonly number[] = Array.from({ length: 254 }, (_, index) => index + 1).filter(
  (block) => block !== 169,
);
/** Cells of one block. */
export const CELLS_IN_BLOCK = 64;

/** Marks what the monitors of a results folder make on the host: 8 hexadecimal digits. */
export function markOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 8);
}

/** The name of the lock of a block. It is free if no process owns the block. */
export function blockLock(block: number): string {
  return `vpn-monitor cells ${block}`;
}

/** The nft table of a block. */
export function tableName(mark: string, block: number): string {
  return `vpn_monitor_${mark}_${hex(block)}`;
}

/** The host's end of a cell's link. The kernel accepts names of up to 15 bytes. */
export function linkName(mark: string, block: number, cell: number): string {
  return `vc${mark}${hex(block)}${hex(cell)}`;
}

/** The block in a name of {@link tableName} or {@link linkName} with this mark; `undefined` for every other name. */
export function blockIn(name: string, mark: string): number | undefined {
  const digits = new RegExp(`^(?:vpn_monitor_${mark}_([0-9a-f]{2})|vc${mark}([0-9a-f]{2})[0-9a-f]{2})$`).exec(
    name,
  );
  return digits === null ? undefined : Number.parseInt(digits[1] ?? digits[2] ?? '', 16);
}

/** The addresses of a block. */
export function subnetOf(block: number): string {
  return `169.254.${block}.0/24`;
}

/** The addresses of a cell's link. */
export function addressesOf(block: number, cell: number): { readonly host: string; readonly inside: string } {
  return { host: `169.254.${block}.${4 * cell + 1}`, inside: `169.254.${block}.${4 * cell + 2}` };
}

function hex(number: number): string {
  return number.toString(16).padStart(2, '0');
}
