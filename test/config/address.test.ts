import { expect, test } from 'vitest';
import { parseAddresses, parseServer } from '../../src/config/address.ts';

test.each([
  ['smtp.example.com', 'smtp.example.com', 25],
  ['smtp.example.com:587', 'smtp.example.com', 587],
  ['smtp.example.com.', 'smtp.example.com.', 25],
  ['localhost', 'localhost', 25],
  ['mail_relay', 'mail_relay', 25],
  ['m\u00fcnchen.example', 'm\u00fcnchen.example', 25],
  ['192.0.2.25:65535', '192.0.2.25', 65_535],
  ['2001:db8::25', '2001:db8::25', 25],
  ['[2001:db8::25]', '2001:db8::25', 25],
  ['[2001:db8::25]:587', '2001:db8::25', 587],
  ['[fe80::1%eth0]:25', 'fe80::1%eth0', 25],
])('server %s', (text, host, port) => {
  expect(parseServer(text)).toEqual({ host, port });
});

test.each([
  '',
  ':25',
  'smtp:',
  'smtp:0',
  'smtp:65536',
  'smtp:submission',
  'smtp:25:25',
  '[192.0.2.1]:25',
  '[2001:db8::25',
  '2001:db8::zz',
  'smtp://smtp.example.com',
  'smtp example com',
  '-smtp',
  'smtp.example.com/x',
])('no server: %j', (text) => {
  expect(parseServer(text)).toBeUndefined();
});

test.each([
  ['noc@example.com', ['noc@example.com']],
  ['root@localhost', ['root@localhost']],
  ['root', ['root']],
  ['noc+night@[192.0.2.1]', ['noc+night@[192.0.2.1]']],
  [' a@b , c@d,', ['a@b', 'c@d']],
  ['NOC <noc@example.com>', ['NOC <noc@example.com>']],
  ['<noc@example.com>', ['noc@example.com']],
  ['"Doe, John" <john@example.com>, a@b', ['"Doe, John" <john@example.com>', 'a@b']],
  ['J\u00fcrgen <j\u00fcrgen@example.com>', ['J\u00fcrgen <j\u00fcrgen@example.com>']],
])('addresses %s', (text, addresses) => {
  expect(parseAddresses(text)).toEqual(addresses);
});

test.each([
  '',
  ',',
  '-noc',
  'noc@',
  '@example.com',
  'a@b@c',
  'a b@c',
  'a@b\r\nRCPT TO:<evil@example.com>',
  'NOC <noc@example.com',
  'NOC noc@example.com',
  'a@b <c@d>',
  'NOC <a@b> <c@d>',
  '"open <a@b>',
  'Name: <a@b>',
  '<a@b>c',
])('no addresses: %j', (text) => {
  expect(parseAddresses(text)).toBeUndefined();
});
