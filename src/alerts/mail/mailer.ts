import path from 'node:path';
import type { EmailConfig } from '../../config/config.ts';
import { failed, good, type Result } from '../../model/result.ts';
import type { OutboxEntry } from '../../state/store.ts';
import type { Channel, ChannelSession, SendOutcome } from '../channel.ts';
import { withAttachment } from './attachment.ts';
import { composeMail, type MailContent, newMailKey } from './mime.ts';
import type { MailFailure } from './smtp/mail-failure.ts';
import { openSession, type Session, type SessionParts } from './smtp/session.ts';

/** What a mailer needs beside the config of its server. */
export interface MailerParts extends SessionParts {
  /** The folder of the attachments. */
  readonly attachments: string;
  /** The recipients of reports; `undefined`: those of all mail. */
  readonly reportTo?: EmailConfig['to'] | undefined;
}

/** Mail through one server, as a channel. */
export class Mailer implements Channel<MailContent> {
  readonly #email: EmailConfig;
  readonly #parts: MailerParts;
  /** The attachments that the server did not accept. Their mails are sent without them. */
  readonly #refused = new Set<string>();

  constructor(email: EmailConfig, parts: MailerParts) {
    this.#email = email;
    this.#parts = parts;
  }

  newKey(): string {
    return newMailKey(this.#email);
  }

  /** An attachment is read when the mail is sent: the state, which stores the content, stays small. */
  async prepare(entry: OutboxEntry): Promise<Result<MailContent>> {
    const { content, events, attachment } = entry;
    if (isMail(content)) return good(content);
    const { from, to } = this.#email;
    const isReport = events[0]?.kind === 'report';
    try {
      const mail = await composeMail(entry, {
        from,
        to: isReport ? (this.#parts.reportTo ?? to) : to,
      });
      return good(attachment === undefined ? mail : { ...mail, attachment });
    } catch (error) {
      return failed((error as Error).message);
    }
  }

  async open(signal: AbortSignal): Promise<Result<ChannelSession<MailContent>, MailFailure>> {
    const opened = await openSession(this.#email, this.#parts, signal);
    if (!opened.ok) return opened;
    const session = opened.value;
    return good({
      warnings: session.warnings,
      get usable() {
        return session.usable;
      },
      send: (mail) => this.#send(mail, session),
      close: () => session.close(),
    });
  }

  /** Sends a mail with its attachment. Without it, if the server has refused that before, or the file is gone. */
  async #send(mail: MailContent, session: Session): Promise<SendOutcome<MailFailure>> {
    const { attachment } = mail;
    if (attachment === undefined) return session.send(mail);
    const name = path.basename(attachment);
    const content = this.#refused.has(name) ? null : this.#read(name);
    if (content === null) {
      const outcome = await session.send(mail);
      return outcome.kind === 'delivered'
        ? { ...outcome, reply: `${outcome.reply} (without the attachment)` }
        : outcome;
    }
    const outcome = await session.send({ ...mail, raw: withAttachment(mail.raw, { name, content }) });
    // Servers limit sizes and filter pages; the next try brings the text alone.
    if (outcome.kind === 'refused' && outcome.failure.permanent) this.#refused.add(name);
    return outcome;
  }

  /** `null`: it can't be read. */
  #read(name: string): Buffer | null {
    try {
      return this.#parts.system.files.readFileSync(path.join(this.#parts.attachments, name));
    } catch {
      return null;
    }
  }
}

/** Whether content that was stored is a mail. The state file only knows that it has recipients. */
function isMail(content: OutboxEntry['content']): content is MailContent {
  return typeof content?.['from'] === 'string' && typeof content['raw'] === 'string';
}
