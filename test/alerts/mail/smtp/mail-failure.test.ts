import { describe, expect, test } from 'vitest';
import {
  classify,
  MailStopped,
  MailTimeout,
  type SmtpError,
} from '../../../../src/alerts/mail/smtp/mail-failure.ts';
import { noRedact } from '../../support.ts';

const server = { key: 'logging.email', host: 'smtp.example.com', port: 25 };
const where = 'smtp.example.com:25';
const reply = (code: string, command: string, response: string): SmtpError => ({
  message: `failed: ${response}`,
  code,
  command,
  response,
  responseCode: Number(response.slice(0, 3)),
});
const socket = (originalCode: string, message = originalCode): SmtpError => ({
  message,
  code: 'ESOCKET',
  originalCode,
  command: 'CONN',
});

describe('why a mail did not leave', () => {
  test.each<[SmtpError, string, string, string | null, boolean]>([
    [
      { message: '', code: 'ECONNREFUSED' },
      'refused',
      `${where} refuses the connection`,
      'logging.email.server',
      false,
    ],
    [
      { message: '', code: 'ENOTFOUND' },
      'name-not-found',
      `the name of ${where} is not found`,
      'logging.email.server',
      false,
    ],
    [
      { message: '', code: 'EAI_AGAIN' },
      'name-not-found',
      `the name of ${where} is not found: no name server answers`,
      '/etc/resolv.conf',
      false,
    ],
    [
      socket('EHOSTUNREACH'),
      'unreachable',
      `${where} can't be reached (EHOSTUNREACH)`,
      'logging.email.server',
      false,
    ],
    [
      { message: '', code: 'ENETUNREACH' },
      'unreachable',
      `${where} can't be reached (ENETUNREACH)`,
      'logging.email.server',
      false,
    ],
    [
      { message: '', code: 'ETIMEDOUT' },
      'timed-out',
      `${where} timed out: no answer`,
      'logging.email.server',
      false,
    ],
    [
      new MailTimeout('no answer within 10 s'),
      'timed-out',
      `${where} timed out: no answer within 10 s`,
      'logging.email.server',
      false,
    ],
    [new MailStopped('the monitor was stopped'), 'stopped', 'the monitor was stopped', null, false],
    [socket('ECONNRESET'), 'closed', `${where} closed the connection`, 'logging.email.server', false],
    [
      { message: '', code: 'ECONNECTION' },
      'closed',
      `${where} closed the connection`,
      'logging.email.server',
      false,
    ],
    [
      reply('EPROTOCOL', 'CONN', '554 no service'),
      'server-error',
      'the server answers: 554 no service',
      'logging.email.server',
      true,
    ],
    [
      reply('ECONNECTION', 'EHLO', '421 too many connections'),
      'server-error',
      'the server does not take the mail now: 421 too many connections',
      null,
      false,
    ],
    [
      reply('ETLS', 'STARTTLS', '502 not implemented'),
      'no-starttls',
      'the server offers no STARTTLS: 502 not implemented',
      'logging.email.security',
      true,
    ],
    [
      reply('EAUTH', 'AUTH PLAIN', '535 5.7.8 bad credentials'),
      'authentication',
      'the server rejects username and password: 535 5.7.8 bad credentials',
      'logging.email.password',
      true,
    ],
    [
      reply(
        'EAUTH',
        'AUTH PLAIN',
        '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
      ),
      'no-authentication',
      'the server no longer lets a password log in: 535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
      null,
      true,
    ],
    [
      reply('EMESSAGE', 'DATA', '452 4.3.1 out of memory'),
      'message-rejected',
      'the server does not take the mail now: 452 4.3.1 out of memory',
      null,
      false,
    ],
    [
      reply('ETLS', 'STARTTLS', '454 TLS not available'),
      'no-starttls',
      'the server offers no STARTTLS: 454 TLS not available',
      'logging.email.security',
      false,
    ],
    [
      reply('EAUTH', 'AUTH PLAIN', '454 4.7.0 try again'),
      'authentication',
      "the server can't check username and password now: 454 4.7.0 try again",
      null,
      false,
    ],
    [
      reply('EAUTH', 'AUTH PLAIN', '502 5.5.1 no'),
      'no-authentication',
      'the server offers no authentication: 502 5.5.1 no',
      'logging.email.username',
      true,
    ],
    [
      reply('EENVELOPE', 'MAIL FROM', '550 who are you'),
      'sender-rejected',
      'the server rejects the sender: 550 who are you',
      'logging.email.from',
      true,
    ],
    [
      reply('EENVELOPE', 'RCPT TO', '451 greylisted'),
      'recipient-rejected',
      'the server does not take the mail now: 451 greylisted',
      null,
      false,
    ],
    [
      reply('EMESSAGE', 'DATA', '554 looks like spam'),
      'message-rejected',
      'the server rejects the message: 554 looks like spam',
      null,
      true,
    ],
    [
      reply('EMESSAGE', 'DATA', '503 bad sequence'),
      'message-rejected',
      'the server rejects the message: 503 bad sequence',
      null,
      false,
    ],
    [
      { message: 'Message size larger than allowed 10', code: 'EMESSAGE', command: 'MAIL FROM' },
      'message-rejected',
      'the server does not accept a mail of this size: Message size larger than allowed 10',
      null,
      true,
    ],
    [
      socket('SELF_SIGNED_CERT_IN_CHAIN'),
      'certificate',
      `the certificate of ${where} is not trusted (SELF_SIGNED_CERT_IN_CHAIN)`,
      'logging.email.ca',
      false,
    ],
    [
      socket('CERT_HAS_EXPIRED'),
      'certificate',
      `the certificate of ${where} is not valid at this time (CERT_HAS_EXPIRED)`,
      null,
      false,
    ],
    [
      socket('ERR_TLS_CERT_ALTNAME_INVALID', "not in the cert's list"),
      'certificate',
      `the certificate of ${where} is for another name: not in the cert's list`,
      'logging.email.server',
      false,
    ],
    [
      socket('ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number'),
      'tls',
      `TLS with ${where} failed: wrong version number`,
      'logging.email.security',
      false,
    ],
    [
      { message: 'odd', code: 'ESTREAM' },
      'server-error',
      `the session with ${where} failed: odd`,
      'logging.email.server',
      false,
    ],
  ])('%#: %o', (error, cause, words, setting, permanent) => {
    expect(classify(error, server, noRedact)).toEqual({ cause, words, setting, permanent });
  });
});
