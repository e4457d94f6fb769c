import type { EmailConfig } from '../../config/config.ts';
import { failed, good, type Result } from '../../model/result.ts';
import type { OutboxEntry } from '../../state/store.ts';
import type { Channel, ChannelSession } from '../channel.ts';
import { composeMail, type MailContent, newMailKey } from './mime.ts';
import type { MailFailure } from './smtp/mail-failure.ts';
import { openSession, type SessionParts } from './smtp/session.ts';

/** Mail through one server, as a channel. */
export class Mailer implements Channel<MailContent> {
  readonly #email: EmailConfig;
  readonly #parts: SessionParts;

  constructor(email: EmailConfig, parts: SessionParts) {
    this.#email = email;
    this.#parts = parts;
  }

  newKey(): string {
    return newMailKey(this.#email);
  }

  async prepare(entry: OutboxEntry): Promise<Result<MailContent>> {
    const { content } = entry;
    if (isMail(content)) return good(content);
    try {
      return good(await composeMail(entry, this.#email));
    } catch (error) {
      return failed((error as Error).message);
    }
  }

  open(signal: AbortSignal): Promise<Result<ChannelSession<MailContent>, MailFailure>> {
    return openSession(this.#email, this.#parts, signal);
  }
}

/** Whether content that was stored is a mail. The state file only knows that it has recipients. */
function isMail(content: OutboxEntry['content']): content is MailContent {
  return typeof content?.['from'] === 'string' && typeof content['raw'] === 'string';
}
