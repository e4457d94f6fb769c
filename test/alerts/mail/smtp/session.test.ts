import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { composeMail } from '../../../../src/alerts/mail/mime.ts';
import { openSession, protectionFor } from '../../../../src/alerts/mail/smtp/session.ts';
import type { EmailConfig } from '../../../../src/config/config.ts';
import { trust } from '../../../../src/http/trust.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { never } from '../../../support/never.ts';
import { type RealServer, startRealServer, testCertificates } from '../../../support/real-smtp-server.ts';
import {
  freePort,
  type Script,
  type ScriptedServer,
  startScriptedServer,
  withResolvers,
} from '../../../support/scripted-smtp-server.ts';
import { PATIENT } from '../../../support/until.ts';
import { emailConfig, mailbox, noRedact, type TestSystem, testSystem } from '../../support.ts';

const certificates = testCertificates();

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
async function smtp(...args: Parameters<typeof startRealServer>): Promise<RealServer> {
  const server = await startRealServer(...args);
  open.push(server);
  return server;
}
async function scripted(script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer(script);
  open.push(server);
  return server;
}

let system: TestSystem;
beforeEach(() => {
  system = testSystem();
});
let context: ReturnType<typeof trust> | undefined;
/** Making one takes 60 ms. */
const bundled = () => {
  context ??= trust(undefined, system);
  return context;
};
const auth = { username: 'monitor', password: new Secret('right') };
const message = { key: 'a@example.com', subject: 'subject', text: 'From here\n.\n..dots\n', replyTo: null };

/** Opens a session, sends one mail, and tells what came of it. */
async function deliver(email: EmailConfig) {
  const mail = await composeMail({ ...message, created: system.now().toISOString() }, email);
  const secureContext = email.ca === undefined ? bundled : () => trust(email.ca, system);
  const opened = await openSession(email, { system, redact: noRedact, secureContext }, never);
  if (!opened.ok) return { failure: opened.why.cause, words: opened.why.words };
  const outcome = await opened.value.send(mail);
  await opened.value.close();
  return {
    outcome,
    protection: opened.value.protection,
    warnings: opened.value.warnings.map(({ kind }) => kind),
  };
}

const startTls = (): SMTPServerOptions => ({
  key: certificates.key,
  cert: certificates.cert,
  disabledCommands: ['AUTH'],
});
const withAuth = (): SMTPServerOptions => ({
  ...startTls(),
  disabledCommands: [],
  authOptional: false,
  onAuth: ({ username, password }, _, done) =>
    username === 'monitor' && password === 'right'
      ? done(null, { user: 'monitor' })
      : done(new Error('no such user')),
});

describe('how the config is met', () => {
  test.each<[Partial<EmailConfig>, string]>([
    [{}, 'opportunistic false'],
    [{ auth }, 'starttls true'],
    [{ port: 465 }, 'tls false'],
    [{ port: 465, auth }, 'tls true'],
    [{ security: 'none' }, 'plain false'],
    [{ security: 'none', auth, port: 465 }, 'plain false'],
    [{ security: 'starttls' }, 'starttls true'],
    [{ security: 'tls' }, 'tls true'],
  ])('%o: %s', (more, expected) => {
    const { kind, verify } = protectionFor(emailConfig(25, more));
    expect(`${kind} ${verify}`).toBe(expected);
  });
});

