import type { EmailConfig } from '../../config/config.ts';
import type { StoredMail } from '../../state/store.ts';
import type { Message } from '../message.ts';

/** What a mail is about and which mail it follows. */
export interface MailTopic {
  /** `null`: the host. */
  readonly site: string | null;
  /** The Message-ID of the first mail of the outage; `null`: this is the first. */
  readonly replyTo: string | null;
  readonly at: Date;
}

/**
 * Builds the whole mail, once: every try sends the same bytes, with the same Message-ID and Date. Rejects when
 * nodemailer can't be loaded.
 */
export async function composeMail(
  message: Message,
  { site, replyTo, at }: MailTopic,
  { from, to }: Pick<EmailConfig, 'from' | 'to'>,
): Promise<StoredMail> {
  // Lazily: it costs 70 ms and 5 MB, and most runs send nothing.
  const { createTransport } = await import('nodemailer').catch(notLoaded);
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const recipients = to.map(({ address }) => address);
  const built = await transport.sendMail({
    from,
    to: [...to],
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
