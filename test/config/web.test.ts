import { expect, test } from 'vitest';
import { secretsOf } from '../../src/config/config.ts';
import { configOf, linesOf, load, shortConfig } from './write-config.ts';

const config = (web: string) => `${shortConfig()}web: ${web}\n`;

test.each([
  ['127.0.0.1:8069', { host: '127.0.0.1', port: 8069 }],
  ['127.3.2.1:80', { host: '127.3.2.1', port: 80 }],
  ['[::1]:8069', { host: '::1', port: 8069 }],
])('%s is for this host alone and needs no password', (listen, expected) => {
  expect(configOf(load(config(`{ listen: "${listen}" }`))).web).toEqual({
    listen: expected,
    hosts: undefined,
    password: undefined,
  });
});

test.each([':8069', '0.0.0.0:8069', '192.0.2.1:8069', '[::]:8069', '[fe80::1%eth0]:8069'])(
  '%s is for others too and needs a password',
  (listen) => {
    expect(linesOf(load(config(`{ listen: "${listen}" }`)))).toEqual([
      'config.yml:12: web.password_file: missing: everybody who reaches this address could read the page',
    ]);
    const good = load(config(`{ listen: "${listen}", password_file: web-password }`), {
      files: { 'web-password': 's3cret\n' },
    });
    expect(configOf(good).web?.password?.reveal()).toBe('s3cret');
    expect(secretsOf(configOf(good)).map((secret) => secret.reveal())).toContain('s3cret');
  },
);

test('a password file that is missing may come later', () => {
  const loaded = load(config('{ listen: ":8069", password_file: missing }'));
  expect(linesOf(loaded)).toEqual([
    expect.stringMatching(/^config\.yml:12: web\.password_file: the file it names can't be read/),
  ]);
});

test.each([
  ['127.0.0.1:9469', '127.0.0.1:9469', false],
  ['127.0.0.1:9469', ':9469', true],
  ['127.0.0.1:9469', '0.0.0.0:9469', true],
  ['127.0.0.1:9469', '127.0.0.2:9469', false],
  ['127.0.0.1:9469', '127.0.0.1:9470', false],
])('the page at %s and metrics at %s overlap without being the same: %j', (web, metrics, overlap) => {
  const text = `${config(`{ listen: "${web}" }`)}metrics: { listen: "${metrics}" }\n`;
  const loaded = load(text);
  expect(loaded.ok ? [] : linesOf(loaded)).toEqual(
    overlap ? ['config.yml:12: web.listen: expected the address of metrics.listen, or another port'] : [],
  );
});

test('the names under which it is opened', () => {
  const loaded = load(
    config('{ listen: "127.0.0.1:8069", hosts: [status.example.com, "[::1]", 192.0.2.1] }'),
  );
  expect(configOf(loaded).web?.hosts).toEqual(['status.example.com', '[::1]', '192.0.2.1']);
});
