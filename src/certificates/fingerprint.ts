import { createHash, type X509Certificate } from 'node:crypto';
import type { ClientProfile, SiteKey } from '../clients/profile.ts';

/** The form in which a client names the certificate of a gateway. */
export type FingerprintForm = NonNullable<SiteKey['fingerprint']>;

/**
 * Returns the form in which a client's `server_cert` names the certificate of a gateway; `undefined` if it has no such key or does not
 * log in by TLS.
 */
export function fingerprintForm(client: ClientProfile | undefined): FingerprintForm | undefined {
  return client?.tls && client.keys['server_cert']?.fingerprint;
}

/** Returns a certificate's fingerprint in a form: `AA:BB:...` (SHA1), or `pin-sha256:...`, the public key's as in RFC 7469, 2.4. */
export function fingerprintOf(certificate: X509Certificate, form: FingerprintForm): string {
  if (form === 'SHA1') return certificate.fingerprint;
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `pin-sha256:${createHash('sha256').update(key).digest('base64')}`;
}
