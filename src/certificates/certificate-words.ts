import type { Certificate, CertificateOwner } from '../model/certificate.ts';
import { counted } from '../words/numbers.ts';
import { DAY_MS, durationInWords, localTime } from '../words/time.ts';

/** `the certificate of the gateway`. */
export function certificateOf(owner: CertificateOwner): string {
  return `the certificate of the ${owner}`;
}

/** From when to when a certificate is valid. */
export function validity({ from, until }: Pick<Certificate, 'from' | 'until'>): string {
  return `valid from ${localTime(from)} to ${localTime(until)}`;
}

/** The whole days for which a certificate is valid after `now`, in ms since the epoch; negative after it has expired. */
export function daysLeft({ until }: Pick<Certificate, 'until'>, now: number): number {
  return Math.floor((until.getTime() - now) / DAY_MS);
}

/** When a certificate expires: `expires in 10 days`, `expires in 5 h 3 min`, `expired 2 days ago`. */
export function expiryInWords({ until }: Pick<Certificate, 'until'>, now: number): string {
  const ms = until.getTime() - now;
  return ms > 0 ? `expires in ${timeSpan(ms)}` : `expired ${timeSpan(-ms)} ago`;
}

/** `10 days`, `1 day`, or hours and minutes for less than a day. Rounded: a moment must not cost a day. */
export function timeSpan(ms: number): string {
  return ms < DAY_MS ? durationInWords(ms) : counted(Math.round(ms / DAY_MS), 'day');
}

/** What keeps clients from accepting a certificate, each in words that follow its name. */
export function certificateFaults(
  certificate: Pick<Certificate, 'from' | 'until' | 'wrongName'>,
  now: number,
): readonly string[] {
  const { from, until, wrongName } = certificate;
  return [
    ...(until.getTime() <= now ? [`has expired (${validity(certificate)})`] : []),
    ...(from.getTime() > now ? [`is not valid yet (${validity(certificate)})`] : []),
    ...(wrongName === null ? [] : [`has another name: ${wrongName}`]),
  ];
}
