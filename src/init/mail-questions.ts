import { good } from '../model/result.ts';
import { NO, NO_MAIL } from './answers.ts';
import { type About, type Question, readYesOrNo } from './init-question.ts';

const hasServer = ({ given }: About) => given.server !== NO_MAIL;

/** The questions about mail, in this order. */
export const MAIL_QUESTIONS: readonly Question[] = [
  {
    key: 'server',
    label: 'Mail server',
    words: `Mail server (host or host:port; ${NO_MAIL}: no mail)`,
    byDefault: () => 'localhost',
    read: (text) => good(['no', NO_MAIL].includes(text.toLowerCase()) ? NO_MAIL : text),
    look: (about) => (hasServer(about) ? { kind: 'mail' } : undefined),
  },
  {
    key: 'from',
    label: 'From',
    words: 'From',
    when: hasServer,
    byDefault: (about) => `VPN monitor <vpn-monitor@${domainOf(about) ?? about.facts.hostname}>`,
  },
  {
    key: 'to',
    label: 'To',
    words: 'To (one or more addresses, separated by commas)',
    when: hasServer,
    byDefault: (about) => {
      const domain = domainOf(about);
      return domain === undefined ? 'root' : `noc@${domain}`;
    },
  },
];

/** The questions about what follows. */
export const END_QUESTIONS: readonly Question[] = [
  {
    key: 'test',
    label: 'Test at the end',
    words: 'Test it when it is written (a log-in at each site, a mail)?',
    byDefault: () => NO,
    read: readYesOrNo,
  },
];

/** smtp.example.com is usually the server of example.com. */
function domainOf({ given }: About): string | undefined {
  return /^[^.]+\.([^:]+\.[a-z]+)(?::\d+)?$/i.exec(given.server ?? '')?.[1];
}
