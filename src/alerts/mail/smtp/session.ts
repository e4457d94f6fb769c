import type { SecureContext } from 'node:tls';
import type { EmailConfig } from '../../../config/config.ts';
import type { Redact } from '../../../log/log.ts';
import { MAIL_ANSWER_MS, MAIL_REACH_DATA_MS } from '../../../model/limits.ts';
import type { System } from '../../../system/system.ts';
import { oneLine } from '../../../words/printable.ts';
import { Connection, type Protection } from './connection.ts';
import { classify, type MailFailure, MailTimeout, type SmtpError } from './mail-failure.ts';

/** When TLS must have begun where plain text would do as well, in ms from the start of the connection on. */
const BEGIN_TLS_MS = 6000;

/** What a session needs beside the config. */
export interface SessionParts {
  readonly system: System;
  readonly redact: Redact;
  readonly secureContext: () => SecureContext;
}

/** Recipients that a server did not take. */
export interface RefusedRecipient {
  readonly recipient: string;
  readonly failure: MailFailure;
}

/** What became of one mail. */
export type SendOutcome =
  /** The server took it for all but `refused`. */
  | { readonly kind: 'delivered'; readonly reply: string; readonly refused: readonly RefusedRecipient[] }
  /** The server took it for nobody; `refused` says for whom it was asked in vain. */
  | {
      readonly kind: 'refused';
      readonly failure: MailFailure;
      readonly refused: readonly RefusedRecipient[];
    }
  /** The connection is lost. After DATA the server may have taken it all the same. */
  | { readonly kind: 'lost'; readonly failure: MailFailure; readonly reachedData: boolean };

/** A protection that is less than it should be. */
export interface ProtectionWarning {
  readonly kind: 'plain-text' | 'not-verified';
  /** One line, redacted. */
  readonly words: string;
}

/** An open and, where the config says so, authenticated session. */
export interface Session {
  /** How it is protected, in words. */
  readonly protection: string;
  /** What was accepted so that mail arrives, and should be mended. */
  readonly warnings: readonly ProtectionWarning[];
  /** Whether the next mail can go over it: not after one that was not taken. What state that leaves a server in, servers disagree. */
  readonly usable: boolean;
  /** Never rejects. */
  send(mail: {
    readonly from: string;
    readonly recipients: readonly string[];
    readonly raw: string;
  }): Promise<SendOutcome>;
  /** Says good-bye, within a second. Never rejects. */
  close(): Promise<void>;
}

/** How the config's `security` is met. Port 465 speaks TLS from the first byte, so `auto` does there. Pure. */
export function protectionFor({
  security,
  port,
  auth,
}: Pick<EmailConfig, 'security' | 'port' | 'auth'>): Protection {
  if (security === 'none') return { kind: 'plain', verify: false };
  if (security === 'tls') return { kind: 'tls', verify: true };
  if (security === 'starttls') return { kind: 'starttls', verify: true };
  const verify = auth !== undefined;
  if (port === 465) return { kind: 'tls', verify };
  return { kind: verify ? 'starttls' : 'opportunistic', verify };
}

/**
 * Opens a session within the limit to DATA. Never rejects.
 *
 * `auto` without a username goes on in plain text where TLS was begun and failed; for a TLS that hangs, a part of the
 * limit is kept for that.
 */
export async function openSession(
  email: EmailConfig,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<{ readonly session: Session } | { readonly failure: MailFailure }> {
  const { system } = parts;
  const foreign = (text: string) => oneLine(parts.redact(text));
  const protection = protectionFor(email);
  const lenient = email.security === 'auto' && !protection.verify;
  const started = system.monotonic();
  const warnings: ProtectionWarning[] = [];
  let connection = new Connection(email, protection, { ...parts, signal });
  try {
    connection.limit(MAIL_REACH_DATA_MS, 'no answer');
    await (lenient ? openBy(connection, BEGIN_TLS_MS, system) : connection.open());
  } catch (error) {
    const failure = classify(error as SmtpError, email, foreign);
    connection.destroy();
    const left = MAIL_REACH_DATA_MS - (system.monotonic() - started);
    const retry = lenient && connection.tlsBegun && !signal.aborted && left > 0;
    if (!retry) return { failure };
    warnings.push({
      kind: 'plain-text',
      words: `TLS with the mail server failed, plain text is used (${failure.words})`,
    });
    connection = new Connection(email, { kind: 'plain', verify: false }, { ...parts, signal });
    try {
      connection.limit(left, 'no answer');
      await connection.open();
    } catch (again) {
      connection.destroy();
      return { failure: classify(again as SmtpError, email, foreign) };
    }
  }
  try {
    if (email.auth !== undefined) await connection.logIn(email.auth);
  } catch (error) {
    connection.destroy();
    return { failure: classify(error as SmtpError, email, foreign) };
  }
  if (connection.tls === null && lenient && /^[45]/.test(connection.lastReply)) {
    warnings.push({
      kind: 'plain-text',
      words: `the mail server refuses its own STARTTLS, plain text is used (${foreign(connection.lastReply)})`,
    });
  }
  if (connection.tls?.distrust != null) {
    warnings.push({
      kind: 'not-verified',
      words: `the certificate of the mail server can't be verified (${connection.tls.distrust}), it is used all the same (see logging.email.ca)`,
    });
  }
  return { session: sessionOver(connection, email, { foreign, warnings }) };
}

/** Opens, but gives up at `ms` if TLS was begun by then and does not end. */
async function openBy(connection: Connection, ms: number, system: System): Promise<void> {
  const opened = new AbortController();
  system.sleep(ms, opened.signal).then(
    () => {
      if (connection.tlsBegun) connection.abandon(new MailTimeout('TLS did not begin in time'));
    },
    () => undefined,
  );
  try {
    await connection.open();
  } finally {
    opened.abort();
  }
}

function sessionOver(
  connection: Connection,
  email: EmailConfig,
  { foreign, warnings }: { readonly foreign: Redact; readonly warnings: readonly ProtectionWarning[] },
): Session {
  const judge = (error: unknown) => classify(error as SmtpError, email, foreign);
  const named = (errors: readonly (SmtpError & { recipient?: string | undefined })[] = []) =>
    errors.map((error) => ({ recipient: error.recipient ?? '', failure: judge(error) }));
  let first = true;
  let usable = true;
  return {
    protection: protectionInWords(connection),
    warnings,
    get usable() {
      return usable && !connection.lost;
    },
    send: async ({ from, recipients, raw }) => {
      if (!first) connection.limit(MAIL_REACH_DATA_MS, 'no answer');
      first = false;
      let reachedData = false;
      try {
        const sent = await connection.send(from, recipients, raw, () => {
          reachedData = true;
          connection.limit(MAIL_ANSWER_MS, 'no answer to the message');
        });
        return { kind: 'delivered', reply: foreign(sent.response), refused: named(sent.rejectedErrors) };
      } catch (error) {
        const failure = judge(error);
        usable = false;
        if (!isRefusal(error as SmtpError)) {
          connection.destroy();
          return { kind: 'lost', failure, reachedData };
        }
        const refused = named((error as { rejectedErrors?: SmtpError[] }).rejectedErrors);
        return { kind: 'refused', failure, refused };
      }
    },
    close: () => connection.quit(),
  };
}

/** Whether an error is an answer to this mail, and not the end of the connection (421 announces that). */
function isRefusal({ code, responseCode }: SmtpError): boolean {
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== 421;
}

function protectionInWords({ tls }: Connection): string {
  if (tls === null) return 'plain text';
  return `${tls.protocol}, certificate ${tls.distrust === null ? 'verified' : 'not verified'}`;
}
