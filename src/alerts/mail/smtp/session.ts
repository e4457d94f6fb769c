import type { SecureContext } from 'node:tls';
import type { EmailConfig } from '../../../config/config.ts';
import type { Redact } from '../../../log/log.ts';
import { MAIL_ANSWER_MS, MAIL_REACH_DATA_MS } from '../../../model/limits.ts';
import { failed, good, type Result } from '../../../model/result.ts';
import type { System } from '../../../system/system.ts';
import { oneLine } from '../../../words/printable.ts';
import type { SendOutcome } from '../../channel.ts';
import { Connection, type Protection } from './connection.ts';
import { classify, type MailFailure, MailTimeout, noUtf8, type SmtpError } from './mail-failure.ts';
import { needsUtf8, withAsciiDomain } from './utf8-address.ts';

/** When TLS must have begun where plain text would do as well, in ms from the start of the connection on. */
const BEGIN_TLS_MS = 6000;

/** What a session needs beside the config. */
export interface SessionParts {
  readonly system: System;
  readonly redact: Redact;
  readonly secureContext: () => SecureContext;
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
  readonly raw: string;
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
 * Opens a session within the limit to DATA, and logs in where the config says so. Never rejects.
 *
 * `auto` without a username falls back to plain text where TLS began and failed. For TLS that hangs, a part of the
 * limit is kept for that.
 */
export async function openSession(
  email: EmailConfig,
  parts: SessionParts,
  signal: AbortSignal,
): Promise<Result<Session, MailFailure>> {
  const { system } = parts;
  const clean = (text: string) => oneLine(parts.redact(text));
  const protection = protectionFor(email);
  const lenient = email.security === 'auto' && !protection.verify;
  const started = system.monotonic();
  const warnings: ProtectionWarning[] = [];
  let connection = new Connection(email, protection, { ...parts, signal });
  try {
    connection.limit(MAIL_REACH_DATA_MS, 'no answer');
    await (lenient ? openBy(connection, BEGIN_TLS_MS, system) : connection.open());
  } catch (error) {
    const failure = classify(error as SmtpError, email, clean);
    connection.destroy();
    const remaining = MAIL_REACH_DATA_MS - (system.monotonic() - started);
    const retry = lenient && connection.tlsBegun && !signal.aborted && remaining > 0;
    if (!retry) return failed(failure);
    warnings.push({
      kind: 'plain-text',
      words: `TLS with the mail server failed, plain text is used (${failure.words})`,
    });
    connection = new Connection(email, { kind: 'plain', verify: false }, { ...parts, signal });
    try {
      connection.limit(remaining, 'no answer');
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
      words: `the certificate of the mail server can't be verified (${connection.tls.distrust}), it is used anyway (see logging.email.ca)`,
    });
  }
  return good(new Session(connection, email, clean, warnings));
}

/** Opens, but gives up after `ms` if TLS has begun by then and does not end. */
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

/** An open and, where the config says so, authenticated session. */
export class Session {
  readonly #connection: Connection;
  readonly #email: EmailConfig;
  readonly #clean: Redact;
  /** What was accepted so that mail arrives, and should be fixed. */
  readonly warnings: readonly ProtectionWarning[];
  /** How it is protected, in words. */
  readonly protection: string;
  /** The limit to DATA of the first mail began with the connection. */
  #isFirst = true;
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
    const foreign = unsendable.map((recipient) => ({
      recipient,
      failure: noUtf8([recipient], 'logging.email.to'),
    }));
    if (!this.#connection.takesUtf8 && needsUtf8(from)) {
      return { kind: 'refused', failure: noUtf8([from], 'logging.email.from'), refused: [] };
    }
    const sendable = recipients.filter((recipient) => !unsendable.includes(recipient));
    if (sendable.length === 0) {
      return { kind: 'refused', failure: noUtf8(unsendable, 'logging.email.to'), refused: foreign };
    }
    if (!this.#isFirst) this.#connection.limit(MAIL_REACH_DATA_MS, 'no answer');
    this.#isFirst = false;
    let mayHaveArrived = false;
    try {
      const sent = await this.#connection.send(
        withAsciiDomain(from),
        sendable.map(withAsciiDomain),
        raw,
        () => {
          mayHaveArrived = true;
          this.#connection.limit(MAIL_ANSWER_MS, 'no answer to the message');
        },
      );
      return {
        kind: 'delivered',
        reply: this.#clean(sent.response),
        refused: [...foreign, ...this.#refusals(sent.rejectedErrors, sendable)],
      };
    } catch (error) {
      this.#refused = true;
      const failure = this.#classify(error as SmtpError);
      if (!isRefusal(error as SmtpError)) {
        this.#connection.destroy();
        return { kind: 'disconnected', failure, mayHaveArrived };
      }
      const { rejectedErrors } = error as { readonly rejectedErrors?: readonly SmtpError[] };
      return { kind: 'refused', failure, refused: [...foreign, ...this.#refusals(rejectedErrors, sendable)] };
    }
  }

  /** Says goodbye, within a second. Never rejects. */
  close(): Promise<void> {
    return this.#connection.quit();
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

/** Whether an error is an answer to this mail, and not the end of the connection (421 announces that). */
function isRefusal({ code, responseCode }: SmtpError): boolean {
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== 421;
}

function protectionInWords({ tls }: Connection): string {
  if (tls === null) return 'plain text';
  return `${tls.protocol}, certificate ${tls.distrust === null ? 'verified' : 'not verified'}`;
}
