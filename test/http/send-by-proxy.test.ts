import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { HttpRequest } from '../../src/http/exchange.ts';
import { sendRequest } from '../../src/http/request.ts';
import { lazyTrust } from '../../src/http/trust.ts';
import { type TestSystem, testSystem } from '../alerts/support.ts';
import { type HttpProxy, startProxy } from '../support/http-proxy.ts';
import { answering, type HttpReceiver, startReceiver } from '../support/http-receiver.ts';
import { never } from '../support/never.ts';
import { testCertificates } from '../support/real-smtp-server.ts';
import { until } from '../support/until.ts';

const certificates = testCertificates();
const TIMEOUT_MS = 30_000;

let system: TestSystem;
let receiver: HttpReceiver;
beforeEach(async () => {
  system = testSystem();
  receiver = await startReceiver();
});

/** The port of a server that is mail.example.com, for those who trust its authority. */
async function startTlsServer(cert = certificates.otherCert): Promise<number> {
  const server = createServer({ key: certificates.key, cert }, (_, response) => {
    response.setHeader('retry-after', '90');
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

interface Sending {
  readonly proxy: { readonly port: number };
  readonly url: string;
  readonly user?: string;
  readonly ca?: string;
  readonly request?: Partial<HttpRequest>;
}

function send({ proxy, url, user = '', ca = certificates.ca, request }: Sending, signal = never) {
  const env = { all: `http://${user}127.0.0.1:${proxy.port}` };
  const whole: HttpRequest = {
    method: 'POST',
    url: new URL(url),
    headers: { 'x-test': 'yes' },
    body: 'ä body',
    secureContext: lazyTrust(ca, system),
    ...request,
  };
  return sendRequest(
    whole,
    TIMEOUT_MS,
    { ...system, env: { HTTPS_PROXY: env.all, http_proxy: env.all } },
    signal,
  );
}

const HTTPS = 'https://mail.example.com/hook?a=b';
const HTTP = 'http://chat.example.com/hook?a=b';

describe('https', () => {
  test('goes through a tunnel, with credentials for the proxy alone and an authority of its own', async () => {
    const proxy = await startProxy(await startTlsServer());
    expect(await send({ proxy, url: HTTPS, user: 'me:p%40ss@' })).toEqual({
      kind: 'answered',
      status: 200,
      words: '200 OK',
      retryAfterMs: 90_000,
    });
    expect(proxy.asked).toEqual(['CONNECT mail.example.com:443']);
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
  });

  test.each([
    [
      'an authority that is not trusted',
      certificates.otherCert,
      '',
      /^its certificate is not trusted \(\w+\)/,
    ],
    ['another name', certificates.cert, certificates.ca, /^its certificate is for another name/],
  ])('is not sent to a server with a certificate of %s', async (_, cert, ca, words) => {
    const proxy = await startProxy(await startTlsServer(cert));
    const outcome = await send({ proxy, url: HTTPS, ca });
    expect(outcome).toMatchObject({ kind: 'failed', words: expect.stringMatching(words), connected: false });
  });
});

describe('http', () => {
  test('is asked of the proxy, which may allow no tunnel', async () => {
    const { port } = new URL(receiver.url);
    const proxy = await startProxy(Number(port));
    receiver.answer = answering(503);
    expect(await send({ proxy, url: HTTP })).toMatchObject({ status: 503, words: '503' });
    expect(proxy.asked).toEqual(['POST http://chat.example.com/hook?a=b']);
    expect(receiver.received).toMatchObject([
      {
        method: 'POST',
        url: '/hook?a=b',
        body: 'ä body',
        headers: { 'x-test': 'yes', 'user-agent': 'vpn-monitor', host: 'chat.example.com' },
      },
    ]);
  });

  test('may be a GET without a body', async () => {
    const proxy = await startProxy(Number(new URL(receiver.url).port));
    const { headers, secureContext } = { headers: {}, secureContext: lazyTrust(undefined, system) };
    const request = { method: 'GET', url: new URL(HTTP), headers, secureContext } as const;
    const env = { http_proxy: `http://127.0.0.1:${proxy.port}` };
    expect(await sendRequest(request, TIMEOUT_MS, { ...system, env }, never)).toMatchObject({ status: 200 });
    expect(receiver.received).toMatchObject([{ method: 'GET', body: '' }]);
  });
});

describe('a failure names the proxy, and holds nothing of URL and password', () => {
  const by = (proxy: { port: number }, variable: string) =>
    `, by the proxy 127.0.0.1:${proxy.port} (${variable})`;

  test.each([
    [HTTPS, 'HTTPS_PROXY'],
    [HTTP, 'http_proxy'],
  ])('it refuses %s', async (url, variable) => {
    const proxy = await startProxy(1);
    proxy.refuses = 407;
    expect(await send({ proxy, url, user: 'me:t0p@' })).toMatchObject({
      kind: 'failed',
      words: `the proxy answers 407${by(proxy, variable)}`,
    });
  });

  test('it is not there', async () => {
    const proxy = { port: 1 };
    const words = `the connection is refused${by(proxy, 'HTTPS_PROXY')}`;
    expect(await send({ proxy, url: HTTPS })).toEqual({ kind: 'failed', words, connected: false });
  });

  test('the server behind it does not answer: the deadline and an abort end it', async () => {
    const proxy: HttpProxy = await startProxy(Number(new URL(receiver.url).port));
    receiver.answer = () => undefined;
    const late = send({ proxy, url: HTTP });
    await until('the request is there', () => receiver.received.length === 1);
    system.strike(TIMEOUT_MS);
    const words = `no answer within 30 s${by(proxy, 'http_proxy')}`;
    expect(await late).toEqual({ kind: 'failed', words, connected: true });

    const abort = new AbortController();
    const aborted = send({ proxy, url: HTTP }, abort.signal);
    await until('the second request is there', () => receiver.received.length === 2);
    abort.abort();
    expect(await aborted).toMatchObject({ kind: 'failed', connected: true });
    expect(system.waits()).toEqual([]);
  });
});
