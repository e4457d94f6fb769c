import { describe, expect, test } from 'vitest';
import { proxyFor, proxyInWords, proxySecrets } from '../../src/http/proxy.ts';
import { whyOf } from '../support/why-of.ts';

const PROXY = 'http://proxy.example.com:3128';

function wordsFor(url: string, env: Record<string, string>): string | null {
  const found = proxyFor(new URL(url), env);
  if (!found.ok) return found.why;
  return found.value && proxyInWords(found.value);
}

test.each<[string, Record<string, string>, string | null]>([
  ['https://a.example.com/', {}, null],
  ['https://a.example.com/', { HTTPS_PROXY: PROXY }, 'proxy.example.com:3128 (HTTPS_PROXY)'],
  ['https://a.example.com/', { HTTP_PROXY: PROXY }, null],
  ['http://a.example.com/', { HTTP_PROXY: PROXY }, 'proxy.example.com:3128 (HTTP_PROXY)'],
  ['http://a.example.com/', { HTTPS_PROXY: PROXY }, null],
  ['https://a.example.com/', { HTTPS_PROXY: PROXY, https_proxy: 'http://x:1' }, 'x:1 (https_proxy)'],
  ['https://a.example.com/', { HTTPS_PROXY: PROXY, https_proxy: '' }, 'proxy.example.com:3128 (HTTPS_PROXY)'],
  ['https://a.example.com/', { https_proxy: ' proxy:8080 ' }, 'proxy:8080 (https_proxy)'],
  ['https://a.example.com/', { https_proxy: 'https://me:s3cret@proxy' }, 'proxy (https_proxy)'],
])('%s with %o goes by %s', (url, env, words) => {
  expect(wordsFor(url, env)).toBe(words);
});

test.each(['socks5://s3cret:1080', 'http://s3cret:x', '://'])('%s is no proxy', (value) => {
  const words = 'HTTPS_PROXY is not the address of a proxy: write http://HOST:PORT';
  expect(whyOf(proxyFor(new URL('https://a/'), { HTTPS_PROXY: value }))).toBe(words);
});

describe('NO_PROXY', () => {
  const isDirect = (url: string, list: string, name = 'NO_PROXY') =>
    wordsFor(url, { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, [name]: list }) === null;

  test.each([
    ['https://a.example.com/', 'example.com', true],
    ['https://a.example.com/', '.example.com', true],
    ['https://a.example.com/', '*.Example.com', true],
    ['https://example.com/', '.example.com', true],
    ['https://badexample.com/', 'example.com', false],
    ['https://example.com.evil.net/', 'example.com', false],
    ['https://a.example.com/', 'x, y  a.example.com', true],
    ['https://a.example.com/', '*', true],
    ['https://a.example.com/', '', false],
    ['https://a.example.com/', 'a.example.com:443', true],
    ['https://a.example.com:8443/', 'a.example.com:443', false],
    ['http://a.example.com/', 'a.example.com:80', true],
    ['https://10.1.2.3/', '10.1.2.3', true],
    ['https://10.1.2.3/', '10.0.0.0/8', true],
    ['https://11.1.2.3/', '10.0.0.0/8', false],
    ['https://10.1.2.3/', '10.0.0.0/33', false],
    ['https://a.example.com/', '0.0.0.0/0', false],
    ['https://[2001:db8::1]/', '2001:db8::1', true],
    ['https://[2001:db8::1]:8443/', '[2001:db8::1]:8443', true],
    ['https://[2001:db8::1]/', '2001:db8::/32', true],
    ['https://[2001:db9::1]/', '2001:db8::/32', false],
  ])('%s is excepted by %j: %s', (url, list, direct) => {
    expect(isDirect(url, list)).toBe(direct);
  });

  test('may be written in lower case, which goes first', () => {
    expect(isDirect('https://a.example.com/', '*', 'no_proxy')).toBe(true);
    const env = { HTTPS_PROXY: PROXY, NO_PROXY: '*', no_proxy: 'b' };
    expect(wordsFor('https://a.example.com/', env)).not.toBeNull();
  });

  test.each(['http://127.0.0.1:9093/', 'http://127.8.8.8/', 'http://localhost/', 'https://[::1]:9/'])(
    'does not have to name this host: %s',
    (url) => expect(isDirect(url, '')).toBe(true),
  );
});

test('the passwords of proxies are secrets, as written and as sent', () => {
  const env = {
    HTTPS_PROXY: 'http://me:p%40ss@x',
    http_proxy: 'me:plain@y',
    HTTP_PROXY: 'http://z',
    no_proxy: 'u:v',
  };
  expect(proxySecrets(env).map((secret) => secret.reveal())).toEqual(['plain', 'plain', 'p%40ss', 'p@ss']);
});
