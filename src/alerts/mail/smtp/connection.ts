import { connect, isIPv6, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import type { EmailConfig } from '../../../config/config.ts';
import { type Deadline, startDeadline } from '../../../system/deadline.ts';
import type { System } from '../../../system/system.ts';
import { MailStopped, MailTimeout, NoMechanism } from './mail-failure.ts';

/** How a connection is protected. */
export interface Protection {
  /** `opportunistic`: STARTTLS if offered; `starttls`: required; `tls`: from the first byte. */
  readonly kind: 'plain' | 'opportunistic' | 'starttls' | 'tls';
  /** Whether the certificate must be valid. */
  readonly verify: boolean;
}

/** What a connection needs beside the server's address. */
export interface ConnectionParts {
  readonly system: System;
  readonly secureContext: () => SecureContext;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

type Done<T> = (error?: Error | null, value?: T) => void;

/** After this time without an answer the next of several addresses is tried, in ms. Node's own 250 is too short for a slow line. */
const NEXT_ADDRESS_MS = 2000;
/** The mechanisms by which nodemailer logs in with a password. */
const MECHANISMS = ['PLAIN', 'LOGIN', 'CRAM-MD5'];
/** For the server's answer to QUIT, in ms. Nothing depends on it. */
const GOODBYE_MS = 1000;

/**
 * One connection to a mail server. Each step ends by the limit that was set before it. The class makes the socket itself
 * and hands it to nodemailer: nodemailer's timeouts only see silence, its close() does not end a send, and its name lookup
 * keeps the name servers of the process's start, which the VPN client changes. A step that fails rejects with nodemailer's
 * or the system's error, with MailTimeout or with MailStopped. Every later step then rejects as well.
 */
export class Connection {
  readonly #email: EmailConfig;
  readonly #protection: Protection;
  readonly #parts: ConnectionParts;
  readonly #broken: Promise<never>;
  /** Ends the connection at once: the running step rejects with `error`, and so does every later one. */
  readonly abandon: (error: Error) => void;
  #socket: Socket | undefined;
  #smtp: SMTPConnection | undefined;
  #deadline: Deadline | undefined;
  #abandoned = false;

  constructor(email: EmailConfig, protection: Protection, parts: ConnectionParts) {
    this.#email = email;
    this.#protection = protection;
    this.#parts = parts;
    let reject: (error: Error) => void = () => undefined;
    this.#broken = new Promise((_, rejectBroken) => {
      reject = rejectBroken;
    });
    this.#broken.catch(() => undefined);
    this.abandon = (error) => {
      this.#abandoned = true;
      reject(error);
      this.destroy();
    };
  }

  /** Gives all further steps together `ms` milliseconds. `lacking` names what did not come within them. */
  limit(ms: number, lacking: string): void {
    this.#deadline?.end();
    const deadline = startDeadline(this.#parts.system, ms, this.#parts.signal);
    this.#deadline = deadline;
    const strike = () => {
      const late = new MailTimeout(`${lacking} within ${Number((ms / 1000).toFixed(1))} s`);
      this.abandon(deadline.expired() ? late : new MailStopped('the monitor was stopped'));
    };
    if (deadline.signal.aborted) strike();
    else deadline.signal.addEventListener('abort', strike, { once: true });
  }

  /** Connects, and ends with the server's answer to EHLO, under its protection. */
  async open(): Promise<void> {
    const { host, port } = this.#email;
    const socket = connect({
      host,
      port,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    });
    this.#socket = socket;
    socket.on('error', this.abandon);
    await this.#step((done) => socket.once('connect', () => done()));
    const { kind, verify } = this.#protection;
    // Lazily: it costs 70 ms and 5 MB, and most runs send nothing.
    const { default: Smtp } = await import('nodemailer/lib/smtp-connection');
    const smtp = new Smtp({
      connection: socket,
      host,
      port,
      name: helloName(this.#parts.system.hostname, socket.localAddress),
      secure: kind === 'tls',
      ignoreTLS: kind === 'plain',
      opportunisticTLS: kind === 'opportunistic',
      requireTLS: kind === 'starttls',
      ...(kind === 'plain'
        ? {}
        : { tls: { rejectUnauthorized: verify, secureContext: this.#parts.secureContext() } }),
      logger: false,
      debug: false,
    });
    this.#smtp = smtp;
    smtp.on('error', this.abandon);
    smtp.on('end', () =>
      this.abandon(Object.assign(new Error('connection closed'), { code: 'ECONNECTION' })),
    );
    await this.#step((done) => smtp.connect((error) => done(error)));
  }

  /**
   * Logs in by a mechanism that the server offers and nodemailer knows. Where there is none, sends nothing (RFC 4954, 4) and
   * rejects with NoMechanism.
   */
  async logIn({ username, password }: NonNullable<EmailConfig['auth']>): Promise<void> {
    const offered = mechanismsIn(textsOf(this.#opened, '_ehloLines'));
    if (!offered.some((name) => MECHANISMS.includes(name))) throw new NoMechanism(offered);
    const credentials = { user: username, pass: password.reveal() };
    await this.#step((done) => this.#opened.login({ credentials }, done));
  }

  /** Sends a mail and waits for the answer. `atData` is called when the server asks for the message. */
  send(
    from: string,
    to: readonly string[],
    raw: string,
    atData: () => void,
  ): Promise<SMTPConnectionSendInfo> {
    const bytes = Buffer.from(raw);
    // Nodemailer begins to read after the answer 354.
    const message = new Readable({
      read() {
        atData();
        this.push(bytes);
        this.push(null);
      },
    });
    return this.#step<SMTPConnectionSendInfo>((done) =>
      this.#opened.send({ from, to: [...to], size: bytes.length }, message, done),
    );
  }

  /** Says QUIT and ends the connection, whatever the server answers. Never rejects. */
  async quit(): Promise<void> {
    try {
      this.limit(GOODBYE_MS, 'no good-bye');
      this.#opened.quit();
      await this.#broken;
    } catch {
      this.destroy();
    }
  }

  /** Ends it at once. */
  destroy(): void {
    this.#deadline?.end();
    this.#socket?.destroy();
    this.#smtp?.close();
  }

  /** Whether the connection ended: a server may close it between two mails. */
  get broken(): boolean {
    return this.#abandoned;
  }

  /** Whether TLS began, even if it failed. Where STARTTLS is offered, nodemailer asks for it at once. */
  get tlsBegun(): boolean {
    if (this.#protection.kind === 'plain') return false;
    return this.#smtp?._socket instanceof TLSSocket || /[ -]STARTTLS\b/im.test(this.lastReply);
  }

  /** `null`: plain text; else the protocol, and why the certificate can't be verified (`null`: it is verified). */
  get tls(): { readonly protocol: string; readonly distrust: string | null } | null {
    const socket = this.#smtp?._socket;
    if (!(socket instanceof TLSSocket)) return null;
    const distrust = socket.authorized ? null : String(socket.authorizationError);
    return { protocol: socket.getProtocol() ?? 'TLS', distrust };
  }

  /** Whether the server takes addresses with letters beyond ASCII (RFC 6531). */
  get takesUtf8(): boolean {
    return textsOf(this.#opened, '_supportedExtensions').includes('SMTPUTF8');
  }

  /** The server's last reply; empty if there was none. */
  get lastReply(): string {
    return this.#smtp?.lastServerResponse || '';
  }

  get #opened(): SMTPConnection {
    if (this.#smtp === undefined) throw new Error('the connection was not opened');
    return this.#smtp;
  }

  #step<T>(run: (done: Done<T>) => void): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      // Without an error there is a value; `undefined` for a step that has none.
      run((error, value) => (error ? reject(error) : resolve(value as T)));
    });
    return Promise.race([this.#broken, done]);
  }
}

/** Nodemailer keeps what the server offers in these properties, which its types do not have. */
function textsOf(smtp: SMTPConnection, name: '_ehloLines' | '_supportedExtensions'): readonly string[] {
  const texts: unknown = Reflect.get(smtp, name);
  return Array.isArray(texts) ? texts.filter((text) => typeof text === 'string') : [];
}

/** The names behind AUTH in the lines of the answer to EHLO, in upper case. Some servers write AUTH= too. */
function mechanismsIn(ehloLines: readonly string[]): readonly string[] {
  const names = ehloLines.flatMap((line) => /^AUTH[\s=](.*)/i.exec(line)?.[1]?.split(/[\s=]+/) ?? []);
  return [...new Set(names.filter((name) => name !== '').map((name) => name.toUpperCase()))];
}

/** What EHLO says: a full name, else the address, as the script (smtplib) did. Many servers refuse a bare `monitor`. */
function helloName(hostname: string, address = '127.0.0.1'): string {
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(hostname)) return hostname;
  return isIPv6(address) ? `[IPv6:${address.replace(/%.*/, '')}]` : `[${address}]`;
}
