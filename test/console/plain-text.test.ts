import { expect, test } from 'vitest';
import { plainTextDecoder } from '../../src/console/plain-text.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

test.each([
  ['plain', 'Username:', 'Username:'],
  ['carriage return and line feed end one line', 'a\r\nb', 'a\nb'],
  ["a terminal's double carriage return is one line end", 'a\r\r\nb\r\n\r\nc', 'a\nb\n\nc'],
  ['a lone carriage return ends a line', 'CONNECTING\rCONNECTED', 'CONNECTING\nCONNECTED'],
  ['colours', '\x1b[1;31mUser\x1b[0mname\x1b[2K:', 'Username:'],
  ['window title ended by BEL', '\x1b]0;pwned\x07Username:', 'Username:'],
  ['window title ended by ST', '\x1b]0;pwned\x1b\\Username:', 'Username:'],
  ['character set, keypad and save sequences', '\x1b(B\x1b=\x1b7Username:', 'Username:'],
  ['a string sequence that is never ended', `\x1b]${'x'.repeat(1024)}Username:`, 'Username:'],
  ['control characters', 'a\x00\x07\x08\x7fb\tc', 'ab\tc'],
  ['8-bit control characters', 'a\u0085\u009bb', 'ab'],
  ['letters beyond ASCII', 'größe 東京 🛜', 'größe 東京 🛜'],
  ['an escape that is broken off by another', '\x1b\x1b[1mx', 'x'],
  ['a broken control sequence', '\x1b[1\nx', '\nx'],
])('%s, whole and byte by byte', (_, raw, plain) => {
  expect(plainTextDecoder()(bytes(raw))).toBe(plain);
  const decode = plainTextDecoder();
  expect([...bytes(raw)].map((byte) => decode(Uint8Array.of(byte))).join('')).toBe(plain);
});

test('bytes that are not UTF-8 become replacement characters', () => {
  expect(plainTextDecoder()(Uint8Array.of(0x61, 0xff, 0xfe, 0x62))).toBe('a��b');
});
