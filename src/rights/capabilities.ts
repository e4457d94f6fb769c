import type { System } from '../system/system.ts';

/** The bits of capabilities(7) that the monitor and its clients may need as an ordinary user. */
const BITS = { CAP_KILL: 5, CAP_NET_ADMIN: 12 } as const;

/** One of them. */
export type Capability = keyof typeof BITS;

/**
 * Whether this process has a capability, and whether the programs that it starts will have it: those of root keep what it has,
 * those of an ordinary user only what is ambient. False where /proc does not say.
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