describe('security auto without a username delivers wherever the script did', () => {
  test('in plain text where no STARTTLS is offered, without a warning', async () => {
    const server = await smtp();
    expect(await deliver(emailConfig(server.port))).toMatchObject({
      outcome: { kind: 'delivered', reply: '250 queued', refused: [] },
      protection: 'plain text',
      warnings: [],
    });
    expect(server.mails).toMatchObject([
      { from: 'vpn-monitor@example.com', to: ['noc@example.com'], secure: false },
    ]);
    expect(server.mails[0]?.raw).toContain('\r\n\r\nFrom here\r\n.\r\n..dots\r\n');
  });

  test('by STARTTLS where it is offered', async () => {
    const server = await smtp(startTls());
    const sent = await deliver(emailConfig(server.port, { ca: certificates.ca }));
    expect(sent).toMatchObject({ protection: 'TLSv1.3, certificate verified', warnings: [] });
    expect(server.mails).toMatchObject([{ secure: true }]);
  });

  test.each([
    ['that nobody vouches for', () => ({ cert: certificates.cert, ca: undefined })],
    ['for another name', () => ({ cert: certificates.otherCert, ca: certificates.ca })],
  ])('with a warning for a certificate %s', async (_, made) => {
    const { cert, ca } = made();
    const server = await smtp({ ...startTls(), cert });
    const sent = await deliver(emailConfig(server.port, { ca }));
    expect(sent).toMatchObject({
      protection: 'TLSv1.3, certificate not verified',
      warnings: ['not-verified'],
    });
    expect(server.mails).toMatchObject([{ secure: true }]);
  });

  const offered = '250-mail.example.com\r\n250 STARTTLS';
  test.each<[string, Script]>([
    ['refuses it after all', { EHLO: offered, STARTTLS: '454 TLS not available' }],
    ['closes', { EHLO: offered, STARTTLS: { drop: true } }],
    ['speaks no TLS then', { EHLO: offered, STARTTLS: '220 go on', TLS: '220 this is no handshake' }],
  ])('in plain text, with a warning, where the server offers STARTTLS and %s', async (_, script) => {
    const server = await scripted(script);
    expect(await deliver(emailConfig(server.port))).toMatchObject({
      outcome: { kind: 'delivered' },
      protection: 'plain text',
      warnings: ['plain-text'],
    });
    expect(server.accepted).toHaveLength(1);
    expect(system.waits()).toEqual([]);
  });

  test.each<[string, Script]>([
    ['answers nothing', { EHLO: offered, STARTTLS: { silence: true } }],
    ['says go on and nothing more', { EHLO: offered, STARTTLS: '220 go on', TLS: { silence: true } }],
  ])('and leaves time for that where the server offers STARTTLS and %s', async (_, script) => {
    const server = await scripted(script);
    const delivered = deliver(emailConfig(server.port));
    await expect.poll(() => server.stuck, PATIENT).toHaveLength(1);
    expect(system.waits()).toEqual([30_000]);
    system.strike(30_000);
    expect(await delivered).toMatchObject({
      outcome: { kind: 'delivered' },
      protection: 'plain text',
      warnings: ['plain-text'],
    });
    expect(server.accepted).toHaveLength(1);
  });

  test('but waits its whole time for a slow greeting and for each slow answer', async () => {
    const [greeting, ehlo] = [withResolvers(), withResolvers()];
    const server = await scripted({ GREETING: { later: greeting.promise }, EHLO: { later: ehlo.promise } });
    const delivered = deliver(emailConfig(server.port));
    await expect.poll(() => server.stuck, PATIENT).toEqual(['GREETING']);
    expect(system.waits()).toEqual([300_000]);
    greeting.resolve('220 at last');
    await expect.poll(() => server.stuck, PATIENT).toEqual(['GREETING', 'EHLO']);
    expect(system.waits()).toEqual([300_000]);
    ehlo.resolve('250 mail.example.com');
    expect(await delivered).toMatchObject({ outcome: { kind: 'delivered' }, warnings: [] });
    expect(server.connections).toBe(1);
  });

  test('in plain text, with a warning, where port 465 speaks no TLS', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'needs root, to listen on port 465');
    const host = '127.46.5.1';
    const server = await startScriptedServer({}, 465, host);
    open.push(server);
    expect(await deliver(emailConfig(465, { host }))).toMatchObject({
      protection: 'plain text',
      warnings: ['plain-text'],
    });
    expect(server.accepted).toHaveLength(1);
  });

  test('but not where plain text fails as well', async () => {
    const server = await scripted({
      EHLO: (_, count) => (count === 1 ? offered : '554 no'),
      STARTTLS: { drop: true },
      HELO: '554 no',
    });
    expect(await deliver(emailConfig(server.port))).toEqual({
      failure: 'server-error',
      words: 'the server answers: 554 no',
    });
    expect(server.connections).toBe(2);
  });

  test('not in plain text where TLS was not the matter', async () => {
    const server = await scripted({ EHLO: { drop: true } });
    expect(await deliver(emailConfig(server.port))).toMatchObject({ failure: 'closed' });
    expect(server.connections).toBe(1);
  });

  test('to a server that knows HELO only', async () => {
    const server = await scripted({ EHLO: '502 what?' });
    expect(await deliver(emailConfig(server.port))).toMatchObject({ outcome: { kind: 'delivered' } });
  });
});

