import fs from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testNotify } from '../../src/commands/test-notify.ts';
import { openMailSink } from '../../src/demo/mail-sink.ts';
import { startReceiver } from '../support/http-receiver.ts';
import { startRealServer } from '../support/real-smtp-server.ts';
import { startScriptedServer } from '../support/scripted-smtp-server.ts';
import { PATIENT } from '../support/until.ts';
import { common, createHome, createShell } from './support.ts';

function homeWithMail(port: number, to = 'noc@example.com') {
  const email = `{ server: '127.0.0.1:${port}', security: none, from: monitor@example.com, to: [${to}] }`;
  return createHome({ site1: 'works' }, { logging: `{ dir: results, file: result, email: ${email} }` });
}

/** A mail server that refuses the recipients whose address holds `unknown`. */
async function pickyServer(): Promise<number> {
  const server = await startRealServer({
    onRcptTo: ({ address }, _session, done) =>
      done(address.includes('unknown') ? new Error('no such user here') : undefined),
  });
  onTestFinished(server.close);
  return server.port;
}

test('one notification is sent, and the reply printed', async () => {
  const folder = createHome().at('mails');
  const sink = await openMailSink(folder, fs);
  onTestFinished(() => sink.close());
  const home = homeWithMail(sink.port);
  const shell = createShell(home);
  expect(await testNotify(common(home), shell)).toBe(0);
  expect(shell.screen.stdout()).toMatch(/^sent \(plain text\); the server replied: 250 .+\n$/);
  expect(shell.screen.stderr()).toBe('');
  expect(sink.mails).toHaveLength(1);
  const mail = fs.readFileSync(sink.mails[0] ?? '', 'utf8');
  expect(mail).toContain('To: noc@example.com');
  expect(mail).toContain('vpn-monitor 1.2.3');
  // Nothing of a test remains to be sent by a monitor.
  expect(fs.existsSync(home.at('results'))).toBe(false);
  expect(shell.signals.eventNames()).toEqual([]);
});

test('a recipient that the server refuses is named, and is status 1', async () => {
  const home = homeWithMail(await pickyServer(), 'noc@example.com, unknown@example.com');
  const shell = createShell(home);
  expect(await testNotify(common(home), shell)).toBe(1);
  expect(shell.screen.stdout()).toMatch(/^sent /);
  expect(shell.screen.stdout()).toMatch(/\nnot sent to unknown@example\.com: .*no such user here.*\n$/);
});

test('a server that does not answer: why, and which setting to check', async () => {
  const home = homeWithMail(1);
  const shell = createShell(home);
  expect(await testNotify(common(home), shell)).toBe(1);
  expect(shell.screen.stdout()).toBe('');
  expect(shell.screen.stderr()).toMatch(/^not sent: .+\nto fix it, check logging\.email\.server\n$/);
});

test('a server that does not take the mail now: no setting is wrong', async () => {
  const server = await startScriptedServer({ RCPT: '450 4.2.0 greylisted, try again in 300 s' });
  onTestFinished(() => server.close());
  const home = homeWithMail(server.port);
  const shell = createShell(home);
  expect(await testNotify(common(home), shell)).toBe(1);
  expect(shell.screen.stderr()).toBe(
    'not sent: the server does not take the mail now: 450 4.2.0 greylisted, try again in 300 s\ntry again later\n',
  );
});

test('a server that never greets is waited for until a signal', async () => {
  const server = await startScriptedServer({ GREETING: { silence: true } });
  onTestFinished(() => server.close());
  const home = homeWithMail(server.port);
  const shell = createShell(home);
  const running = testNotify(common(home), shell);
  await expect.poll(() => server.stuck, PATIENT).toEqual(['GREETING']);
  shell.signals.emit('SIGINT', 'SIGINT');
  expect(await running).toBe(130);
  expect(shell.screen.stderr()).toBe('interrupted\n');
});

test('without a mail server in the config nothing is sent', async () => {
  const home = createHome();
  const shell = createShell(home);
  expect(await testNotify(common(home), shell)).toBe(1);
  expect(shell.screen.stderr()).toContain('not sent: logging.email is not set');
});

test('a wrong config is status 2', async () => {
  const home = createHome({ site1: 'works' }, { frequency: '0' });
  const shell = createShell(home);
  expect(await testNotify(common(home), shell)).toBe(2);
  expect(shell.screen.stderr()).toContain('frequency');
});

describe('channels', () => {
  /** A home whose config has these channels beside the simulated site. */
  const homeWith = (channels: string, logging = '{ dir: results, file: result }') =>
    createHome({ site1: 'works' }, { channels, logging });

  test('all of them are tried, each with its name, and one that fails does not keep the others from it', async () => {
    const receiver = await startReceiver();
    const home = homeWith(
      `[{ name: away, webhook: { url: "http://127.0.0.1:1/t0p" } }, { name: chat, webhook: { url: "${receiver.url}" } }]`,
    );
    const shell = createShell(home);
    expect(await testNotify(common(home), shell)).toBe(1);
    expect(shell.screen.stdout()).toBe('chat: sent; the receiver replied: 200 OK\n');
    expect(shell.screen.stderr()).toBe(
      'away: not sent: the connection is refused\naway: to fix it, check channels.away.webhook\n',
    );
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      type: 'vpn.test',
      subject: expect.stringMatching(/^vpn-monitor on .+: test notification$/),
      text: expect.stringMatching(/ can send to its channel chat: /),
    });
  });

  test('one of them is tried by its name', async () => {
    const receiver = await startReceiver();
    const home = homeWith(
      `[{ name: away, webhook: { url: "http://127.0.0.1:1/" } }, { name: chat, webhook: { url: "${receiver.url}" } }]`,
    );
    const shell = createShell(home);
    expect(await testNotify({ ...common(home), channel: 'chat' }, shell)).toBe(0);
    expect(shell.screen.stdout()).toBe('sent; the receiver replied: 200 OK\n');
    expect(shell.screen.stderr()).toBe('');
  });

  test('a mail channel is tried as logging.email is', async () => {
    const server = await startScriptedServer({});
    onTestFinished(() => server.close());
    const mail = `{ server: '127.0.0.1:${server.port}', security: none, from: a@example.com, to: boss@example.com }`;
    const home = homeWith(`[{ name: managers, mail: ${mail} }]`);
    const shell = createShell(home);
    expect(await testNotify({ ...common(home), channel: 'managers' }, shell)).toBe(0);
    expect(shell.screen.stdout()).toMatch(/^sent \(plain text\); the server replied: 250/);
    expect(server.accepted[0]).toContain('To: boss@example.com');
  });

  test('a mail channel whose server is away names its own key', async () => {
    const home = homeWith(
      "[{ name: managers, mail: { server: '127.0.0.1:1', security: none, from: a@example.com, to: b@example.com } }]",
    );
    const shell = createShell(home);
    expect(await testNotify(common(home), shell)).toBe(1);
    expect(shell.screen.stderr()).toMatch(/\nto fix it, check channels\.managers\.mail\.server\n$/);
  });

  test('one that is not there: which there are, 2', async () => {
    const home = homeWith('[{ name: chat, command: { run: [/bin/true] } }]');
    const shell = createShell(home);
    expect(await testNotify({ ...common(home), channel: 'chatt' }, shell)).toBe(2);
    expect(shell.screen.stderr()).toBe(
      'error: the config has no channel chatt, did you mean chat? (it has chat)\n',
    );
  });
});
