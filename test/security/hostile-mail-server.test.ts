import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { testNotify } from '../../src/commands/test-notify.ts';
import { common, createHome, createShell } from '../commands/support.ts';
import { testCertificates } from '../support/real-smtp-server.ts';
import { startScriptedServer } from '../support/scripted-smtp-server.ts';

/** What moves, colours or fools a reader, but for ends of lines. */
const FOOLS = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** What `test-notify` says of a server on loopback; `more` are further keys of logging.email. */
async function said(port: number, more = 'security: none') {
  const email = `server: '127.0.0.1:${port}', from: monitor@example.com, to: noc@example.com, ${more}`;
  const home = createHome(
    { site1: 'works' },
    { logging: `{ dir: results, file: result, email: { ${email} } }` },
  );
  writeFileSync(home.at('ca.pem'), testCertificates().ca);
  const shell = createShell(home);
  const status = await testNotify(common(home), shell);
  return { status, text: shell.screen.stdout() + shell.screen.stderr() };
}

/** A server that does with each connection what a test says; `sent` counts what it could get rid of, in bytes. */
async function server(serve: (socket: Socket) => void): Promise<{ port: number; connections(): number }> {
  let connections = 0;
  const listening = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => void listening.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void listening.close(() => resolve())));
  return { port: (listening.address() as AddressInfo).port, connections: () => connections };
}

const EVIL = 'ok \x1b]0;pwned\x07\x1b[2J\u009b2J\u202e<script>\u2066 \x00end';

test.each([
  ['GREETING', '554'],
  ['EHLO', '550'],
  ['MAIL', '550'],
  ['RCPT', '550'],
  ['DATA', '554'],
  ['END', '554'],
  ['END', '250'],
])('what it says at %s (%s) fools no terminal', async (step, code) => {
  const scripted = await startScriptedServer({
    [step]: `${code}-${EVIL}\r\n${code} ${EVIL}`,
    HELO: `500 ${EVIL}`,
  });
  onTestFinished(() => scripted.close());
  const { status, text } = await said(scripted.port);
  expect(status).toBe(code === '250' ? 0 : 1);
  expect(text).toContain('end');
  expect(FOOLS.exec(text)?.[0].codePointAt(0)).toBeUndefined();
  expect(text.split('\n').every((line) => line.length < 500)).toBe(true);
});

test.each([
  ['a line without an end', 'x'.repeat(64 * 1024)],
  ['a reply without an end', '250-more\r\n'.repeat(8 * 1024)],
])('%s is cut off after a megabyte', async (_, flood) => {
  let taken = 0;
  const { port } = await server((socket) => {
    const pour = () => {
      while (!socket.destroyed && socket.write(flood)) taken += flood.length;
    };
    socket.on('drain', pour);
    pour();
  });
  const { status, text } = await said(port);
  expect(status).toBe(1);
  expect(text).toMatch(/^not sent: /);
  expect(text.length).toBeLessThan(1000);
  // What lies in buffers of the kernel is not ours.
  expect(taken).toBeLessThan(64 * 1024 * 1024);
});

test('a forwarding address is not followed', async () => {
  const other = await server((socket) => socket.destroy());
  const where = `<noc@[127.0.0.1]:${other.port}>`;
  const scripted = await startScriptedServer({
    RCPT: `551 not local, try ${where}`,
    GREETING: `220 go to ${where}`,
  });
  onTestFinished(() => scripted.close());
  const { status, text } = await said(scripted.port);
  expect(status).toBe(1);
  expect(text).toContain('551 not local');
  expect([scripted.connections, other.connections()]).toEqual([1, 0]);
});

test('what somebody in between puts before TLS is not taken for an answer within it', async () => {
  const { key, cert } = testCertificates();
  const lines: string[] = [];
  const { port } = await server((socket) => {
    socket.write('220 mail.example.com\r\n');
    socket.on('data', (data) => {
      if (String(data).startsWith('EHLO')) socket.write('250-mail.example.com\r\n250 STARTTLS\r\n');
      if (!String(data).startsWith('STARTTLS')) return;
      socket.removeAllListeners('data');
      // An answer to the EHLO that is yet to come: it says how a password is to be sent.
      socket.write('220 go on\r\n250-mail.example.com\r\n250 AUTH LOGIN\r\n', () => {
        const secure = new TLSSocket(socket, { isServer: true, key, cert });
        secure.on('error', () => undefined);
        secure.on('data', (line) => {
          lines.push(String(line).trim());
          secure.write(String(line).startsWith('EHLO') ? '250-me\r\n250 AUTH PLAIN\r\n' : '535 no\r\n');
        });
      });
    });
  });
  const { status, text } = await said(
    port,
    'security: starttls, ca: ca.pem, username: u, password: secret-of-mail',
  );
  expect(status).toBe(1);
  expect(text).toContain('rejects username and password: 535 no');
  expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'EHLO [127.0.0.1]',
    'AUTH PLAIN',
    ...lines.slice(2).map(() => 'QUIT'),
  ]);
});
