import {
  certificateFaults,
  certificateOf,
  expiryInWords,
  timeSpan,
  validity,
} from '../certificates/certificate-words.ts';
import { NAME_LIMIT } from '../probe/diagnosis.ts';
import { oneLine } from '../words/printable.ts';
import { localTime } from '../words/time.ts';
import type { CertificateChange, CertificateEvent } from './certificate-policy.ts';
import {
  addressRows,
  compose,
  type Sender,
  type SiteAddresses,
  type SiteMessage,
  table,
  whereabouts,
} from './message.ts';

/** What to do about a certificate that expires, by its owner. */
const ADVICE = {
  gateway: [
    'Renew it at the gateway. Once it has expired, clients that check it let nobody in, and the',
    'tests of this site fail. If server_cert names it, write the new one into the config.',
  ],
  user: [
    'Put a new one where the config of the monitor has it. Once it has expired, the gateway',
    'accepts no log-in with it, and each test of this site fails.',
  ],
} as const;

/**
 * The message that a certificate expires, or that it was renewed. Pure.
 *
 * @param addresses `undefined`: the site is no longer in the config
 */
export function certificateMessage(
  { kind, result, certificate, at }: CertificateEvent,
  sender: Sender,
  addresses: SiteAddresses | undefined,
): SiteMessage {
  const { owner, from, until, fingerprint } = certificate;
  const now = at.getTime();
  const site = oneLine(result.site, NAME_LIMIT);
  const foot = whereabouts(sender, result.time);
  const words =
    kind === 'renewed'
      ? `was renewed, and is valid for ${timeSpan(until.getTime() - now)}`
      : expiryInWords(certificate, now);
  return {
    note: `${owner}, ${words}`,
    foot: compose(foot),
    subject: `The certificate of the ${owner} for ${site} ${words}`,
    text: compose([
      `${site}: ${certificateOf(owner)} ${words}`,
      ...table([
        ['Site', oneLine(result.site)],
        ...addressRows(addresses),
        ['Monitored by', oneLine(sender.hostname)],
        ['Valid from', localTime(from)],
        [until.getTime() <= now ? 'Expired' : 'Expires', localTime(until)],
        ['SHA-256', fingerprint],
        ...certificateFaults(certificate, now).map((fault) => ['Note', `it ${fault}`] as const),
      ]),
      ...(kind === 'renewed' ? [] : ['', ...ADVICE[owner]]),
      ...foot,
    ]),
  };
}

/** The line of the log for a certificate that took the place of another one. */
export function changeInWords({ before, certificate }: CertificateChange): string {
  const { owner, fingerprint } = certificate;
  const until = localTime(new Date(before.until));
  return `${certificateOf(owner)} has changed: SHA-256 ${fingerprint}, ${validity(certificate)}; before: ${before.fingerprint}, valid to ${until}`;
}
