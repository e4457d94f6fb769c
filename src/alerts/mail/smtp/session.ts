import type { SecureContext } from 'node:tls';
import type { EmailConfig } from '../../../config/config.ts';
import type { Redact } from '../../../log/log.ts';
import { failed, good, type Result } from '../../../model/result.ts';
import type { System } from '../../../system/system.ts';
import { oneLine } from '../../../words/printable.ts';
import type { SendOutcome, Sent } from '../../channel.ts';
import { Connection, type Protection } from './connection.ts';
import { classify, type MailFailure, noUtf8, type SmtpError } from './mail-failure.ts';
import { needsUtf8, withAsciiDomain } from './utf8-address.ts';

/** What a session needs beside the config. */
export interface SessionParts {
  readonly system: System;
  readonly redact: Redact;
  readonly secureContext: () => SecureContext;
  /** Gets each wait for the server that takes long, in words; without: nobody is told. */
  readonly onLongWait?: ((words: string) => void) | undefined;
}

/** The protection of a session is less than it should be. */
export interface ProtectionWarning {
  readonly kind: 'plain-text' | 'not-verified';
  /** One line, redacted. */
  readonly words: string;
}

/** What goes to the server: the envelope, and the whole message with headers and body. */
export interface Mail {
  readonly from: string;
  readonly recipients: readonly string[];
  readonly raw: string | Buffer;
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
 * Opens a session, and logs in where the config says so. Never rejects.
 *
 * `auto` without a username falls back to plain text where TLS began and failed.
 */
export async function openSession(
  email: EmailConfig,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<Result<Session, MailFailure>> {
  const clean = (text: string) => oneLine(parts.redact(text));
  const protection = protectionFor(email);
  const lenient = email.security === 'auto' && !protection.verify;
  const warnings: ProtectionWarning[] = [];
  let connection = new Connection(email, protection, { ...parts, signal });
  try {
    await connection.open();
  } catch (error) {
    const failure = classify(error as SmtpError, email, clean);
    connection.destroy();
    if (!lenient || !connection.tlsBegun || signal.aborted) return failed(failure);
    warnings.push({
      kind: 'plain-text',
      words: `TLS with the mail server failed, plain text is used (${failure.words})`,
    });
    connection = new Connection(email, { kind: 'plain', verify: false }, { ...parts, signal });
    try {
      await connection.open();
    } catch (again) {
      connection.destroy();
      return failed(classify(again as SmtpError, email, clean));
    }
  }
  try {
    if (email.auth !== undefined) await connection.logIn(email.auth);
  } catch (error) {
    connection.destroy();
    return failed(classify(error as SmtpError, email, clean));
  }
  if (connection.tls === null && lenient && /^[45]/.test(connection.lastReply)) {
    warnings.push({
      kind: 'plain-text',
      words: `the mail server refuses its own STARTTLS, plain text is used (${clean(connection.lastReply)})`,
    });
  }
  if (connection.tls?.distrust != null) {
    warnings.push({
      kind: 'not-verified',
      words: `the certificate of the mail server can't be verified (${connection.tls.distrust}), it is used anyway (see ${email.key}.ca)`,
    });
  }
  return good(new Session(connection, email, clean, warnings));
}

/** An open and, where the config says so, authenticated session. */
export class Session {
  readonly #connection: Connection;
  readonly #email: EmailConfig;
  readonly #clean: Redact;
  /** What was accepted so that mail arrives, and should be fixed. */
  readonly warnings: readonly ProtectionWarning[];
  /** How it is protected, in words. */
  readonly protection: string;
  #refused = false;

  constructor(
    connection: Connection,
    email: EmailConfig,
    clean: Redact,
    warnings: readonly ProtectionWarning[],
  ) {
    this.#connection = connection;
    this.#email = email;
    this.#clean = clean;
    this.warnings = warnings;
    this.protection = protectionInWords(connection);
  }

  /** Whether it can send another mail. Not after a refused one: servers disagree about the state that leaves them in. */
  get usable(): boolean {
    return !this.#refused && !this.#connection.broken;
  }

  /** Sends a mail. Never rejects. */
  async send({ from, recipients, raw }: Mail): Promise<SendOutcome<MailFailure>> {
    const unsendable = this.#connection.takesUtf8 ? [] : recipients.filter(needsUtf8);
    const unsent = unsendable.map((recipient) => ({
      recipient,
      failure: noUtf8([recipient], 'to', this.#email),
    }));
    if (!this.#connection.takesUtf8 && needsUtf8(from)) {
      return { kind: 'refused', failure: noUtf8([from], 'from', this.#email), refused: [] };
    }
    const sendable = recipients.filter((recipient) => !unsendable.includes(recipient));
    if (sendable.length === 0) {
      return { kind: 'refused', failure: noUtf8(unsendable, 'to', this.#email), refused: unsent };
    }
    try {
      const sent = await this.#connection.send(withAsciiDomain(from), sendable.map(withAsciiDomain), raw);
      return {
        kind: 'delivered',
        reply: this.#clean(sent.response),
        refused: [...unsent, ...this.#refusals(sent.rejectedErrors, sendable)],
      };
    } catch (error) {
      this.#refused = true;
      const failure = this.#classify(error as SmtpError);
      if (!isRefusal(error as SmtpError)) {
        this.#connection.destroy();
        return { kind: 'disconnected', failure, sent: this.#sentBefore(error as SmtpError) };
      }
      const { rejectedErrors } = error as { readonly rejectedErrors?: readonly SmtpError[] };
      return { kind: 'refused', failure, refused: [...unsent, ...this.#refusals(rejectedErrors, sendable)] };
    }
  }

  /** Says goodbye, within a second. Never rejects. */
  close(): Promise<void> {
    return this.#connection.quit();
  }

  /** What was sent before an error. A message that the server answers with 421 it has not taken. */
  #sentBefore({ responseCode }: SmtpError): Sent {
    const { sent } = this.#connection;
    return sent === 'all' && responseCode !== undefined && responseCode >= 400 ? 'part' : sent;
  }

  #classify(error: SmtpError): MailFailure {
    return classify(error, this.#email, this.#clean);
  }

  /** By the recipients as the mail has them: the server knows them by their domains in ASCII. */
  #refusals(
    errors: readonly (SmtpError & { readonly recipient?: string | undefined })[] = [],
    recipients: readonly string[] = [],
  ) {
    return errors.map((error) => ({
      recipient:
        recipients.find((each) => withAsciiDomain(each) === error.recipient) ?? error.recipient ?? '',
      failure: this.#classify(error),
    }));
  }
}

/**
 * Whether an error is a refusal of this mail, and not the end of the connection (421 announces that) or an answer that means neither
 * yes nor no: after that, nobody knows what the server has taken.
 */
function isRefusal({ code, response }: SmtpError): boolean {
  if (code !== 'EENVELOPE' && code !== 'EMESSAGE') return false;
  // Without an answer nodemailer itself refuses to send it.
  return response === undefined || /^(?!421)[45]/.test(response);
}

function protectionInWords({ tls }: Connection): string {
  if (tls === null) return 'plain text';
  return `${tls.protocol}, certificate ${tls.distrust === null ? 'verified' : 'not verified'}`;
}
