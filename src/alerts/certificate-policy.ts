import type { Certificate } from '../model/certificate.ts';
import type { SiteResult } from '../model/test-result.ts';
import type { SiteState } from '../state/store.ts';
import { DAY_MS } from '../words/time.ts';

/** The content of a message about a certificate. */
export interface CertificateEvent {
  /** `certificate`: it expires soon, or has expired; `renewed`: it was, and another one is there that does not. */
  readonly kind: 'certificate' | 'renewed';
  /** The test beside which it was read. */
  readonly result: SiteResult;
  readonly certificate: Certificate;
  /** When the event was decided, wall clock. */
  readonly at: Date;
}

/** A certificate that took the place of another one. */
export interface CertificateChange {
  readonly before: KnownCertificate;
  readonly certificate: Certificate;
}

/** What a look at the certificates of a site comes to. */
export interface JudgedCertificates {
  readonly certificates: SiteState['certificates'];
  readonly events: readonly CertificateEvent[];
  readonly changes: readonly CertificateChange[];
}

type KnownCertificate = SiteState['certificates'][number];

const WEEK_MS = 7 * DAY_MS;
/** From then on people are told each day, in ms before the expiry. */
const LAST_DAYS_MS = 3 * DAY_MS;

/**
 * What a test says of the certificates of its site, and the messages that are due. People are told when a certificate is valid for at
 * most `days` more, then weekly, daily in the last three days, once more when it has expired, and then weekly. They are told once that it
 * was renewed, if they were told before. A certificate that could not be read stays as it was known; one that was not looked for is
 * forgotten.
 *
 * The time of the last message belongs to the owner and not to the certificate: of two servers behind one name, one may show a renewed
 * certificate and the other the old one, in turns.
 *
 * @param days `alerts.expiry_days`; 0: no message
 */
export function judgeCertificates(
  before: SiteState['certificates'],
  result: SiteResult,
  days: number,
  now: Date,
): JudgedCertificates {
  if (result.certificates === undefined) return { certificates: before, events: [], changes: [] };
  const certificates: KnownCertificate[] = [];
  const events: CertificateEvent[] = [];
  const changes: CertificateChange[] = [];
  for (const { owner, certificate } of result.certificates) {
    const known = before.find((each) => each.owner === owner);
    if (certificate === null) {
      if (known !== undefined) certificates.push(known);
      continue;
    }
    const isOther = known !== undefined && known.fingerprint !== certificate.fingerprint;
    if (isOther) changes.push({ before: known, certificate });
    const leftMs = certificate.until.getTime() - now.getTime();
    const isSoon = days > 0 && leftMs <= days * DAY_MS;
    const isRenewed = isOther && known.open && days > 0 && !isSoon;
    const isTold = isSoon && isDue(known?.told ?? null, leftMs, now);
    if (isTold || isRenewed) {
      events.push({ kind: isTold ? 'certificate' : 'renewed', result, certificate, at: now });
    }
    certificates.push({
      ...certificate,
      from: certificate.from.toISOString(),
      until: certificate.until.toISOString(),
      told: isTold ? now.toISOString() : (known?.told ?? null),
      open: isTold || (known?.open === true && (isSoon || !isOther)),
    });
  }
  return { certificates, events, changes };
}

function isDue(told: string | null, leftMs: number, now: Date): boolean {
  if (told === null) return true;
  const toldAt = Date.parse(told);
  const expiredSince = leftMs <= 0 && toldAt < now.getTime() + leftMs;
  const isLast = leftMs > 0 && leftMs <= LAST_DAYS_MS;
  // A clock that was set back must not silence the next message until it reaches that time again.
  return expiredSince || Math.abs(now.getTime() - toldAt) >= (isLast ? DAY_MS : WEEK_MS);
}
