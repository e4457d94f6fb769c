import { afterEach, describe, expect, test } from 'vitest';
import { checkMailServer, type TrialParts, testMail } from '../../../src/alerts/mail/trial-mail.ts';
import type { EmailConfig } from '../../../src/config/config.ts';
import { failed, good } from '../../../src/model/result.ts';
import { never } from '../../support/never.ts';
import {
  DROP,
  freePort,
  type Script,
  type ScriptedServer,
  SILENCE,
  startScriptedServer,
} from '../../support/scripted-smtp-server.ts';
import { PATIENT } from '../../support/until.ts';
import { config, emailConfig, mailbox, noRedact, testSystem } from '../support.ts';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function start(script: Script = {}): Promise<ScriptedServer> {
  const server = await startScriptedServer(script);
  servers.push(server);
  return server;
}

const system = testSystem();
const parts: TrialParts = {
  system,
  redact: noRedact,
  version: '1.0.0',
  onLongWait: () => undefined,
};
const send = (port: number, more: Partial<EmailConfig> = {}) =>
  testMail(config(emailConfig(port, more)), parts, never);
const check = (port: number, more: Partial<EmailConfig> = {}) =>
  checkMailServer(emailConfig(port, more), parts, never);

describe('a test notification', () => {
  test('is sent at once, and the last reply is told', async () => {
    const server = await start();
    expect(await send(server.port)).toEqual(
      good({ reply: '250 queued as 4711', refused: [], protection: 'plain text', warnings: [] }),
    );
    expect(server.accepted[0]).toContain('Subject: vpn-monitor on monitor1: test notification\r\n');
  });

  test('tells who is refused', async () => {
    const server = await start({ RCPT: (line) => (line.includes('gone') ? '550 no such user' : '250 ok') });
    expect(
      await send(server.port, { to: [mailbox('gone@example.com'), mailbox('noc@example.com')] }),
    ).toMatchObject({
      ok: true,
      value: { refused: [{ recipient: 'gone@example.com', failure: { cause: 'recipient-rejected' } }] },
    });
  });

  test.each<[string, Script, string, string | null]>([
    ['refuses the recipients', { RCPT: '550 no such user' }, 'recipient-rejected', 'logging.email.to'],
    ['refuses the sender', { MAIL: '550 no' }, 'sender-rejected', 'logging.email.from'],
    ['refuses the message', { END: '554 spam' }, 'message-rejected', null],
    ['closes', { GREETING: DROP }, 'closed', 'logging.email.server'],
  ])('is not sent by a server that %s', async (_, script, cause, setting) => {
    const server = await start(script);
    expect(await send(server.port)).toMatchObject({ ok: false, why: { cause, setting } });
  });

  test('is not sent by a server that never answers, and who waits is told why', async () => {
    const server = await start({ GREETING: SILENCE });
    const told: string[] = [];
    const watched = { ...parts, onLongWait: (words: string) => void told.push(words) };
    const sent = testMail(config(emailConfig(server.port)), watched, never);
    await expect.poll(() => server.stuck, PATIENT).toHaveLength(1);
    system.strike(5000);
    await expect
      .poll(() => told, PATIENT)
      .toEqual([`127.0.0.1:${server.port} is slow: waiting up to 5 min for its greeting`]);
    system.strike(300_000);
    expect(await sent).toMatchObject({
      ok: false,
      why: { cause: 'timed-out', setting: 'logging.email.server' },
    });
  });

  test('needs a server', async () => {
    expect(await send(await freePort())).toMatchObject({ ok: false, why: { cause: 'refused' } });
    expect(await testMail(config(undefined), parts, never)).toEqual(
      failed({
        cause: 'not-configured',
        words: 'logging.email is not set: no mail is sent',
        setting: 'logging.email',
        permanent: true,
      }),
    );
  });
});

describe('a visit to the mail server', () => {
  test('finds it fit, and leaves without a mail', async () => {
    const server = await start();
    expect(await check(server.port)).toEqual(good({ protection: 'plain text', warnings: [] }));
    expect(server.lines).toEqual(['EHLO [127.0.0.1]', 'QUIT']);
  });

  test('tells what should be mended', async () => {
    const server = await start({ EHLO: '250-hi\r\n250 STARTTLS', STARTTLS: '454 not now' });
    expect(await check(server.port)).toEqual(
      good({
        protection: 'plain text',
        warnings: ['the mail server refuses its own STARTTLS, plain text is used (454 not now)'],
      }),
    );
  });

  test('finds it unfit', async () => {
    const server = await start({ EHLO: '554 no', HELO: '554 no' });
    expect(await check(server.port)).toMatchObject({
      ok: false,
      why: { words: 'the server answers: 554 no' },
    });
    expect(await check(await freePort())).toMatchObject({ ok: false, why: { cause: 'refused' } });
    expect(await check(server.port, { security: 'starttls' })).toMatchObject({ ok: false });
  });

  test('says the full name of this host, where it has one', async () => {
    const server = await start();
    const system = { ...parts.system, hostname: 'monitor1.example.com' };
    await checkMailServer(emailConfig(server.port), { ...parts, system }, never);
    expect(server.lines[0]).toBe('EHLO monitor1.example.com');
  });
});
