import type { EmailConfig } from '../../../config/config.ts';
import type { Redact } from '../../../log/log.ts';
import { oneLine } from '../../../words/printable.ts';
import type { ChannelFailure } from '../../channel.ts';

/** Why a mail was not sent: a closed list. */
export type MailCause =
  | 'refused'
  | 'unreachable'
  | 'name-not-found'
  | 'timed-out'
  | 'closed'
  | 'certificate'
  | 'tls'
  | 'no-starttls'
  | 'authentication'
  | 'no-authentication'
  | 'sender-rejected'
  | 'recipient-rejected'
  | 'message-rejected'
  | 'server-error'
  | 'not-configured'
  | 'stopped';

/** Why a mail was not sent, for the log and for the operator. `permanent`: the server answered 5xx. */
export interface MailFailure extends ChannelFailure {
  readonly cause: MailCause;
}

/** The fields of nodemailer's errors. */
export interface SmtpError {
  readonly message: string;
  /** Nodemailer's own code, or the system's. */
  readonly code?: string | undefined;
  /** The system's or OpenSSL's code under nodemailer's. */
  readonly originalCode?: string | undefined;
  /** The SMTP command that failed. */
  readonly command?: string | undefined;
  readonly responseCode?: number | undefined;
  /** The server's reply. */
  readonly response?: string | undefined;
}

/** A step of a session took longer than its limit. */
export class MailTimeout extends Error {
  override readonly name = 'MailTimeout';
  readonly code = 'VPNMON_TIMEOUT';
}

/** The monitor was stopped in the middle of a session. */
export class MailStopped extends Error {
  override readonly name = 'MailStopped';
  readonly code = 'VPNMON_STOPPED';
}

/** The server offers no mechanism by which this program can log in. */
export class NoMechanism extends Error {
  override readonly name = 'NoMechanism';
  readonly code = 'VPNMON_NO_MECHANISM';

  /** @param offered the names of those that it offers */
  constructor(offered: readonly string[]) {
    super(
      offered.length === 0
        ? 'the server offers no authentication'
        : `the server offers only ${listed(offered)}, which this program does not know`,
    );
  }
}

/** The server gave an answer that has no place in the session (RFC 5321, 4.3.2). */
export class NotSmtp extends Error {
  override readonly name = 'NotSmtp';
  readonly code = 'EENVELOPE';
  readonly command: string;
  readonly response: string;

  constructor(command: string, response: string) {
    super('an answer out of place');
    this.command = command;
    this.response = response;
  }
}

function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), names.at(-1)].filter((part) => part !== '').join(' and ');
}

/** Addresses that the server does not take, since it does not offer SMTPUTF8 (RFC 6531, 3.2). */
export function noUtf8(
  addresses: readonly string[],
  key: 'from' | 'to',
  email: Pick<EmailConfig, 'key'>,
): MailFailure {
  return {
    cause: key === 'from' ? 'sender-rejected' : 'recipient-rejected',
    words: oneLine(
      `the server does not take addresses with such letters (SMTPUTF8): ${addresses.join(', ')}`,
    ),
    setting: `${email.key}.${key}`,
    permanent: true,
  };
}

/** `setting`: a key of the mail settings, or the absolute path of a file. */
type Verdict = readonly [cause: MailCause, words: string, setting: string | null];

/** Any error of a mail session as cause, words and remedy. Pure; what comes from outside goes through `clean`. */
export function classify(
  error: SmtpError,
  email: Pick<EmailConfig, 'host' | 'port' | 'key'>,
  clean: Redact,
): MailFailure {
  const where = `${email.host}:${email.port}`;
  const [cause, words, setting] =
    judgeReply(error, clean) ??
    judgeCode(error, where) ??
    judgeTls(error, where, clean) ??
    (['server-error', `the session with ${where} failed: ${clean(error.message)}`, 'server'] as const);
  const place = setting === null || setting.startsWith('/') ? setting : `${email.key}.${setting}`;
  return { cause, words: oneLine(words), setting: place, permanent: isPermanent(error) };
}

function isPermanent({ responseCode, response, code, command }: SmtpError): boolean {
  if (isFull(command, response)) return false;
  // 503 (bad sequence of commands) is about the session, not about the mail.
  if (responseCode !== undefined && responseCode >= 400) return responseCode >= 500 && responseCode !== 503;
  // Nodemailer itself refuses to send such an address or size.
  return response === undefined && (code === 'EENVELOPE' || code === 'EMESSAGE');
}

/** 552 for a recipient: a full mailbox, or too many recipients. RFC 5321, 4.5.3.1.10: to be treated as temporary. */
function isFull(command: string | undefined, response: string | undefined): boolean {
  return command === 'RCPT TO' && /^552/.test(response ?? '');
}

/** Says which setting the server misses (530; 538 to a log-in: RFC 3207, 4, and RFC 4954, 6). */
function judgeDemand(response: string, said: string): Verdict | undefined {
  if (!/^53[08]/.test(response)) return undefined;
  return response.startsWith('538') || /TLS|encrypt/i.test(response)
    ? ['no-starttls', `the server wants TLS first: ${said}`, 'security']
    : ['no-authentication', `the server wants a log-in: ${said}`, 'username'];
}

