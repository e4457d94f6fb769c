import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { KEY_PASSWORD, USER_CERTIFICATE } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import type { Certificate, CertificateOwner, CertificateSeen } from '../model/certificate.ts';
import type { Result } from '../model/result.ts';
import type { System } from '../system/system.ts';
import { oneLine } from '../words/printable.ts';
import { HOUR_MS } from '../words/time.ts';
import { certificateFaults, certificateOf, expiryInWords, validity } from './certificate-words.ts';
import { readCertificateInTime, type TlsAddress, tlsAddressOf } from './read-gateway.ts';
import { readUserCertificate } from './read-user.ts';

/** The shortest time between two looks at the certificates of a site, in ms. */
const LOOK_EVERY_MS = HOUR_MS;

/** What there is to look at for a site. */
interface Subjects {
  /** `undefined`: its client does not log in by TLS at `vpn_gw`. */
  readonly gateway: TlsAddress | undefined;
  /** The file with the certificate of the user; `undefined`: the site has none. */
  readonly userFile: string | undefined;
}

/**
 * Looks at the certificates that the log-ins of sites need, from the host, as stage 1 does: at the first test of a site by this process, and
 * then at most once an hour. One of these serves all configs of a process.
 */
export class CertificateLooks {
  readonly #system: System;
  /** By site, when it was looked at last, in ms on the monotonic clock, and at what. */
  readonly #last = new Map<string, { readonly at: number; readonly subjects: string }>();

  constructor(system: System) {
    this.#system = system;
  }

  /**
   * Reads the certificates of a site if that is due; `undefined`: it is not, or there is nothing to read. Takes as long
   * as {@link readCertificateInTime} at most. Logs what is wrong with them. Never rejects: an abort of `signal` ends it early.
   */
  async look(
    site: SiteConfig,
    log: Log,
    signal: AbortSignal,
  ): Promise<readonly CertificateSeen[] | undefined> {
    const { gateway, userFile } = subjectsOf(site);
    if (gateway === undefined && userFile === undefined) return undefined;
    const now = this.#system.monotonic();
    const subjects = JSON.stringify([gateway, userFile]);
    const last = this.#last.get(site.name);
    if (last?.subjects === subjects && now - last.at < LOOK_EVERY_MS) return undefined;
    this.#last.set(site.name, { at: now, subjects });
    const seen: CertificateSeen[] = [];
    if (gateway !== undefined) {
      const read = await readCertificateInTime(gateway, this.#system, signal);
      seen.push(seenAs('gateway', read, (x509) => wrongName(x509, gateway.host)));
    }
    if (userFile !== undefined) {
      const read = readUserCertificate(userFile, site.clientSecrets?.get(KEY_PASSWORD), this.#system.files);
      seen.push(seenAs('user', read, () => null));
    }
    for (const each of seen) tell(site, each, log, this.#system.now().getTime());
    return seen;
  }
}

function subjectsOf({ client, clientKeys, vpnGw }: SiteConfig): Subjects {
  return {
    gateway: tlsAddressOf(client, vpnGw),
    userFile: client.keys[USER_CERTIFICATE]?.file ? clientKeys.get(USER_CERTIFICATE) : undefined,
  };
}

function seenAs(
  owner: CertificateOwner,
  read: Result<X509Certificate>,
  wrong: (x509: X509Certificate) => Certificate['wrongName'],
): CertificateSeen {
  if (!read.ok) return { owner, certificate: null, why: oneLine(read.why) };
  const x509 = read.value;
  const [from, until] = [new Date(x509.validFrom), new Date(x509.validTo)];
  if (Number.isNaN(from.getTime() + until.getTime())) {
    return { owner, certificate: null, why: "its dates can't be read" };
  }
  const { fingerprint256: fingerprint } = x509;
  return { owner, certificate: { owner, fingerprint, from, until, wrongName: wrong(x509) } };
}

function tell({ name }: SiteConfig, seen: CertificateSeen, log: Log, now: number): void {
  const what = `${name}: ${certificateOf(seen.owner)}`;
  if (seen.certificate === null) {
    log.debug(`${what} can't be read: ${seen.why}`);
    return;
  }
  log.debug(`${what} ${expiryInWords(seen.certificate, now)} (${validity(seen.certificate)})`);
  for (const fault of certificateFaults(seen.certificate, now)) log.warning(`${what} ${fault}`);
}

/** Why a certificate is not for a host, in words; `null`: it is. */
function wrongName(x509: X509Certificate, host: string): string | null {
  const bare = host.replace(/%.*/, '');
  const found = isIP(bare) === 0 ? x509.checkHost(bare) : x509.checkIP(bare);
  if (found !== undefined) return null;
  const names = x509.subjectAltName ?? x509.subject ?? '';
  return oneLine(`it is for ${names === '' ? 'no name' : oneLine(names, 150)}, not for ${host}`);
}
