import { expect, test } from 'vitest';
import { codeOf, type OneTimeCodes, storeKey } from '../../src/codes/one-time-codes.ts';
import { parseSecret } from '../../src/codes/parse-secret.ts';
import { Secret } from '../../src/model/secret.ts';

// The secrets of RFC 6238, appendix B: 1234567890 repeated, 20, 32 and 64 bytes.
const SECRETS = {
  SHA1: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  SHA256: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA',
  SHA512:
    'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA',
} as const;

function codes(algorithm: keyof typeof SECRETS, more: Partial<OneTimeCodes> = {}): OneTimeCodes {
  const secret = new Secret(SECRETS[algorithm]);
  return { secret, written: secret, digits: 8, period: 30, algorithm, withPassword: false, ...more };
}

test.each([
  [59, '94287082', '46119246', '90693936'],
  [1111111109, '07081804', '68084774', '25091201'],
  [1111111111, '14050471', '67062674', '99943326'],
  [1234567890, '89005924', '91819424', '93441116'],
  [2000000000, '69279037', '90698825', '38618901'],
  [20000000000, '65353130', '77737706', '47863826'],
])('RFC 6238: the codes at %d s', async (seconds, sha1, sha256, sha512) => {
  const step = Math.floor(seconds / 30);
  expect((await codeOf(codes('SHA1'), step)).reveal()).toBe(sha1);
  expect((await codeOf(codes('SHA256'), step)).reveal()).toBe(sha256);
  expect((await codeOf(codes('SHA512'), step)).reveal()).toBe(sha512);
});

test('six digits are the last six, and the name in the store says nothing of the secret', async () => {
  expect((await codeOf(codes('SHA1', { digits: 6 }), 1)).reveal()).toBe('287082');
  const key = storeKey(codes('SHA1'));
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(storeKey(codes('SHA256'))).not.toBe(key);
  expect(storeKey(codes('SHA1', { period: 60 }))).not.toBe(key);
});

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const BASE = { secret: SECRET, digits: 6, period: 30, algorithm: 'SHA1' };
test.each<[written: string, comesTo: typeof BASE | string]>([
  [SECRET, BASE],
  ['jbsw y3dp ehpk 3pxp jbsw-y3dp ehpk 3pxp====', BASE],
  [`otpauth://totp/Example:monitor?secret=${SECRET.toLowerCase()}&issuer=Example`, BASE],
  [
    `otpauth://totp/x?secret=${SECRET}&algorithm=sha-256&digits=8&period=60`,
    { ...BASE, algorithm: 'SHA256', digits: 8, period: 60 },
  ],
  ['not base32!', 'base32 (A to Z and 2 to 7) or an otpauth:// URI'],
  ['JBSWY3DP', 'a secret of 16 to 256 characters of base32'],
  ['otpauth://totp/x?issuer=y', 'a URI with a secret='],
  [
    `otpauth://hotp/x?secret=${SECRET}&counter=1`,
    'a URI of time-based codes, otpauth://totp/... (those that count log-ins are not supported)',
  ],
  [`otpauth://totp/x?secret=${SECRET}&digits=9`, 'digits=6 to 8 in the URI'],
  [`otpauth://totp/x?secret=${SECRET}&period=3600`, 'period=10 to 300 in the URI, in seconds'],
  [`otpauth://totp/x?secret=${SECRET}&algorithm=MD5`, 'algorithm=SHA1, SHA256, SHA512 in the URI'],
  [
    'otpauth://',
    'a URI of time-based codes, otpauth://totp/... (those that count log-ins are not supported)',
  ],
])('the secret %s', (written, comesTo) => {
  const parsed = parseSecret(written);
  if (typeof comesTo === 'string') expect(parsed).toEqual({ ok: false, why: comesTo });
  else expect(parsed.ok && { ...parsed.value, secret: parsed.value.secret.reveal() }).toEqual(comesTo);
});
