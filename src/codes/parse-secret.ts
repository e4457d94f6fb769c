import { failed, good, type Result } from '../model/result.ts';
import { Secret } from '../model/secret.ts';
import { ALGORITHMS, type OneTimeCodes } from './one-time-codes.ts';

/** Shortest and longest secret, in characters of base32: 80 bits and 1,280 bits. */
const LENGTH = { min: 16, max: 256 };
const PERIOD = { min: 10, max: 300 };
const DIGITS = { min: 6, max: 8 };

/** What a secret of one-time codes says of them. */
export type ParsedSecret = Omit<OneTimeCodes, 'withPassword' | 'written'>;

/**
 * Parses the secret of one-time codes: base32, with or without blanks and padding, or an otpauth:// URI as in the QR code of an
 * authenticator app. Fails with what is wrong, in words that follow "expected" and hold no part of it.
 */
export function parseSecret(text: string): Result<ParsedSecret> {
  const trimmed = text.trim();
  return /^otpauth:/i.test(trimmed) ? parseUri(trimmed) : withSecret(trimmed, {});
}

function parseUri(text: string): Result<ParsedSecret> {
  let uri: URL;
  try {
    uri = new URL(text);
  } catch {
    return failed('a whole otpauth:// URI');
  }
  if (uri.host.toLowerCase() !== 'totp')
    return failed(
      'a URI of time-based codes, otpauth://totp/... (those that count log-ins are not supported)',
    );
  const secret = uri.searchParams.get('secret');
  return secret === null
    ? failed('a URI with a secret=')
    : withSecret(secret, Object.fromEntries(uri.searchParams));
}

function withSecret(text: string, more: Readonly<Record<string, string>>): Result<ParsedSecret> {
  const secret = text.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase();
  if (!/^[A-Z2-7]*$/.test(secret)) return failed('base32 (A to Z and 2 to 7) or an otpauth:// URI');
  if (secret.length < LENGTH.min || secret.length > LENGTH.max)
    return failed(`a secret of ${LENGTH.min} to ${LENGTH.max} characters of base32`);
  const algorithm = (more['algorithm'] ?? 'SHA1').toUpperCase().replace('-', '');
  const known = ALGORITHMS.find((name) => name === algorithm);
  if (known === undefined) return failed(`algorithm=${ALGORITHMS.join(', ')} in the URI`);
  const digits = number(more['digits'] ?? '6', DIGITS);
  if (digits === undefined) return failed(`digits=${DIGITS.min} to ${DIGITS.max} in the URI`);
  const period = number(more['period'] ?? '30', PERIOD);
  if (period === undefined) return failed(`period=${PERIOD.min} to ${PERIOD.max} in the URI, in seconds`);
  return good({ secret: new Secret(secret), digits, period, algorithm: known });
}

function number(
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}
