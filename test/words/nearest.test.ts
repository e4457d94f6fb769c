import { expect, test } from 'vitest';
import { nearest } from '../../src/words/nearest.ts';

const COMMANDS = ['run', 'once', 'check', 'test-mail', 'demo'];
const KEYS = ['external_ip', 'vpn_gw', 'internal_ip', 'username', 'password', 'password_file', 'to'];

test.each([
  ['extrenal_ip', 'external_ip'],
  ['externalIp', 'external_ip'],
  ['pasword', 'password'],
  ['passwordfile', 'password_file'],
  ['vpn-gw', 'vpn_gw'],
  ['USERNAME', 'username'],
  ['ot', 'to'],
  ['user', 'username'],
])('%s means %s', (word, known) => {
  expect(nearest(word, KEYS)).toBe(known);
});

test.each(['', 'x', 'colour', 'us', 'p'.repeat(10_000), '__proto__'])('%s means no known word', (word) => {
  expect(nearest(word, KEYS)).toBeUndefined();
});

test('a known word means itself, and of two words the nearer wins', () => {
  expect(nearest('run', COMMANDS)).toBe('run');
  expect(nearest('tls', ['auto', 'starttls', 'tls'])).toBe('tls');
  expect(nearest('tset-mail', COMMANDS)).toBe('test-mail');
  expect(nearest('chekc', COMMANDS)).toBe('check');
  expect(nearest('word', [])).toBeUndefined();
});
