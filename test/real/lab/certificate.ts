import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * The shell command that writes a self-signed certificate, an authority of its own, and its key into a folder. It expires in so many
 * days: by default, later than a monitor warns of.
 */
export function makeCertificate(folder: string, address: string, days = 90): string {
  return `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days ${days} \
    -subj /CN=${address} -addext subjectAltName=IP:${address} -addext keyUsage=digitalSignature,keyCertSign \
    -addext extendedKeyUsage=serverAuth \
    -keyout '${folder}/key.pem' -out '${folder}/certificate.pem' 2>'${folder}/openssl.log' || { cat '${folder}/openssl.log' >&2; false; }`;
}

/** The certificate in a folder as PEM text. */
export function certificate(folder: string): string {
  return readFileSync(`${folder}/certificate.pem`, 'utf8');
}

/** What openconnect's `--servercert` takes for the certificate in a folder. */
export function pin(folder: string): string {
  const key = new X509Certificate(certificate(folder)).publicKey.export({ type: 'spki', format: 'der' });
  return `pin-sha256:${createHash('sha256').update(key).digest('base64')}`;
}
