import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ask } from '../../src/targets/ask.ts';
import type { Question } from '../../src/targets/question.ts';
import certificates from '../fixtures/certificates.json' with { type: 'json' };

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** Reads the lab's authority as `ca.pem`, and nothing else. */
const readFile = (file: string) => {
  if (file === '/ca.pem') return certificates.ca;
  throw new Error('no such file');
};

const asking = (target: Question['target'], ms = 10_000, addresses = ['127.0.0.1']) =>
  ask({ target, addresses, ms }, readFile);

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function web(): Promise<number> {
  const { cert, key } = certificates;
  const server = createHttps({ cert, key }, ({ url, headers }, response) => {
    response.statusCode = url === '/broken' ? 503 : url === '/moved' ? 302 : 200;
    response.write(`${headers.host} ${url} is `);
    if (url !== '/stuck') response.end('ready');
  });
  const port = await listening(server);
  cleanUps.push(() => server.closeAllConnections());
  return port;
}

/** A name server: knows `v4.test` and `v6.test`, says nothing of `silent.test`, fails for `broken.test`. */
async function names(): Promise<number> {
  const socket = createSocket('udp4');
  cleanUps.push(() => socket.close());
  socket.on('message', (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 5;
    const question = query.subarray(12, end);
    const name = question.toString('latin1').replace(/[^a-z0-9]+/g, '.');
    const type = query.readUInt16BE(end - 4);
    if (name.includes('silent')) return;
    const knows = (name.includes('v4') && type === 1) || (name.includes('v6') && type === 28);
    const exists = name.includes('v4') || name.includes('v6') || name.includes('empty');
    const code = name.includes('broken') ? 2 : exists ? 0 : 3;
    const header = Buffer.from([0, 0, 0x81, 0x80 + code, 0, 1, 0, Number(knows), 0, 0, 0, 0]);
    query.copy(header, 0, 0, 2);
    const data = type === 1 ? Buffer.from([192, 0, 2, 7]) : Buffer.from('20010db8'.padEnd(32, '0'), 'hex');
    const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]);
    socket.send(Buffer.concat([header, question, ...(knows ? [record, data] : [])]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.address().port;
}

const OK = (detail: string) => ({ outcome: 'ok', ms: expect.any(Number), detail });

test('tcp: the time to connect; a closed port is an error', async () => {
  const port = await listening(createServer((socket) => socket.destroy()));
  const target = { kind: 'tcp', host: '127.0.0.1', port } as const;
  expect(await asking(target)).toEqual(OK('connected to 127.0.0.1'));
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
  expect(await asking(target)).toEqual({
    outcome: 'error',
    detail: expect.stringContaining('ECONNREFUSED'),
  });
});

test('the first address that answers counts', async () => {
  const port = await listening(createServer((socket) => socket.destroy()));
  const target = { kind: 'tcp', host: 'h', port } as const;
  expect(await asking(target, 10_000, ['127.0.0.9', '127.0.0.1'])).toEqual(OK('connected to 127.0.0.1'));
  expect(await asking(target, 10_000, [])).toEqual({ outcome: 'error', detail: 'it has no address' });
});

test('https: status, text, and the name in the certificate', async () => {
  const port = await web();
  const target = { kind: 'https', host: 'localhost', port, path: '/', ca: '/ca.pem' } as const;
  expect(await asking(target)).toEqual(OK('status 200'));
  expect(await asking({ ...target, text: `localhost:${port} / is ready` })).toEqual(OK('status 200'));
  expect(await asking({ ...target, path: '/moved', status: 302 })).toEqual(OK('status 302'));
  const wrong = async (more: object) => {
    const answer = await asking({ ...target, ...more });
    expect(answer.outcome).toBe('error');
    return answer.detail;
  };
  expect(await wrong({ path: '/moved' })).toBe('status 302 instead of 200 to 299');
  expect(await wrong({ path: '/broken', status: 200 })).toBe('status 503 instead of 200');
  expect(await wrong({ text: 'welcome' })).toBe('status 200, but the response does not contain the text');
  expect(await wrong({ host: 'elsewhere.test' })).toContain(
    "Hostname/IP does not match certificate's altnames",
  );
  expect(await wrong({ ca: undefined })).toMatch(/certificate/);
  expect(await wrong({ ca: '/missing.pem' })).toBe('no such file');
});

test('https: a response that does not end is no answer', async () => {
  const port = await web();
  const target = { kind: 'https', host: 'localhost', port, path: '/stuck', ca: '/ca.pem' } as const;
  expect(await asking(target, 300)).toEqual({ outcome: 'timeout', detail: 'no answer within 0.3 s' });
});

test('dns: the time to the answer; an unknown name is an error, silence is none', async () => {
  const port = await names();
  const answer = (name: string, ms?: number) => asking({ kind: 'dns', host: '127.0.0.1', port, name }, ms);
  expect(await answer('v4.test')).toEqual(OK('v4.test is 192.0.2.7'));
  expect(await answer('v6.test')).toEqual(OK('v6.test is 2001:db8::'));
  const error = (detail: string) => ({ outcome: 'error', detail });
  expect(await answer('other.test')).toEqual(error('the server does not know other.test'));
  expect(await answer('empty.test')).toEqual(error('empty.test has no address'));
  expect(await answer('broken.test')).toEqual(error('the server has failed (SERVFAIL)'));
  expect(await answer('silent.test', 300)).toEqual({ outcome: 'timeout', detail: 'no answer within 0.3 s' });
});

test('dns: nobody listens', async () => {
  const port = await names();
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
  const target = { kind: 'dns', host: '127.0.0.1', port, name: 'v4.test' } as const;
  expect(await asking(target)).toMatchObject({ outcome: 'error' });
});
