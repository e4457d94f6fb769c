import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { System } from '../system/system.ts';

/** The files of the certificates that the operator trusts: on Debian, Red Hat, SUSE. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
];

/**
 * The authorities that may sign a server's certificate: Node's own, the system's (Node 20 does not read them, and a
 * company's own authority is usually there), those of NODE_EXTRA_CA_CERTS (which Node ignores once a list is given), and
 * `ca`. To make it takes about 60 ms, so make one and use it for all connections. Never throws.
 *
 * @param ca PEM, beside the system's
 */
export function trust(ca: string | undefined, { files, env }: Pick<System, 'files' | 'env'>): SecureContext {
  const bundles = [...SYSTEM_BUNDLES, ...(env['NODE_EXTRA_CA_CERTS'] ? [env['NODE_EXTRA_CA_CERTS']] : [])];
  const found = bundles.flatMap((bundle) => {
    try {
      return [files.readFileSync(bundle, 'utf8')];
    } catch {
      return [];
    }
  });
  return createSecureContext({ ca: [...rootCertificates, ...found, ...(ca === undefined ? [] : [ca])] });
}

/** Returns a function that makes the authorities of {@link trust} when it is first called. */
export function lazyTrust(
  ca: string | undefined,
  system: Pick<System, 'files' | 'env'>,
): () => SecureContext {
  let context: SecureContext | undefined;
  return () => {
    context ??= trust(ca, system);
    return context;
  };
}