/** The server answered with a refusal. */
function judgeReply(
  { command = '', response, code, message }: SmtpError,
  clean: Redact,
): Verdict | undefined {
  const said = clean(response ?? message);
  const demand = judgeDemand(response ?? '', said);
  if (demand !== undefined) return demand;
  if (command.startsWith('AUTH') || code === 'EAUTH') {
    if (/^4/.test(response ?? '')) {
      return ['authentication', `the server can't check username and password now: ${said}`, null];
    }
    return response !== undefined && /^50[0-4]/.test(response)
      ? ['no-authentication', `the server offers no authentication: ${said}`, 'username']
      : NO_PASSWORDS.test(response ?? '')
        ? ['no-authentication', `the server no longer lets a password log in: ${said}`, null]
        : ['authentication', `the server rejects username and password: ${said}`, 'password'];
  }
  if (response === undefined && code !== 'EENVELOPE' && code !== 'EMESSAGE') return undefined;
  // RFC 5321, 4.2.1: the same may be accepted later, and no setting is wrong.
  if ((/^4/.test(response ?? '') && command !== 'STARTTLS') || isFull(command, response))
    return [causeOf(command), `the server does not take the mail now: ${said}`, null];
  if (response !== undefined && !/^5/.test(response) && /^(?:MAIL|RCPT|DATA)/.test(command)) {
    return [
      'server-error',
      `the server does not keep to SMTP, it answers ${command} with: ${said}`,
      'server',
    ];
  }
  switch (command) {
    case 'STARTTLS':
      return ['no-starttls', `the server offers no STARTTLS: ${said}`, 'security'];
    case 'MAIL FROM':
      // 552: RFC 1870, 6.1.
      return code === 'EMESSAGE' || /^552/.test(response ?? '')
        ? ['message-rejected', `the server does not accept a mail of this size: ${said}`, null]
        : ['sender-rejected', `the server rejects the sender: ${said}`, 'from'];
    case 'RCPT TO':
      return ['recipient-rejected', `the server rejects the recipients: ${said}`, 'to'];
    case 'DATA':
      return ['message-rejected', `the server rejects the message: ${said}`, null];
    default:
      return ['server-error', `the server answers: ${said}`, 'server'];
  }
}

/** Microsoft 365: "535 5.7.139 Authentication unsuccessful, basic authentication is disabled". */
const NO_PASSWORDS = /5\.7\.139|basic authentication is disabled/i;

function causeOf(command: string): MailCause {
  switch (command) {
    case 'MAIL FROM':
      return 'sender-rejected';
    case 'RCPT TO':
      return 'recipient-rejected';
    case 'DATA':
      return 'message-rejected';
    default:
      return 'server-error';
  }
}

/** There is no connection. */
function judgeCode({ code, originalCode, message }: SmtpError, where: string): Verdict | undefined {
  const codes = [code, originalCode];
  const setting = 'server';
  if (code === 'VPNMON_TIMEOUT') return ['timed-out', `${where} timed out: ${message}`, setting];
  if (code === 'VPNMON_STOPPED') return ['stopped', message, null];
  if (code === 'VPNMON_NO_MECHANISM') return ['no-authentication', message, 'username'];
  if (codes.includes('ECONNREFUSED')) return ['refused', `${where} refuses the connection`, setting];
  if (codes.includes('ENOTFOUND')) return ['name-not-found', `the name of ${where} is not found`, setting];
  if (codes.includes('EAI_AGAIN')) {
    return [
      'name-not-found',
      `the name of ${where} is not found: no name server answers`,
      '/etc/resolv.conf',
    ];
  }
  if (codes.includes('ETIMEDOUT')) return ['timed-out', `${where} timed out: no answer`, setting];
  const unreachable = ['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN', 'EACCES', 'EPERM'];
  const why = codes.find((each) => each !== undefined && unreachable.includes(each));
  if (why !== undefined) return ['unreachable', `${where} can't be reached (${why})`, setting];
  const closed = codes.some((each) => each === 'ECONNRESET' || each === 'EPIPE' || each === 'ECONNECTION');
  if (closed) return ['closed', `${where} closed the connection`, setting];
  return undefined;
}

/** OpenSSL's codes for a certificate that can't be verified. */
const CERTIFICATE =
  /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|CRL_|ERROR_IN_CERT|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH)/;

function judgeTls(error: SmtpError, where: string, clean: Redact): Verdict | undefined {
  const codes = [error.code, error.originalCode];
  if (codes.includes('ERR_TLS_CERT_ALTNAME_INVALID')) {
    return [
      'certificate',
      `the certificate of ${where} is for another name: ${clean(error.message)}`,
      'server',
    ];
  }
  const why = codes.find((code) => code !== undefined && CERTIFICATE.test(code));
  if (why === 'CERT_HAS_EXPIRED' || why === 'CERT_NOT_YET_VALID') {
    return ['certificate', `the certificate of ${where} is not valid at this time (${why})`, null];
  }
  if (why !== undefined) {
    return ['certificate', `the certificate of ${where} is not trusted (${why})`, 'ca'];
  }
  if (error.code === 'ETLS' || codes.some((code) => /^(?:ERR_SSL|ERR_TLS|EPROTO$)/.test(code ?? ''))) {
    return ['tls', `TLS with ${where} failed: ${clean(error.message)}`, 'security'];
  }
  return undefined;
}
