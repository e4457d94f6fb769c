import http, { type IncomingHttpHeaders, type Server } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { openServer } from '../../src/metrics/server.ts';
import { DONE, failed, type Result } from '../../src/model/result.ts';
import { freePort } from '../support/scripted-smtp-server.ts';

const TEXT = '# HELP a_total How many.\n# TYPE a_total counter\na_total 1\n\n';
const CLOSED: (Server | Socket)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const each of CLOSED.splice(0)) 'destroy' in each ? each.destroy() : each.close();
});

let health: Result;
async function serve(text = async () => TEXT): Promise<number> {
  health = DONE;
  const opened = await openServer({ host: '127.0.0.1', port: 0 }, { text, health: () => health });
  if (!opened.ok) throw new Error(opened.why);
  CLOSED.push(opened.value);
  return (opened.value.address() as AddressInfo).port;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(port: number, path: string, method = 'GET', headers: Record<string, string> = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', path, method, headers, agent: false });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.end();
  });
}

/** A connection, and what came over it until it was closed. */
function connect(port: number): { socket: Socket; connected: Promise<void>; closed: Promise<string> } {
  const socket = net.connect(port, '127.0.0.1');
  CLOSED.push(socket);
  let text = '';
  socket.on('data', (part) => (text += part));
  socket.on('error', () => undefined);
  return {
    socket,
    connected: new Promise((resolve) => socket.once('connect', () => resolve())),
    closed: new Promise((resolve) => socket.once('close', () => resolve(text))),
  };
}

const OPEN_METRICS = '# HELP a How many.\n# TYPE a counter\na_total 1\n# EOF\n';
const PLAIN = 'text/plain; charset=utf-8';
const FORMAT = 'text/plain; version=0.0.4; charset=utf-8';
const NOT_FOUND = 'not found: there are /metrics, /healthz and /readyz\n';

test.each([
  ['GET', '/metrics', 200, FORMAT, TEXT],
  ['GET', '/metrics?x=1', 200, FORMAT, TEXT],
  ['GET', '/healthz', 200, PLAIN, 'alive\n'],
  ['GET', '/readyz', 200, PLAIN, 'ready\n'],
  ['HEAD', '/metrics', 200, FORMAT, ''],
  ['HEAD', '/', 404, PLAIN, ''],
  ['GET', '/', 404, PLAIN, NOT_FOUND],
  ['GET', '/metrics/', 404, PLAIN, NOT_FOUND],
  ['GET', '//metrics', 404, PLAIN, NOT_FOUND],
  ['POST', '/metrics', 405, PLAIN, 'only GET and HEAD\n'],
  ['OPTIONS', '*', 405, PLAIN, 'only GET and HEAD\n'],
])('%s %s is answered with %i, and the connection is closed', async (method, path, status, type, text) => {
  const answer = await ask(await serve(), path, method);
  expect(answer).toMatchObject({ status, text });
  expect(answer.headers).toMatchObject({ 'content-type': type, connection: 'close' });
  if (method === 'HEAD') expect(Number(answer.headers['content-length'])).toBeGreaterThan(0);
});

test('OpenMetrics for who asks for it', async () => {
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
  const answer = await ask(await serve(), '/metrics', 'GET', { accept });
  expect(answer).toMatchObject({ status: 200, text: OPEN_METRICS });
  expect(answer.headers).toMatchObject({
    'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    vary: 'Accept',
  });
});

test('a stuck loop is alive but not ready, and the page says why', async () => {
  const port = await serve();
  health = failed('no progress for 500 s');
  expect(await ask(port, '/readyz')).toMatchObject({ status: 503, text: 'no progress for 500 s\n' });
  expect(await ask(port, '/healthz')).toMatchObject({ status: 200 });
});

test('figures that fail are an answer too', async () => {
  const port = await serve(async () => Promise.reject(new Error('a bug')));
  expect(await ask(port, '/metrics')).toMatchObject({ status: 500, text: 'a bug\n' });
});

test('too long a header and what is no HTTP are refused', async () => {
  const port = await serve();
  expect(await ask(port, '/metrics', 'GET', { 'x-long': 'x'.repeat(9000) })).toMatchObject({ status: 431 });
  const { socket, closed } = connect(port);
  socket.write('\x16\x03\x01 GET\r\n\r\n');
  expect(await closed).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
});

test('a connection ends with its answer, whatever else it sends', async () => {
  const { socket, closed } = connect(await serve());
  socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n');
  socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
  expect((await closed).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(1);
});

test('connections that say nothing, or not enough, are closed after 10 s and take no more than their places', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const port = await serve();
  const slow = Array.from({ length: 16 }, () => connect(port));
  for (const { connected, socket } of slow) {
    await connected;
    socket.write('GET /metrics HTTP/1.1\r\nX-Slow: ');
  }
  // The next is turned away, unheard.
  expect(await connect(port).closed).toBe('');
  vi.advanceTimersByTime(9999);
  slow[0]?.socket.write('x');
  expect(slow.some(({ socket }) => socket.destroyed)).toBe(false);
  vi.advanceTimersByTime(1);
  for (const { closed } of slow) await closed;
  expect(await ask(port, '/healthz')).toMatchObject({ status: 200 });
});

test('an address that can not be used is a failure', async () => {
  const port = await serve();
  const pages = { text: async () => TEXT, health: () => DONE };
  expect(await openServer({ host: '127.0.0.1', port }, pages)).toEqual({
    ok: false,
    why: `can't listen on 127.0.0.1:${port}: address already in use (EADDRINUSE)`,
  });
  expect(await openServer({ host: '192.0.2.1', port }, pages)).toEqual({
    ok: false,
    why: `can't listen on 192.0.2.1:${port}: address not available (EADDRNOTAVAIL)`,
  });
});

test('without an address it listens on all of this host', async () => {
  const port = await freePort();
  const opened = await openServer({ host: undefined, port }, { text: async () => TEXT, health: () => DONE });
  if (!opened.ok) throw new Error(opened.why);
  CLOSED.push(opened.value);
  expect(await ask(port, '/healthz')).toMatchObject({ status: 200 });
});
