/** Whose certificate it is: the gateway's, or the one that the site's user shows to the gateway. */
export const CERTIFICATE_OWNERS = ['gateway', 'user'] as const;
/** One of {@link CERTIFICATE_OWNERS}. */
export type CertificateOwner = (typeof CERTIFICATE_OWNERS)[number];

/** A certificate that the log-ins of a site need. */
export interface Certificate {
  readonly owner: CertificateOwner;
  /** SHA-256 of the certificate as openssl prints it: `AA:BB:...`. */
  readonly fingerprint: string;
  /** The first and the last moment at which it is valid. */
  readonly from: Date;
  readonly until: Date;
  /** Why it is not for the gateway's name, in words, printable; `null`: it is, or it is the user's. */
  readonly wrongName: string | null;
}

/** What became of the attempt to read a certificate: `null` and the reason if it can't be read. */
export type CertificateSeen =
  | { readonly owner: CertificateOwner; readonly certificate: Certificate }
  | { readonly owner: CertificateOwner; readonly certificate: null; readonly why: string };