describe('security auto with a username', () => {
  test('logs in over verified TLS', async () => {
    const server = await smtp(withAuth());
    const sent = await deliver(emailConfig(server.port, { auth, ca: certificates.ca }));
    expect(sent).toMatchObject({ outcome: { kind: 'delivered' }, warnings: [] });
    expect(server.mails).toMatchObject([{ user: 'monitor', secure: true }]);
  });

  test.each<[string, () => SMTPServerOptions, Partial<EmailConfig>, string]>([
    ['a certificate that nobody vouches for', withAuth, {}, 'certificate'],
    ['no STARTTLS', () => ({ ...withAuth(), disabledCommands: ['STARTTLS'] }), {}, 'no-starttls'],
  ])('never shows its password to %s', async (_, options, more, cause) => {
    const server = await smtp(options());
    expect(await deliver(emailConfig(server.port, { auth, ...more }))).toMatchObject({ failure: cause });
    expect(server.mails).toEqual([]);
  });

  test('says that the password is wrong', async () => {
    const server = await smtp(withAuth());
    const email = emailConfig(server.port, {
      auth: { username: 'monitor', password: new Secret('wrong') },
      ca: certificates.ca,
    });
    expect(await deliver(email)).toMatchObject({ failure: 'authentication' });
  });

  test('says that a server offers no log-in', async () => {
    const server = await smtp(startTls());
    const email = emailConfig(server.port, { auth, ca: certificates.ca });
    expect(await deliver(email)).toMatchObject({ failure: 'no-authentication' });
  });
});

