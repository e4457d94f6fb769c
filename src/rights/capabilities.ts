import type { System } from '../system/system.ts';

/** The bits of the capabilities that the monitor and its clients may need without root (capabilities(7)). */
const BITS = { CAP_KILL: 5, CAP_NET_ADMIN: 12 } as const;

/** A capability that {@link hasCapability} knows. */
export type Capability = keyof typeof BITS;

/**
 * Whether this process has a capability, and whether the programs that it starts will have it: root's programs keep all, those of
 * another user only ambient ones. Both are false if /proc can't be read.
 */
export function hasCapability(
  { files, uid }: System,
  capability: Capability,
): { self: boolean; children: boolean } {
  const self = isIn('CapEff');
  return { self, children: uid === 0 ? self : isIn('CapAmb') };

  function isIn(set: string): boolean {
    try {
      const status = files.readFileSync('/proc/self/status', 'utf8');
      const digits = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0';
      return ((BigInt(`0x${digits}`) >> BigInt(BITS[capability])) & 1n) === 1n;
    } catch {
      return false;
    }
  }
}
