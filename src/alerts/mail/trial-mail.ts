import { type Config, type EmailConfig, MAIL } from '../../config/config.ts';
import { trust } from '../../http/trust.ts';
import type { Redact } from '../../log/log.ts';
import { failed, good, type Result } from '../../model/result.ts';
import type { System } from '../../system/system.ts';
import type { Refusal } from '../channel.ts';
import { senderOf, testMessage } from '../message.ts';
import { composeMail, newMailKey } from './mime.ts';
import type { MailFailure } from './smtp/mail-failure.ts';
import { openSession, type Session } from './smtp/session.ts';

/** The environment of a trial session with the mail server. */
export interface TrialParts {
  readonly system: System;
  readonly redact: Redact;
  readonly version: string;
  /** Gets each wait for the server that takes long, in words. */
  readonly onLongWait: (words: string) => void;
}

/** A mail server that accepts the session. */
export interface FitMailServer {
  /** How the connection was protected, in words. */
  readonly protection: string;
  /** What should be fixed, one line each. */
  readonly warnings: readonly string[];
}

/** A test notification that the server accepted for at least one recipient. */
export interface SentTestMail extends FitMailServer {
  /** The server's last reply, redacted. */
  readonly reply: string;
  /** Those of `to` that the server refused. */
  readonly refused: readonly Refusal<MailFailure>[];
}

/**
 * Sends one test notification at once, by `email`. Rejects only when nodemailer can't be loaded, never for what a server or a network
 * does.
 */
export async function testMail(
  config: Config,
  parts: TrialParts,
  signal: AbortSignal,
  email = config.logging.email,
): Promise<Result<SentTestMail, MailFailure>> {
  if (email === undefined) return failed(NOT_CONFIGURED);
  const at = parts.system.now();
  const message = testMessage(senderOf(config, parts.system, parts.version), at, MAIL);
  const key = newMailKey(email);
  const mail = await composeMail({ ...message, key, created: at.toISOString(), replyTo: null }, email);
  const opened = await open(email, parts, signal);
  if (!opened.ok) return opened;
  const session = opened.value;
  const outcome = await session.send(mail);
  await session.close();
  if (outcome.kind !== 'delivered') return failed(outcome.failure);
  const { reply, refused } = outcome;
  return good({ reply, refused, ...protectionOf(session) });
}

/** Connects, says EHLO, starts TLS and logs in as the config says, and quits without sending a mail. Never rejects. */
export async function checkMailServer(
  email: EmailConfig,
  parts: TrialParts,
  signal: AbortSignal,
): Promise<Result<FitMailServer, MailFailure>> {
  const opened = await open(email, parts, signal);
  if (!opened.ok) return opened;
  await opened.value.close();
  return good(protectionOf(opened.value));
}

const NOT_CONFIGURED: MailFailure = {
  cause: 'not-configured',
  words: 'logging.email is not set: no mail is sent',
  setting: 'logging.email',
  permanent: true,
};

async function open(
  email: EmailConfig,
  { system, redact, onLongWait }: TrialParts,
  signal: AbortSignal,
): Promise<Result<Session, MailFailure>> {
  const secureContext = () => trust(email.ca, system);
  return openSession(email, { system, redact, secureContext, onLongWait }, signal);
}

function protectionOf({ protection, warnings }: Session): FitMailServer {
  return { protection, warnings: warnings.map(({ words }) => words) };
}
