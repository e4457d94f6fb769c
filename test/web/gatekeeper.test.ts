import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { Gatekeeper, hostAllowed, hostIn, plainAddress } from '../../src/web/gatekeeper.ts';

test.each([
  ['localhost', 'localhost'],
  ['Monitor.Example.COM:8069', 'monitor.example.com'],
  ['monitor.example.com.', 'monitor.example.com'],
  ['127.0.0.1:8069', '127.0.0.1'],
  ['[::1]:8069', '::1'],
  ['', ''],
  [undefined, ''],
  ['a b', ''],
  ['localhost:8069:1', ''],
  ['localhost@evil.example', ''],
  ['evil.example/localhost', ''],
])('the host in %j is %j', (header, host) => {
  expect(hostIn(header)).toBe(host);
});

test.each<[string | undefined, string, readonly string[] | null, boolean]>([
  ['localhost:8069', '127.0.0.1', null, true],
  ['127.0.0.1:8069', '127.0.0.1', null, true],
  ['mon1.example.com', '192.0.2.20', null, true],
  ['mon1', '192.0.2.20', null, true],
  ['192.0.2.20:8069', '::ffff:192.0.2.20', null, true],
  ['[fe80::1]:8069', 'fe80::1%eth0', null, true],
  ['192.0.2.21:8069', '192.0.2.20', null, false],
  ['evil.example', '127.0.0.1', null, false],
  ['localhost.evil.example', '127.0.0.1', null, false],
  [undefined, '127.0.0.1', null, false],
  ['status.example.com', '127.0.0.1', ['Status.example.com', '[::1]'], true],
  ['[::1]', '::1', ['status.example.com', '[::1]'], true],
  // What the config names replaces the names of the host.
  ['localhost', '127.0.0.1', ['status.example.com'], false],
])('whether %j at %j is answered if the config says %j: %j', (header, local, names, allowed) => {
  expect(hostAllowed(header, local, { names, hostname: 'mon1.example.com' })).toBe(allowed);
});

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
])('the address %s is %s', (address, plain) => {
  expect(plainAddress(address)).toBe(plain);
});

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const RIGHT = basic('anybody:pass:wörd');
const WRONG = basic('anybody:password');

function keeper() {
  const clock = { ms: 0 };
  const key = Buffer.from('a key');
  const digest = createHmac('sha256', key).update('pass:wörd').digest('base64');
  const gatekeeper = new Gatekeeper({ key: key.toString('base64'), digest }, () => clock.ms);
  return { clock, judge: (from: string, header?: string) => gatekeeper.judge(from, header) };
}

test.each([
  [RIGHT, 'allowed'],
  [basic(':pass:wörd'), 'allowed'],
  [WRONG, 'wrong'],
  [basic('pass:wörd'), 'wrong'],
  [basic('no colon'), 'asked'],
  ['Bearer x', 'asked'],
  ['Basic !', 'asked'],
  [undefined, 'asked'],
])('the header %j is %s', (header, verdict) => {
  expect(keeper().judge('192.0.2.1', header)).toBe(verdict);
});

test('without a password all are allowed', () => {
  expect(new Gatekeeper(null, () => 0).judge('192.0.2.1', undefined)).toBe('allowed');
});

test('after ten wrong passwords an address waits ten minutes, also with the right one; others do not', () => {
  const { clock, judge } = keeper();
  for (let count = 0; count < 10; count += 1) {
    expect(judge('192.0.2.1', WRONG)).toBe('wrong');
    clock.ms += 1000;
  }
  for (const header of [WRONG, RIGHT, undefined]) expect(judge('192.0.2.1', header)).toBe('wait');
  expect(judge('::ffff:192.0.2.1', RIGHT)).toBe('wait');
  expect(judge('192.0.2.2', RIGHT)).toBe('allowed');
  clock.ms = 600_000;
  expect(judge('192.0.2.1', RIGHT)).toBe('allowed');
});

test('who asks without a password has tried none', () => {
  const { judge } = keeper();
  for (let count = 0; count < 30; count += 1) expect(judge('192.0.2.1')).toBe('asked');
  expect(judge('192.0.2.1', RIGHT)).toBe('allowed');
});

test('a network of v6 addresses is one', () => {
  const { judge } = keeper();
  for (let host = 1; host <= 10; host += 1) judge(`2001:db8:0:1::${host}`, WRONG);
  expect(judge('2001:db8:0:1:a:b:c:d', RIGHT)).toBe('wait');
  expect(judge('2001:db8::1', RIGHT)).toBe('allowed');
});

test('a thousand addresses are remembered, and the oldest is forgotten', () => {
  const { judge } = keeper();
  for (let count = 0; count < 10; count += 1) judge('192.0.2.1', WRONG);
  for (let other = 0; other < 999; other += 1) judge(`10.0.${other >> 8}.${other & 255}`, WRONG);
  expect(judge('192.0.2.1', RIGHT)).toBe('wait');
  judge('10.9.9.9', WRONG);
  expect(judge('192.0.2.1', RIGHT)).toBe('allowed');
});
