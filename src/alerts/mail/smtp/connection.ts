import { connect, isIPv6, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import type { EmailConfig } from '../../../config/config.ts';
import { type Deadline, startDeadline } from '../../../system/deadline.ts';
import type { System } from '../../../system/system.ts';
import { DAY_MS, durationInWords } from '../../../words/time.ts';
import type { Sent } from '../../channel.ts';
import { MailStopped, MailTimeout, NoMechanism, NotSmtp } from './mail-failure.ts';
import {
  CONNECTION,
  GREETING,
  lackInWords,
  MESSAGE_ANSWER,
  MESSAGE_SENT,
  ReplyWaits,
  tlsWait,
  type Wait,
  waitAfter,
} from './reply-waits.ts';

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
  /** Gets each wait that has lasted {@link LONG_WAIT_MS}, in words; without: nobody is told. */
  readonly onLongWait?: ((words: string) => void) | undefined;
}

type Done<T> = (error?: Error | null, value?: T) => void;

/** After this time without an answer the next of several addresses is tried, in ms. Node's own 250 is too short for a slow line. */
const NEXT_ADDRESS_MS = 2000;
/** The mechanisms by which nodemailer logs in with a password. */
const MECHANISMS = ['PLAIN', 'LOGIN', 'CRAM-MD5'];
/** Nothing depends on the server's answer to QUIT. */
const GOODBYE: Wait = { what: 'good-bye', ms: 1000 };
/** After this time a person who watches is told what the program waits for, in ms. */
export const LONG_WAIT_MS = 5000;
/** Longer than a session: nodemailer's own limits begin with the connection and are shorter than the standard's. */
const NO_LIMIT_MS = DAY_MS;

/**
 * One connection to a mail server. Each answer is waited for as long as reply-waits.ts says. The class makes the socket itself
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
  readonly #abandon: (error: Error) => void;
  #socket: Socket | undefined;
  #smtp: SMTPConnection | undefined;
  #deadline: Deadline | undefined;
  /** Aborted when the running wait is over. */
  #waiting = new AbortController();
  readonly #waits: ReplyWaits;
  #sent: Sent = 'nothing';
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
    this.#waits = new ReplyWaits((wait) => this.#wait(wait));
    this.#abandon = (error) => {
      this.#abandoned = true;
      reject(error);
      this.destroy();
    };
  }

  /** Connects, and ends with the server's answer to EHLO, under its protection. */
  async open(): Promise<void> {
    const { host, port } = this.#email;
    this.#wait(CONNECTION);
    const socket = connect({
      host,
      port,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    });
    this.#socket = socket;
    socket.on('error', this.#abandon);
    await this.#step((done) => socket.once('connect', () => done()));
    const { kind, verify } = this.#protection;
    this.#wait(kind === 'tls' ? tlsWait(!verify) : GREETING);
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
      connectionTimeout: NO_LIMIT_MS,
      greetingTimeout: NO_LIMIT_MS,
      socketTimeout: NO_LIMIT_MS,
      logger: this.#steps(),
      transactionLog: true,
      debug: false,
    });
    this.#smtp = smtp;
    smtp.on('error', this.#abandon);
    smtp.on('end', () =>
      this.#abandon(Object.assign(new Error('connection closed'), { code: 'ECONNECTION' })),
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

  /** Sends a mail and waits for the answer. */
  async send(from: string, to: readonly string[], raw: string | Buffer): Promise<SMTPConnectionSendInfo> {
    const bytes = typeof raw === 'string' ? Buffer.from(raw) : raw;
    this.#sent = 'nothing';
    const atData = () => {
      // Nodemailer sends the message after 250, too. The server reads it as commands then, and their answers would confirm it.
      if (!/^3/.test(this.lastReply)) {
        this.#abandon(new NotSmtp('DATA', this.lastReply));
        return false;
      }
      this.#sent = 'part';
      this.#wait(MESSAGE_SENT);
      return true;
    };
    // Nodemailer begins to read after the answer to DATA.
    const message = new Readable({
      read() {
        if (!atData()) return;
        this.push(bytes);
        this.push(null);
      },
    });
    const sent = await this.#step<SMTPConnectionSendInfo>((done) =>
      this.#opened.send({ from, to: [...to], size: bytes.length }, message, done),
    );
    // Nodemailer reads the first line. All lines of an answer have the same code (RFC 5321, 4.2.1).
    if (/^[345]\d\d\b/m.test(sent.response)) {
      const error = new NotSmtp('DATA', sent.response);
      this.#abandon(error);
      throw error;
    }
    return sent;
  }

  /** Says QUIT and ends the connection, whatever the server answers. Never rejects. */
  async quit(): Promise<void> {
    try {
      this.#opened.quit();
      this.#wait(GOODBYE);
      await this.#broken;
    } catch {
      this.destroy();
    }
  }

  /** Ends it at once. */
  destroy(): void {
    this.#endWait();
    this.#socket?.destroy();
    this.#smtp?.close();
  }

  /** How much of the last mail was sent. */
  get sent(): Sent {
    return this.#sent;
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

  /** Begins a wait, and ends the one before. The running step rejects when it is over. */
  #wait(wait: Wait): void {
    const { system, signal, onLongWait } = this.#parts;
    this.#endWait();
    if (this.#abandoned) return;
    const deadline = startDeadline(system, wait.ms, signal);
    this.#deadline = deadline;
    const strike = () =>
      this.#abandon(
        deadline.expired() ? new MailTimeout(lackInWords(wait)) : new MailStopped('the monitor was stopped'),
      );
    if (deadline.signal.aborted) {
      strike();
      return;
    }
    deadline.signal.addEventListener('abort', strike, { once: true });
    if (onLongWait === undefined || wait.ms <= LONG_WAIT_MS) return;
    this.#waiting = new AbortController();
    system.sleep(LONG_WAIT_MS, this.#waiting.signal).then(
      () => onLongWait(this.#inWords(wait)),
      () => undefined,
    );
  }

  #endWait(): void {
    this.#deadline?.end();
    this.#waiting.abort();
  }

  #inWords({ what, ms }: Wait): string {
    const { host, port } = this.#email;
    return `${host}:${port} is slow: waiting up to ${durationInWords(ms)} for its ${what}`;
  }

  /** The steps of the session as nodemailer's log names them: `client` a command, `server` an answer, `message` the final dot. */
  #steps(): Record<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', (...line: unknown[]) => void> {
    const { kind, verify } = this.#protection;
    const step = (about: unknown, text: unknown) => {
      switch ((about as { readonly tnx?: unknown }).tnx) {
        case 'client':
          this.#waits.sent(waitAfter(String(text), kind !== 'tls' && !verify));
          break;
        case 'server':
          this.#waits.replied();
          break;
        case 'message':
          this.#sent = 'all';
          this.#waits.sent(MESSAGE_ANSWER);
          break;
        case 'network':
          // TLS from the first byte has begun: now the server greets.
          if (this.#opened.stage === 'init') this.#wait(GREETING);
      }
    };
    return { trace: step, debug: step, info: step, warn: step, error: step, fatal: step };
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
