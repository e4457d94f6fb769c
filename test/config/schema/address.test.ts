import { expect, test } from 'vitest';
import {
  listenName,
  oldFormOfIPv4,
  parseAddresses,
  parseListen,
  parseServer,
  splitAddresses,
} from '../../../src/config/schema/address.ts';

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
  ['127.0.0.1:9469', '127.0.0.1', 9469],
  ['0.0.0.0:1', '0.0.0.0', 1],
  ['[::1]:9469', '::1', 9469],
  ['[::]:65535', '::', 65_535],
  ['[fe80::1%eth0]:9469', 'fe80::1%eth0', 9469],
  [':9469', undefined, 9469],
])('a place to listen: %s', (text, host, port) => {
  expect(parseListen(text)).toEqual({ host, port });
  expect(listenName({ host, port })).toBe(text);
});

test.each([
  '',
  '9469',
  ':',
  ':0',
  ':65536',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:94a',
  '127.0.0.1:09469',
  '127.0.0:9469',
  '127.0.0.256:9469',
  '1.2.3.4.5:9469',
  '::1:9469',
  '[::1]',
  '[127.0.0.1]:9469',
  '[::g]:9469',
  'localhost:9469',
  '*:9469',
  ' 127.0.0.1:9469',
  '127.0.0.1:9469/metrics',
  'http://127.0.0.1:9469',
])('no place to listen: %j', (text) => {
  expect(parseListen(text)).toBeUndefined();
});

test.each([
  ['noc@example.com', [['', 'noc@example.com']]],
  ['root@localhost', [['', 'root@localhost']]],
  ['root', [['', 'root']]],
  ['noc+night@[192.0.2.1]', [['', 'noc+night@[192.0.2.1]']]],
  [
    ' a@b , c@d,',
    [
      ['', 'a@b'],
      ['', 'c@d'],
    ],
  ],
  ['NOC <noc@example.com>', [['NOC', 'noc@example.com']]],
  ['<noc@example.com>', [['', 'noc@example.com']]],
  [
    '"Doe, John" <john@example.com>, a@b',
    [
      ['Doe, John', 'john@example.com'],
      ['', 'a@b'],
    ],
  ],
  ['"NOC <night>" <noc@example.com>', [['NOC <night>', 'noc@example.com']]],
  ['"" <noc@example.com>', [['', 'noc@example.com']]],
  ['J\u00fcrgen <j\u00fcrgen@example.com>', [['J\u00fcrgen', 'j\u00fcrgen@example.com']]],
  ['noc@ex\u00e4mple.com', [['', 'noc@xn--exmple-cua.com']]],
])('addresses %s', (text, addresses) => {
  expect(parseAddresses(text)).toEqual(addresses.map(([name, address]) => ({ name, address })));
});

test('addresses that are separated by commas, good or not, are told apart', () => {
  expect(splitAddresses('"Doe, John" <john@example.com>, nobody@,')).toEqual([
    '"Doe, John" <john@example.com>',
    'nobody@',
  ]);
  expect(splitAddresses(' ,')).toEqual(['']);
});

test.each([
  '',
  ',',
  '-noc',
  'noc@',
  '@example.com',
  'a@b@c',
  'a b@c',
  'noc@\u00e4.1',
  'a@b\r\nRCPT TO:<evil@example.com>',
  'a@b>\r\nRCPT TO:<evil@example.com',
  '<a@b\nBcc: evil@example.com>',
  'Name\r\nBcc: evil@example.com <a@b>',
  '"Name\r\nBcc: evil@example.com" <a@b>',
  'a@b\0',
  '<>',
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

test.each([
  ['127.0.0.010', 'an address with leading zeros is read as octal: write 127.0.0.10'],
  ['192.168.010.001', 'an address with leading zeros is read as octal: write 192.168.10.1'],
  ['10.00.0.1', 'an address with leading zeros is read as octal: write 10.0.0.1'],
  ['192.168.08.9', 'an address with leading zeros is read as octal: write 192.168.8.9'],
  ['010.1', 'an address with leading zeros is read as octal'],
  ['0300.1.2.3', 'an address with leading zeros is read as octal'],
  ['127.1', 'this is another form of an address: write 127.0.0.1'],
  ['10.0.513', 'this is another form of an address: write 10.0.2.1'],
  ['0x7f.0.0.1', 'this is another form of an address: write 127.0.0.1'],
  ['0XC0A80101', 'this is another form of an address: write 192.168.1.1'],
  ['::ffff:192.0.2.1', 'this is another form of an address: write 192.0.2.1'],
  ['0:0:0:0:0:FFFF:c000:201', 'this is another form of an address: write 192.0.2.1'],
  ['2130706433', 'this is another form of an address: write 127.0.0.1'],
])('another form of an IPv4 address: %s', (text, words) => {
  expect(oldFormOfIPv4(text)).toBe(words);
});

test.each([
  '127.0.0.10',
  '0.0.0.0',
  '300.1.2.3',
  '1.2.3.4.5',
  '4294967296',
  '1.2.65536',
  '010.example.com',
  '0x7f.example.com',
  '1and1.example',
  '2001:db8::010',
  '::192.0.2.1',
  '64:ff9b::192.0.2.1',
  'fe80::1%eth0',
])('no such form: %s', (text) => {
  expect(oldFormOfIPv4(text)).toBeUndefined();
});
