import { X509Certificate } from 'node:crypto';
import type fs from 'node:fs';
import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { reason } from '../files/reason.ts';
import { readSmallBytes } from '../files/small-file.ts';
import { failed, good, type Result } from '../model/result.ts';
import type { Secret } from '../model/secret.ts';

/** More than the size of a certificate with its chain, in bytes. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads the certificate of a user from a PEM file (the first one in it) or a PKCS#12 file. Fails for PKCS#12 with the old ciphers that
 * OpenSSL 3 does not decrypt (RC2). Never throws.
 *
 * @param passPhrase of a PKCS#12 file
 */
export function readUserCertificate(
  file: string,
  passPhrase: Secret | undefined,
  files: typeof fs,
): Result<X509Certificate> {
  const read = readSmallBytes(files, file, MAX_BYTES);
  if (!read.ok) return failed(`${file}: ${read.why}`);
  const { bytes } = read.value;
  try {
    return good(bytes.includes('-----BEGIN ') ? new X509Certificate(bytes) : fromPkcs12(bytes, passPhrase));
  } catch (error) {
    return failed(`${file}: ${reason(error)}`);
  }
}

/** Node opens PKCS#12 files for TLS connections only, so one is made that leads nowhere. Takes 9 ms (measured). */
function fromPkcs12(pfx: Buffer, passPhrase: Secret | undefined): X509Certificate {
  const nowhere = new Duplex({ read: () => undefined, write: (_, __, done) => done() });
  const secureContext = createSecureContext({ pfx, passphrase: passPhrase?.reveal() ?? '' });
  const socket = new TLSSocket(nowhere, { isServer: true, secureContext });
  try {
    const certificate = socket.getCertificate();
    if (certificate === null || !('raw' in certificate)) throw new Error('it holds no certificate');
    return new X509Certificate(certificate.raw);
  } finally {
    socket.destroy();
  }
}