describe('the other kinds of security', () => {
  test('none: plain text, though STARTTLS is offered', async () => {
    const server = await smtp(startTls());
    expect(await deliver(emailConfig(server.port, { security: 'none' }))).toMatchObject({ warnings: [] });
    expect(server.mails).toMatchObject([{ secure: false }]);
  });

  test('none with a username: the password goes in plain text, as the config says', async () => {
    const server = await smtp({ ...withAuth(), disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
    await deliver(emailConfig(server.port, { security: 'none', auth }));
    expect(server.mails).toMatchObject([{ user: 'monitor', secure: false }]);
  });

  test.each(['starttls', 'tls'] as const)('%s: verified', async (security) => {
    const server = await smtp({ ...startTls(), secure: security === 'tls' });
    const email = emailConfig(server.port, { security, ca: certificates.ca });
    expect(await deliver(email)).toMatchObject({ protection: 'TLSv1.3, certificate verified' });
    expect(await deliver({ ...email, host: 'localhost' })).toMatchObject({ outcome: { kind: 'delivered' } });
    expect(await deliver({ ...email, ca: undefined })).toMatchObject({ failure: 'certificate' });
    expect(server.mails).toMatchObject([{ secure: true }, { secure: true }]);
  });

  test.each(['starttls', 'tls'] as const)('%s: not with a certificate for another name', async (security) => {
    const server = await smtp({ ...startTls(), cert: certificates.otherCert, secure: security === 'tls' });
    const email = emailConfig(server.port, { security, ca: certificates.ca });
    expect(await deliver(email)).toMatchObject({ failure: 'certificate' });
  });

  test('starttls: required', async () => {
    const server = await smtp();
    expect(await deliver(emailConfig(server.port, { security: 'starttls' }))).toMatchObject({
      failure: 'no-starttls',
    });
  });

  test('tls: not with a server that speaks none', async () => {
    const server = await scripted({});
    expect(await deliver(emailConfig(server.port, { security: 'tls' }))).toMatchObject({ failure: 'tls' });
  });
});

describe('a server that is not there', () => {
  test('refuses', async () => {
    const port = await freePort();
    expect(await deliver(emailConfig(port))).toEqual({
      failure: 'refused',
      words: `127.0.0.1:${port} refuses the connection`,
    });
  });

  test('has a name that nobody knows', async () => {
    const email = emailConfig(25, { host: 'no-such-host.invalid' });
    expect(await deliver(email)).toMatchObject({ failure: 'name-not-found' });
  });
});

describe('the limit', () => {
  test.each<[string, Script, string]>([
    ['never greets', { GREETING: { silence: true } }, 'no greeting'],
    ['never answers EHLO', { EHLO: { silence: true } }, 'no answer to EHLO'],
    ['greets one byte at a time', { GREETING: { drip: '220 slow' } }, 'no greeting'],
    ['answers EHLO one byte at a time', { EHLO: { drip: '250-slow\r\n250-slow\r\n' } }, 'no answer to EHLO'],
  ])('ends the attempt at a server that %s', async (_, script, lacking) => {
    const server = await scripted(script);
    const delivered = deliver(emailConfig(server.port));
    await expect.poll(() => server.stuck, PATIENT).toHaveLength(1);
    system.strike(300_000);
    expect(await delivered).toEqual({
      failure: 'timed-out',
      words: `127.0.0.1:${server.port} timed out: ${lacking} within 5 min`,
    });
    await expect.poll(() => server.open(), PATIENT).toBe(0);
    expect(system.waits()).toEqual([]);
  });

  // RFC 5321, 4.5.3.2.
  test.each<[string, Script, number, string]>([
    ['MAIL', { MAIL: { silence: true } }, 300_000, 'no answer to MAIL within 5 min'],
    ['RCPT', { RCPT: { drip: '250 slow' } }, 300_000, 'no answer to RCPT within 5 min'],
    ['DATA', { DATA: { silence: true } }, 120_000, 'no answer to DATA within 2 min'],
    ['the message', { END: { silence: true } }, 600_000, 'no answer to the message within 10 min'],
    ['the message, byte by byte', { END: { drip: '250 slow' } }, 600_000, 'no answer to the message'],
  ])('ends a mail that gets no answer to %s', async (_, script, limit, words) => {
    const server = await scripted(script);
    const delivered = deliver(emailConfig(server.port));
    await expect.poll(() => server.stuck, PATIENT).toHaveLength(1);
    expect(system.waits()).toEqual([limit]);
    system.strike(limit);
    expect(await delivered).toMatchObject({
      outcome: {
        kind: 'disconnected',
        sent: limit === 600_000 ? 'all' : 'nothing',
        failure: { cause: 'timed-out', words: expect.stringContaining(words) },
      },
    });
    await expect.poll(() => server.open(), PATIENT).toBe(0);
  });

  test('is for each of several answers to commands that were sent at once', async () => {
    const [mail, rcpt] = [withResolvers(), withResolvers()];
    const server = await scripted({
      EHLO: '250-mail.example.com\r\n250 PIPELINING',
      MAIL: { later: mail.promise },
      RCPT: { later: rcpt.promise },
      DATA: '',
      END: { silence: true },
    });
    const delivered = deliver(emailConfig(server.port));
    await expect.poll(() => server.stuck, PATIENT).toEqual(['MAIL', 'RCPT']);
    expect(server.lines).toContain('DATA');
    expect(system.waits()).toEqual([300_000]);
    mail.resolve('250 ok');
    rcpt.resolve('250 ok');
    await expect.poll(() => system.waits(), PATIENT).toEqual([120_000]);
    system.strike(120_000);
    expect(await delivered).toMatchObject({
      outcome: { kind: 'disconnected', sent: 'nothing', failure: { cause: 'timed-out' } },
    });
  });

  test.each<[string, Script, string]>([
    ['answers DATA with 250 and reads the message as commands', { DATA: '250 ok' }, 'nothing'],
    ['gives an answer too many', { GREETING: '220 hello\r\n250 ok', DATA: '554 no' }, 'nothing'],
    ['answers the message with no code', { END: 'what is this' }, 'all'],
    ['answers the message with 354', { END: '354 go on' }, 'all'],
    ['answers the message with yes and no', { END: '250-queued\r\n554 5.7.1 spam' }, 'all'],
  ])('counts no mail as delivered or refused where the server %s', async (_, script, sent) => {
    const server = await scripted(script);
    expect(await deliver(emailConfig(server.port))).toMatchObject({
      outcome: { kind: 'disconnected', sent, failure: { cause: 'server-error', permanent: false } },
    });
    expect(server.messages).toHaveLength(sent === 'all' ? 1 : 0);
  });

  test('leaves the server its time after DATA', async () => {
    const answer = withResolvers();
    const server = await scripted({ END: { later: answer.promise } });
    const delivered = deliver(emailConfig(server.port));
    await expect.poll(() => server.stuck, PATIENT).toHaveLength(1);
    expect(system.waits()).toEqual([600_000]);
    answer.resolve('250 at last');
    expect(await delivered).toMatchObject({ outcome: { kind: 'delivered', reply: '250 at last' } });
  });

  test('leaves it three minutes to receive the message itself', async () => {
    const server: ScriptedServer = await scripted({
      MIDDLE: () => {
        server.pause();
        return { silence: true };
      },
    });
    const email = emailConfig(server.port);
    const opened = await openSession(email, { system, redact: noRedact, secureContext: bundled }, never);
    if (!opened.ok) throw new Error('no session');
    const raw = `${'x'.repeat(998)}\r\n`.repeat(16_000);
    const outcome = opened.value.send({ from: 'a@example.com', recipients: ['b@example.com'], raw });
    await expect.poll(() => system.waits(), PATIENT).toEqual([180_000]);
    system.strike(180_000);
    expect(await outcome).toMatchObject({
      kind: 'disconnected',
      sent: 'part',
      failure: { words: expect.stringContaining('no room for the message within 3 min') },
    });
  });

  test('is told to a person who watches once it has lasted 5 s', async () => {
    const greeting = withResolvers();
    const server = await scripted({ GREETING: { later: greeting.promise }, END: { silence: true } });
    const email = emailConfig(server.port);
    const told: string[] = [];
    const stop = new AbortController();
    const parts = { system, redact: noRedact, secureContext: bundled };
    const onLongWait = (words: string) => void told.push(words);
    const opening = openSession(email, { ...parts, onLongWait }, stop.signal);
    await expect.poll(() => server.stuck, PATIENT).toEqual(['GREETING']);
    system.strike(5000);
    await expect.poll(() => told, PATIENT).toHaveLength(1);
    greeting.resolve('220 at last');
    const opened = await opening;
    if (!opened.ok) throw new Error('no session');
    const outcome = opened.value.send({ from: 'a@example.com', recipients: ['b@example.com'], raw: 'x' });
    await expect.poll(() => server.stuck, PATIENT).toEqual(['GREETING', 'END']);
    system.strike(5000);
    await expect.poll(() => told, PATIENT).toHaveLength(2);
    stop.abort();
    expect(await outcome).toMatchObject({ kind: 'disconnected', sent: 'all' });
    expect(system.waits()).toEqual([]);
    expect(told).toEqual([
      `127.0.0.1:${server.port} is slow: waiting up to 5 min for its greeting`,
      `127.0.0.1:${server.port} is slow: waiting up to 10 min for its answer to the message`,
    ]);
  });

  test('for a good-bye is a second', async () => {
    const server = await scripted({ QUIT: { silence: true } });
    const delivered = deliver(emailConfig(server.port));
    await expect.poll(() => server.stuck, PATIENT).toHaveLength(1);
    system.strike(1000);
    expect(await delivered).toMatchObject({ outcome: { kind: 'delivered' } });
    await expect.poll(() => server.open(), PATIENT).toBe(0);
  });
});

describe('only what the server offers is used', () => {
  const plain = (server: ScriptedServer) => emailConfig(server.port, { security: 'none', auth });

  test.each([
    [
      'AUTH XOAUTH2 OAUTHBEARER',
      'the server offers only XOAUTH2 and OAUTHBEARER, which this program does not know',
    ],
    ['AUTH=GSSAPI', 'the server offers only GSSAPI, which this program does not know'],
    [
      'auth ntlm gssapi scram-sha-256',
      'the server offers only NTLM, GSSAPI and SCRAM-SHA-256, which this program does not know',
    ],
    ['SIZE 1000', 'the server offers no authentication'],
    ['AUTH', 'the server offers no authentication'],
  ])('of a server with %j the password is not sent', async (line, words) => {
    const server = await scripted({ EHLO: `250-mail.example.com\r\n250 ${line}` });
    expect(await deliver(plain(server))).toEqual({ failure: 'no-authentication', words });
    expect(server.lines.map((each) => each.split(' ')[0])).not.toContain('AUTH');
  });

  test.each(['AUTH PLAIN', 'AUTH=LOGIN', 'AUTH XOAUTH2 CRAM-MD5 GSSAPI'])(
    '%s is one that it knows',
    async (line) => {
      const server = await scripted({ EHLO: `250-mail.example.com\r\n250 ${line}`, AUTH: '535 no' });
      expect(await deliver(plain(server))).toMatchObject({ failure: 'authentication' });
      const [, mechanism = ''] = /([A-Z0-9-]+)$/.exec(line.replace(' GSSAPI', '')) ?? [];
      expect(server.lines.find((each) => each.startsWith('AUTH'))).toContain(`AUTH ${mechanism}`);
    },
  );

  const UTF8 = '250-mail.example.com\r\n250 SMTPUTF8';
  const [joerg, noc, domain] = ['jörg@example.com', 'noc@example.com', 'noc@münchen.example'].map(mailbox);
  if (!joerg || !noc || !domain) throw new Error('no addresses');
  const refused = 'the server does not take addresses with such letters (SMTPUTF8): jörg@example.com';

  test('an address with letters beyond ASCII goes only to a server with SMTPUTF8', async () => {
    const server = await scripted({ EHLO: UTF8 });
    expect(await deliver(emailConfig(server.port, { to: [joerg] }))).toMatchObject({
      outcome: { kind: 'delivered', refused: [] },
    });
    expect(server.lines).toContainEqual(expect.stringMatching(/^MAIL FROM:.* SMTPUTF8/));
    const strict = await scripted({});
    expect(await deliver(emailConfig(strict.port, { to: [joerg] }))).toMatchObject({
      outcome: { kind: 'refused', failure: { words: refused, setting: 'logging.email.to', permanent: true } },
    });
    expect(strict.lines.filter((line) => /^(?:MAIL|RCPT)/.test(line))).toEqual([]);
  });

  test('it holds up no other recipient, and stands in no header that goes to one', async () => {
    const server = await scripted({});
    expect(await deliver(emailConfig(server.port, { to: [joerg, noc] }))).toMatchObject({
      outcome: {
        kind: 'delivered',
        refused: [{ recipient: 'jörg@example.com', failure: { words: refused } }],
      },
    });
    expect(server.lines.filter((line) => line.startsWith('RCPT'))).toEqual(['RCPT TO:<noc@example.com>']);
    expect(server.accepted[0]).toMatch(/^To: noc@example\.com\r?$/m);
    expect(server.accepted[0]).not.toMatch(/[^\0-\x7f]/);
  });

  test('a sender with such letters is refused by a server without SMTPUTF8', async () => {
    const server = await scripted({});
    expect(await deliver(emailConfig(server.port, { from: joerg }))).toMatchObject({
      outcome: { kind: 'refused', failure: { cause: 'sender-rejected', setting: 'logging.email.from' } },
    });
    expect(server.lines.filter((line) => /^(?:MAIL|RCPT)/.test(line))).toEqual([]);
  });

  test('a domain with such letters is sent in its ASCII form, to any server', async () => {
    const server = await scripted({ RCPT: (line) => (line.includes('xn--') ? '550 unknown' : '250 ok') });
    expect(await deliver(emailConfig(server.port, { to: [domain, noc] }))).toMatchObject({
      outcome: { kind: 'delivered', refused: [{ recipient: 'noc@münchen.example' }] },
    });
    expect(server.lines.filter((line) => line.startsWith('RCPT'))).toEqual([
      'RCPT TO:<noc@xn--mnchen-3ya.example>',
      'RCPT TO:<noc@example.com>',
    ]);
  });
});

describe('a mail that the server does not take', () => {
  test.each<[string, Script, string]>([
    ['MAIL', { MAIL: '550 who are you' }, 'sender-rejected true'],
    ['MAIL for now', { MAIL: '451 later' }, 'sender-rejected false'],
    ['RCPT', { RCPT: '550 unknown' }, 'recipient-rejected true'],
    ['RCPT for now', { RCPT: '450 later' }, 'recipient-rejected false'],
    ['DATA', { DATA: '554 no' }, 'message-rejected true'],
    ['the message', { END: '554 spam' }, 'message-rejected true'],
    ['the message for now', { END: '452 full' }, 'message-rejected false'],
    ['the message for its size', { EHLO: '250-hi\r\n250 SIZE 100' }, 'message-rejected true'],
  ])('is refused: %s', async (_, script, expected) => {
    const server = await scripted(script);
    const { outcome } = await deliver(emailConfig(server.port));
    if (outcome?.kind !== 'refused') throw new Error(`not refused: ${JSON.stringify(outcome)}`);
    expect(`${outcome.failure.cause} ${outcome.failure.permanent}`).toBe(expected);
  });

  test.each<[string, Script, string]>([
    ['MAIL', { MAIL: { drop: true } }, 'nothing'],
    ['RCPT', { RCPT: { drop: true } }, 'nothing'],
    ['DATA', { DATA: { drop: true } }, 'nothing'],
    ['the message', { END: { drop: true } }, 'all'],
    ['MAIL with 421', { MAIL: '421 shutting down' }, 'nothing'],
    // It says that it has not taken it.
    ['the message with 421', { END: '421 shutting down' }, 'part'],
  ])('is lost with the connection: %s', async (_, script, sent) => {
    const server = await scripted(script);
    expect(await deliver(emailConfig(server.port))).toMatchObject({
      outcome: { kind: 'disconnected', sent },
    });
  });

  test('is taken for some of its recipients', async () => {
    const server = await scripted({
      RCPT: (line) => (line.includes('gone') ? '550 gone' : line.includes('full') ? '452 full' : '250 ok'),
    });
    const to = [
      mailbox('gone@example.com'),
      mailbox('noc@example.com'),
      mailbox('full@example.com'),
    ] as const;
    const { outcome } = await deliver(emailConfig(server.port, { to }));
    expect(outcome).toMatchObject({
      kind: 'delivered',
      refused: [
        { recipient: 'gone@example.com', failure: { permanent: true } },
        { recipient: 'full@example.com', failure: { permanent: false } },
      ],
    });
  });
});

test('an address with line breaks says no word to the server', async () => {
  const server = await scripted({});
  const email = emailConfig(server.port);
  const opened = await openSession(email, { system, redact: noRedact, secureContext: bundled }, never);
  if (!opened.ok) throw new Error('no session');
  const evil = 'a@example.com>\r\nRCPT TO:<evil@example.com';
  const outcome = await opened.value.send({ from: 'a@example.com', recipients: [evil], raw: 'x' });
  await opened.value.close();
  expect(outcome).toMatchObject({ kind: 'refused', failure: { permanent: true } });
  expect(server.lines.filter((line) => /^(?:MAIL|RCPT|DATA)/.test(line))).toEqual([]);
});

test('a stop ends the session at once', async () => {
  const server = await scripted({ END: { silence: true } });
  const stop = new AbortController();
  const email = emailConfig(server.port);
  const opened = await openSession(email, { system, redact: noRedact, secureContext: bundled }, stop.signal);
  if (!opened.ok) throw new Error('no session');
  const outcome = opened.value.send({ from: 'a@example.com', recipients: ['b@example.com'], raw: 'x\r\n' });
  await expect.poll(() => server.messages.length, PATIENT).toBe(1);
  stop.abort();
  expect(await outcome).toMatchObject({ kind: 'disconnected', failure: { cause: 'stopped' } });
  await expect.poll(() => server.open(), PATIENT).toBe(0);
  const again = await openSession(email, { system, redact: noRedact, secureContext: bundled }, stop.signal);
  expect(again).toMatchObject({ ok: false, why: { cause: 'stopped' } });
});
