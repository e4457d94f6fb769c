import type { Config } from '../../config/config.ts';
import type { Redact } from '../../log/log.ts';
import type { System } from '../../system/system.ts';
import { testMessage } from '../message.ts';
import { senderOf } from '../sender.ts';
import { composeMail } from './mime.ts';
import type { MailFailure } from './smtp/mail-failure.ts';
import { openSession, type RefusedRecipient, type Session } from './smtp/session.ts';
import { trust } from './smtp/trust.ts';

/** What a try at the mail server needs beside the config. */
export interface TrialParts {
  readonly system: System;
  readonly redact: Redact;
  readonly version: string;
}

/** What became of a test notification. */
export type TestMailOutcome =
  | {
      readonly sent: true;
      /** The server's last reply, redacted. */
      readonly reply: string;
      /** How the connection was protected, in words. */
      readonly protection: string;
      /** What should be mended, one line each. */
      readonly warnings: readonly string[];
      /** Those of `to` that the server does not take. */
      readonly refused: readonly RefusedRecipient[];
    }
  | { readonly sent: false; readonly failure: MailFailure };

/** What a visit to the mail server found. */
export type MailServerCheck =
  | { readonly fit: true; readonly protection: string; readonly warnings: readonly string[] }
  | { readonly fit: false; readonly failure: MailFailure };

/** Sends one test notification at once. Never rejects for what a server or a network does. */
export async function testMail(
  config: Config,
  parts: TrialParts,
  signal: AbortSignal,
): Promise<TestMailOutcome> {
  const { email } = config.logging;
  if (email === undefined) return { sent: false, failure: NOT_CONFIGURED };
  const at = parts.system.now();
  const message = testMessage(senderOf(config, parts.system, parts.version), at);
  const mail = await composeMail(message, { site: null, replyTo: null, at }, email);
  const opened = await open(config, parts, signal);
  if ('failure' in opened) return { sent: false, failure: opened.failure };
  const { session } = opened;
  const outcome = await session.send(mail);
  await session.close();
  if (outcome.kind !== 'delivered') return { sent: false, failure: outcome.failure };
  const { reply, refused } = outcome;
  return { sent: true, reply, refused, ...protectionOf(session) };
}

/** Connects, says EHLO, starts TLS and logs in as the config says, and leaves without a mail. Never rejects for what a server or a network does. */
export async function checkMailServer(
  config: Config,
  parts: TrialParts,
  signal: AbortSignal,
): Promise<MailServerCheck> {
  const opened = await open(config, parts, signal);
  if ('failure' in opened) return { fit: false, failure: opened.failure };
  await opened.session.close();
  return { fit: true, ...protectionOf(opened.session) };
}

const NOT_CONFIGURED: MailFailure = {
  cause: 'not-configured',
  words: 'logging.email is not set: no mail is sent',
  setting: 'logging.email',
  permanent: true,
};

async function open(
  config: Config,
  { system, redact }: TrialParts,
  signal: AbortSignal,
): Promise<{ readonly session: Session } | { readonly failure: MailFailure }> {
  const { email } = config.logging;
  if (email === undefined) return { failure: NOT_CONFIGURED };
  const secureContext = () => trust(email.ca, system);
  return openSession(email, { system, redact, secureContext }, signal);
}

function protectionOf({ protection, warnings }: Session) {
  return { protection, warnings: warnings.map(({ words }) => words) };
}
