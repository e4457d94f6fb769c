import { createHmac } from 'node:crypto';
import http, { type IncomingHttpHeaders } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { DONE, failed } from '../../src/model/result.ts';
import { Followers } from '../../src/web/followers.ts';
import { Gatekeeper } from '../../src/web/gatekeeper.ts';
import { createPageServer, listenAt, type PageRoutes, plainAnswer } from '../../src/web/page-server.ts';

/** Answers with the path that it was asked for. */
const ECHO: PageRoutes = {
  answer: async ({ path, query }) => plainAnswer(200, `${JSON.stringify(path)} ${query}`),
  follow: () => failed('too many'),
};

interface Served {
  readonly password?: string;
  readonly names?: readonly string[];
  readonly routes?: PageRoutes;
}

async function serve({ password, names, routes = ECHO }: Served = {}): Promise<number> {
  const key = Buffer.from('key');
  const digest = createHmac('sha256', key)
    .update(password ?? '')
    .digest('base64');
  const gatekeeper = new Gatekeeper(
    password === undefined ? null : { key: key.toString('base64'), digest },
    () => 0,
  );
  const guard = { gatekeeper, names: names ?? null, hostname: 'mon1' };
  const server = createPageServer(guard, routes);
  expect(await listenAt(server, { host: '127.0.0.1', port: 0 })).toEqual(DONE);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(port: number, path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<Answer>((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', path, method, headers, agent: false });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.end();
  });
}

/** What comes back for bytes that no HTTP client would send. */
function send(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (part) => {
      text += part;
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(text));
    socket.write(bytes);
  });
}

test('every answer is for this page alone, and the connection is closed', async () => {
  const { status, headers, text } = await ask(await serve(), '/site/a?x=1');
  expect({ status, text }).toEqual({ status: 200, text: '["site","a"] x=1\n' });
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    connection: 'close',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
  const answer = await ask(await serve(), '/', {}, method);
  expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
});

test('HEAD has the head alone', async () => {
  const { status, headers, text } = await ask(await serve(), '/', {}, 'HEAD');
  expect({ status, text }).toEqual({ status: 200, text: '' });
  expect(Number(headers['content-length'])).toBeGreaterThan(0);
});

test.each([
  ['evil.example', 421],
  ['localhost.evil.example', 421],
  ['localhost', 200],
  ['mon1:8069', 200],
])('the host %j gets %i', async (host, status) => {
  expect(await ask(await serve(), '/', { host })).toMatchObject({ status });
});

test('only the names of the config are answered', async () => {
  const port = await serve({ names: ['status.example.com'] });
  expect(await ask(port, '/', { host: 'status.example.com' })).toMatchObject({ status: 200 });
  expect(await ask(port, '/', { host: 'localhost' })).toMatchObject({ status: 421 });
});

test.each([
  ['/site/..%2f..%2fetc%2fpasswd', 200, '["site","../../etc/passwd"] \n'],
  ['/../../etc/passwd', 200, '["..","..","etc","passwd"] \n'],
  ['/site/%00', 200, '["site","\\u0000"] \n'],
  ['/site/%ff', 400, 'not a path of this server\n'],
  ['/site/a#b', 400, 'not a path of this server\n'],
  ['*', 400, 'not a path of this server\n'],
])('%s is a path and no more', async (path, status, text) => {
  expect(await ask(await serve(), path)).toMatchObject({ status, text });
});

test('a request to a proxy is none for us', async () => {
  const text = await send(
    await serve(),
    'GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
  );
  expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
});

test.each([
  ['/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
  ['/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
  ['/report', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 403],
  ['/report', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' }, 200],
])('%s, asked for by a browser as %j, gets %i', async (path, headers, status) => {
  expect(await ask(await serve(), path, headers)).toMatchObject({ status });
});

const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`x:${password}`).toString('base64')}`,
});

test('a password is asked for, everywhere, and few are tried', async () => {
  const port = await serve({ password: 'right one' });
  for (const path of ['/', '/api/status', '/api/events', '/report']) {
    expect(await ask(port, path)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="vpn-monitor", charset="UTF-8"' },
    });
  }
  expect(await ask(port, '/', basic('right one'))).toMatchObject({ status: 200 });
  for (let count = 0; count < 10; count += 1) {
    expect(await ask(port, '/', basic('wrong one'))).toMatchObject({ status: 401 });
  }
  expect(await ask(port, '/', basic('right one'))).toMatchObject({
    status: 429,
    headers: { 'retry-after': '600' },
  });
});

test('a name that is not served is not asked for a password', async () => {
  const port = await serve({ password: 'right one' });
  expect(await ask(port, '/', { host: 'evil.example', ...basic('right one') })).toMatchObject({
    status: 421,
  });
});

test('a page that fails is an answer, and so are too long headers', async () => {
  const port = await serve({ routes: { ...ECHO, answer: async () => Promise.reject(new Error('a bug')) } });
  expect(await ask(port, '/')).toMatchObject({ status: 500, text: 'a bug\n' });
  expect(await ask(port, '/', { 'x-long': 'x'.repeat(9000) })).toMatchObject({ status: 431 });
});

test('open pages are told what is new; more than 32 are asked to come again', async () => {
  let asked = 0;
  const followers = new Followers(() => {
    asked += 1;
  });
  const port = await serve({ routes: { ...ECHO, follow: (response) => followers.add(response) } });
  const told: string[] = [];
  const open = () =>
    new Promise<number>((resolve) => {
      const request = http.get({ port, host: '127.0.0.1', path: '/api/events', agent: false }, (response) => {
        response.setEncoding('utf8').on('data', (text) => told.push(text));
        resolve(response.statusCode ?? 0);
      });
      request.on('error', () => undefined);
      onTestFinished(() => {
        request.destroy();
      });
    });
  for (let count = 0; count < 32; count += 1) expect(await open()).toBe(200);
  expect(asked).toBe(32);
  expect(await open()).toBe(503);
  followers.tell({ number: 7 });
  await expect.poll(() => told.filter((text) => text === 'data: {"number":7}\n\n')).toHaveLength(32);
  expect(await ask(port, '/api/events', {}, 'HEAD')).toMatchObject({ status: 200 });
});

test('an address that is in use is a reason', async () => {
  const port = await serve();
  const guard = { gatekeeper: new Gatekeeper(null, () => 0), names: null, hostname: 'mon1' };
  expect(await listenAt(createPageServer(guard, ECHO), { host: '127.0.0.1', port })).toEqual({
    ok: false,
    why: `can't listen on 127.0.0.1:${port}: address already in use (EADDRINUSE)`,
  });
});
