import { randomUUID } from 'node:crypto';
import type { EmailConfig } from '../../config/config.ts';
import type { OutboxEntry, Prepared } from '../../state/store.ts';
import { needsUtf8 } from './smtp/utf8-address.ts';

/** A whole mail: what every try sends, and to whom. */
export interface MailContent extends Prepared {
  readonly from: string;
  /** The message with headers and body. */
  readonly raw: string;
  /** The name of a file that is sent with it. */
  readonly attachment?: string;
}

/** The parts of an outbox entry that a mail is made of. */
export type MailParts = Pick<OutboxEntry, 'key' | 'subject' | 'text' | 'created' | 'replyTo'>;

/** Makes the key of a new mail. Between angle brackets it is the Message-ID, so it ends in the sender's domain. */
export function newMailKey({ from: { address } }: Pick<EmailConfig, 'from'>): string {
  return `${randomUUID()}@${address.slice(address.lastIndexOf('@') + 1)}`;
}

/** Composes a mail. Its Message-ID and its Date come from `key` and `created`. Rejects when nodemailer can't be loaded. */
export async function composeMail(
  { key, subject, text, created, replyTo }: MailParts,
  { from, to }: Pick<EmailConfig, 'from' | 'to'>,
): Promise<MailContent> {
  // Lazily: it costs 70 ms and 5 MB, and most runs send nothing.
  const { createTransport } = await import('nodemailer').catch(notLoaded);
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const recipients = to.map(({ address }) => address);
  // A header in which one such address stands could not go to the other recipients of a server without SMTPUTF8.
  const shown = to.filter(({ address }) => !needsUtf8(address));
  const first = replyTo === null ? {} : { inReplyTo: `<${replyTo}>`, references: `<${replyTo}>` };
  const built = await transport.sendMail({
    from,
    to: shown.length > 0 ? shown : [...to],
    envelope: { from: from.address, to: recipients },
    subject,
    text,
    // Keeps every line as it is, also trailing blanks and a line that begins with "From".
    textEncoding: 'quoted-printable',
    messageId: `<${key}>`,
    date: new Date(created),
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...first,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return { from: from.address, recipients, raw: built.message.toString() };
}

/** After a failed look-up Node does not look again in the same process. */
function notLoaded(error: unknown): never {
  const [what] = String((error as Error).message).split('\n');
  throw new Error(`nodemailer can't be loaded, was it upgraded meanwhile? Restart vpn-monitor (${what})`);
}
