import fs from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { testMail } from '../../src/commands/test-mail.ts';
import { openMailSink } from '../../src/demo/mail-sink.ts';
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
  expect(await testMail(common(home), shell)).toBe(0);
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
  expect(await testMail(common(home), shell)).toBe(1);
  expect(shell.screen.stdout()).toMatch(/^sent /);
  expect(shell.screen.stdout()).toMatch(/\nnot sent to unknown@example\.com: .*no such user here.*\n$/);
});

test('a server that does not answer: why, and which setting to check', async () => {
  const home = homeWithMail(1);
  const shell = createShell(home);
  expect(await testMail(common(home), shell)).toBe(1);
  expect(shell.screen.stdout()).toBe('');
  expect(shell.screen.stderr()).toMatch(/^not sent: .+\nto fix it, check logging\.email\.server\n$/);
});

test('a server that does not take the mail now: no setting is wrong', async () => {
  const server = await startScriptedServer({ RCPT: '450 4.2.0 greylisted, try again in 300 s' });
  onTestFinished(() => server.close());
  const home = homeWithMail(server.port);
  const shell = createShell(home);
  expect(await testMail(common(home), shell)).toBe(1);
  expect(shell.screen.stderr()).toBe(
    'not sent: the server does not take the mail now: 450 4.2.0 greylisted, try again in 300 s\ntry again later\n',
  );
});

test('a server that never greets is waited for until a signal', async () => {
  const server = await startScriptedServer({ GREETING: { silence: true } });
  onTestFinished(() => server.close());
  const home = homeWithMail(server.port);
  const shell = createShell(home);
  const running = testMail(common(home), shell);
  await expect.poll(() => server.stuck, PATIENT).toEqual(['GREETING']);
  shell.signals.emit('SIGINT', 'SIGINT');
  expect(await running).toBe(130);
  expect(shell.screen.stderr()).toBe('interrupted\n');
});

test('without a mail server in the config nothing is sent', async () => {
  const home = createHome();
  const shell = createShell(home);
  expect(await testMail(common(home), shell)).toBe(1);
  expect(shell.screen.stderr()).toContain('not sent: logging.email is not set');
});

test('a wrong config is status 2', async () => {
  const home = createHome({ site1: 'works' }, { frequency: '0' });
  const shell = createShell(home);
  expect(await testMail(common(home), shell)).toBe(2);
  expect(shell.screen.stderr()).toContain('frequency');
});
