import { createHmac } from 'node:crypto';
import { Secret } from '../model/secret.ts';

/** The hash functions of one-time codes (RFC 6238). */
export const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'] as const;
/** One of {@link ALGORITHMS}. */
export type Algorithm = (typeof ALGORITHMS)[number];

/** How the one-time codes of a site are made (RFC 6238). */
export interface OneTimeCodes {
  /** The shared secret in base32: upper case, without blanks and padding. */
  readonly secret: Secret;
  /** The secret as the config has it, perhaps a URI. */
  readonly written: Secret;
  readonly digits: number;
  /** How long a code is valid, in seconds. */
  readonly period: number;
  readonly algorithm: Algorithm;
  /** Whether a client gets password and code as one line where it asks for the password. */
  readonly withPassword: boolean;
}

/** The code of a step: the number of whole periods since 1970. Loads the library at the first call. */
export async function codeOf(codes: OneTimeCodes, step: number): Promise<Secret> {
  const { Secret: Key, TOTP } = await import('otpauth');
  const { secret, digits, period, algorithm } = codes;
  const totp = new TOTP({ secret: Key.fromBase32(secret.reveal()), digits, period, algorithm });
  return new Secret(totp.generate({ timestamp: step * period * 1000 }));
}

/**
 * The name of a secret in the store of used steps: a keyed hash, from which the secret can't be found. Steps of another period count
 * differently, so the period is part of it.
 */
export function storeKey({ secret, period }: Pick<OneTimeCodes, 'secret' | 'period'>): string {
  const hash = createHmac('sha256', secret.reveal()).update(`vpn-monitor codes ${period}`);
  return hash.digest('hex').slice(0, 32);
}
