import { domainToASCII } from 'node:url';
import type { EmailConfig } from '../config/config.ts';
import type { StoredMail } from '../state.ts';
import type { Message } from './message.ts';

/** What a mail is about and which mail it follows. */
export interface MailTopic {
  /** `null`: the host. */
  readonly site: string | null;
  /** The Message-ID of the first mail of the outage; `null`: this is the first. */
  readonly replyTo: string | null;
  readonly at: Date;
}

/**
 * Builds the whole mail, once: every try sends the same bytes, with the same Message-ID and Date. Rejects when the
 * config's addresses are none, which a good config rules out, and when nodemailer can't be loaded.
 */
export async function composeMail(
  message: Message,
  { site, replyTo, at }: MailTopic,
  email: Pick<EmailConfig, 'from' | 'to'>,
): Promise<StoredMail> {
  // Lazily: it costs 70 ms and 5 MB, and most runs send nothing.
  const { createTransport } = await import('nodemailer').catch(notLoaded);
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const from = parseAddress(email.from);
  const to = email.to.map(parseAddress);
  const recipients = [...new Set(to.map(({ address }) => address))];
  const built = await transport.sendMail({
    from,
    to,
    envelope: { from: from.address, to: recipients },
    subject: message.subject,
    text: message.text,
    // Keeps every line as it is, also trailing blanks and a line that begins with "From".
    textEncoding: 'quoted-printable',
    date: at,
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...(replyTo === null ? {} : { inReplyTo: replyTo, references: replyTo }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    id: built.messageId,
    site,
    subject: message.subject,
    created: at.toISOString(),
    from: from.address,
    recipients,
    raw: built.message.toString(),
    tries: 0,
    nextTry: null,
    delivered: false,
  };
}

/** Node notes what it did not find, and finds it no more in the same process. */
function notLoaded(error: unknown): never {
  const [what] = String((error as Error).message).split('\n');
  throw new Error(`nodemailer can't be loaded, was it upgraded meanwhile? Restart vpn-monitor (${what})`);
}

/**
 * `noc@example.com`, `root` (a mailbox of the server's own, which the script could send to) or
 * `Night shift <noc@example.com>`. Nodemailer's parser is not asked: it drops the second and finds an address of the
 * attacker's choice in a text with line breaks. Throws on anything that is not exactly one address.
 */
function parseAddress(text: string): { name: string; address: string } {
  const [, name = '', address = text.trim()] = /^([^<>]*)<([^<>]*)>$/.exec(text.trim()) ?? [];
  const [, mailbox = address, domain] = /^(.+)@([^@]+)$/.exec(address) ?? [];
  // An envelope is ASCII where it can be: most servers know xn--, few know SMTPUTF8. An address literal ([::1]) stays.
  const host = domain === undefined || /^[\0-\x7F]+$/.test(domain) ? domain : domainToASCII(domain);
  if (!/^[^\s<>,;"\p{Cc}]+$/u.test(address) || /\p{Cc}/u.test(name) || host === '') {
    throw new Error(`logging.email: ${JSON.stringify(text)} is not an address`);
  }
  return {
    name: name
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replace(/\\(.)/g, '$1'),
    address: host === undefined ? mailbox : `${mailbox}@${host}`,
  };
}
