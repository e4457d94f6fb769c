import { expect, test } from 'vitest';
import { PlainText } from '../../src/console/plain-text.ts';
import { TERMINAL } from '../../src/system/pty.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

/** What a terminal displays in the end, and all that could be seen on the way (each version of a line before a `\r`). */
function displayed(chunks: readonly Uint8Array[]): { text: string; versions: string } {
  const plain = new PlainText();
  const drawn = chunks.map((chunk) => plain.write(chunk));
  return {
    text: drawn.map(({ finished }) => finished).join('') + plain.line,
    versions: drawn.map(({ versions }) => versions).join(''),
  };
}

test.each([
  ['plain', 'Username:', 'Username:'],
  ['carriage return and line feed end one line', 'a\r\nb', 'a\nb'],
  ["a terminal's double carriage return is one line end", 'a\r\r\nb\r\n\r\nc', 'a\nb\n\nc'],
  ['a carriage return that nothing follows changes nothing', 'Password:\r', 'Password:'],
  ['colours', '\x1b[1;31mUser\x1b[0mname\x1b[?25h:', 'Username:'],
  ['window title ended by BEL', '\x1b]0;pwned\x07Username:', 'Username:'],
  ['window title ended by ST', '\x1b]0;pwned\x1b\\Username:', 'Username:'],
  ['character set, keypad and save sequences', '\x1b(B\x1b=\x1b7Username:', 'Username:'],
  ['a string sequence that is never ended', `\x1b]${'x'.repeat(1024)}Username:`, 'Username:'],
  ['control characters', 'a\x00\x07\x0e\x7fb\tc', 'ab\tc'],
  ['8-bit control characters', 'a\u0085\u009bb', 'ab'],
  ['letters beyond ASCII', 'größe 東京 🛜', 'größe 東京 🛜'],
  ['an escape that is broken off by another', '\x1b\x1b[1mx', 'x'],
  ['a broken control sequence', '\x1b[1\nx', '\nx'],
  ['a spinner with backspaces', '|\b/\b-\b\\\b|\b \bUsername: ', 'Username: '],
  [
    'a spinner that erases the line and begins it anew',
    '\x1b[2K\x1b[1G⠋ Connecting\x1b[2K\x1b[1G⠙ Connecting\x1b[2K\x1b[1GUsername:',
    'Username:',
  ],
  ['a spinner before a text that stays', '⠋ Connecting\r⠙\x1b[13G\r⠹', '⠹ Connecting'],
  ['a progress bar by carriage returns', 'Connecting 10%\rConnecting 20%\r\n', 'Connecting 20%\n'],
  ['one that erases the line', '\r\x1b[K  10%\r\x1b[K 100%\r\x1b[KDone\r\n', 'Done\n'],
  ['one that overwrites it with blanks', ' 99%\r    \rOK\r\n', 'OK  \n'],
  ['a carriage return erases nothing', 'Connecting\rDone\r\n', 'Doneecting\n'],
  ['nor does it end a line', 'CONNECTING\rCONNECTED!', 'CONNECTED!'],
  ['what a terminal echoes for DEL', 'Username: mon\b \b\b \bax', 'Username: max'],
  ['a prompt with colours', '\x1b[2K\r\x1b[1;32m?\x1b[0m \x1b[1mUsername:\x1b[22m ', '? Username: '],
  ['a window title before a prompt', 'Wait\r\x1b]2;VPN\x1b\\\x1b[KUsername:', 'Username:'],
  ['cursor left and right', 'abcd\x1b[3Dx\x1b[Cy', 'axcy'],
  ['no further left than the first column', 'abcd\x1b[99D\b\bx', 'xbcd'],
  ['a column that is beyond the end', 'a\x1b[5Gb', 'a   b'],
  ['erasing characters', 'abcdef\x1b[5D\x1b[2Xz', 'az def'],
  ['erasing to the end of the line', 'abcdef\x1b[4D\x1b[K', 'ab'],
  ['erasing to its beginning', 'abcd\x1b[2D\x1b[1K', '   d'],
  ['erasing all of it leaves the cursor where it is', 'ab\x1b[2Kc', '  c'],
  ['erasing the screen below', 'a\r\x1b[Jb', 'b'],
  ['removing characters', 'abcdef\r\x1b[2P', 'cdef'],
  ['inserting characters', 'bcd\r\x1b[@a', 'abcd'],
  ['a tab fills columns', 'a\tb\x1b[9Gx', 'a\tx'],
  ['a tab that is overwritten', 'a\tb\x1b[3Gx', 'a x     b'],
  ['a tab over a text', 'abcdefghij\r\tx', 'abcdefghxj'],
  ['wide characters fill two columns', '東京\b\b大', '東大'],
  ['half a wide character', '東京\x1b[2Gx🛜\b\by', ' xy '],
  ['saving and restoring the cursor', 'a\x1b7b\x1b8c\x1b[sd\x1b[ue', 'ace'],
  ['going down ends the line', 'a\x1b[Bb\x1bDc', 'a\n b\n  c'],
  ['also to the first column', 'a\x1b[Eb\x1bEc\x0bd\x0ce', 'a\nb\nc\nd\ne'],
  ['what was above stays', 'one\r\ntwo\x1b[A\rnew\r\nx', 'one\ntwo\nnew\nx'],
  ['nothing is above the first line', 'one\x1b[A\x1bM\x1b[2FT', 'Tne'],
  ['a screen that is cleared', 'x\x1b[H\x1b[2JUsername:\x1b[3;1HPassword:', 'Username:\nPassword:'],
  ['a screen of its own, and back', '\x1b[?1049hConnecting\x1b[?1049lUsername:', 'Connecting\nUsername:'],
  ['one that is drawn on', 'a\r\n\x1b[?47h\x1b[H\x1b[2J⠋\b⠙\x1b[?47lUsername:', 'a\n\n⠙\nUsername:'],
  ['a screen that is left twice', 'ab\x1b[?1049l\x1b[?1049lc', 'abc'],
  ['a terminal that is reset', 'Connecting\x1bcUsername:', 'Connecting\nUsername:'],
  ['a margin, which moves the cursor', 'ab\x1b[1;24rc', 'cb'],
  ['tab stops forward and back', 'abcdefghij\r\x1b[Ix\x1b[2Zy', 'ybcdefghxj'],
  ['a character that is repeated', 'a-\x1b[3b|', 'a----|'],
  ['relative columns and rows', 'a\x1b[2ab\x1b[ec', 'a  b\n    c'],
  ['an escape before a line end', 'a\x1b\r\nb', 'a\nb'],
  ['sequences of a terminal’s own', 'ab\r\x1b[?K\x1b[>1X\x1b[1 P', 'ab'],
])('%s, whole and byte by byte', (_, raw, plain) => {
  expect(displayed([bytes(raw)]).text).toBe(plain);
  const byByte = [...bytes(raw)].map((byte) => Uint8Array.of(byte));
  expect(displayed(byByte)).toEqual(displayed([bytes(raw)]));
});

test('bytes that are not UTF-8 become replacement characters', () => {
  expect(displayed([Uint8Array.of(0x61, 0xff, 0xfe, 0x62)]).text).toBe('a��b');
});

test('a line that is longer than the terminal is wide is not wrapped, and no longer redrawn', () => {
  const long = 'x'.repeat(TERMINAL.columns + 1);
  expect(displayed([bytes(`${long}\b\x1b[2Ky\r\r\nz`)]).text).toBe(`${long}y\nz`);
  expect(displayed([bytes(`${long}\r\x1b[Ky\rz`)]).text).toBe(`${long}\nz`);
});

test('a line as long as the terminal is wide is redrawn', () => {
  const long = 'x'.repeat(TERMINAL.columns);
  expect(displayed([bytes(`${long}\r\x1b[Ky`)]).text).toBe('y');
});

test('a column that no terminal has costs no more than its last one', () => {
  expect(displayed([bytes('\x1b[999999999Gx')]).text).toBe('x'.padStart(TERMINAL.columns));
  expect(displayed([bytes('ab\r\x1b[999999999@\x1b[999999999X\x1b[999999999P')]).text).toBe('');
  const up = displayed([
    bytes('a\x1b[999999999Bb\x1b[999999999Ac\x1b[99999999999999999999999999999999999Hd'),
  ]);
  expect(up.text.split('\n')).toHaveLength(4);
});

test('what was displayed before stays there to be searched, each version once', () => {
  const versions = (raw: string) => displayed([bytes(raw)]).versions;
  expect(versions('10%\r20%\r\x1b[KDone\r\n')).toBe('10%\r20%\rDone\n');
  // Drawn again as it is, it is no other version.
  expect(versions('Password: \rPassword: ***')).toBe('Password: ***');
  expect(versions('⠋ Connecting\r⠙\r⠹\r\n')).toBe('⠋ Connecting\r⠙ Connecting\r⠹ Connecting\n');
  // The cursor is back at what was there.
  expect(versions('one\r\ntwo\x1b[A\r\x1b[2Knew\r\nlast\r\n')).toBe('one\ntwo\vnew\vlast\n');
  // The last line of the screen is a new one each time.
  expect(versions(`${'x\r\n'.repeat(30)}\x1b[Anew\r\nlast`)).toBe(`${'x\n'.repeat(30)}\vnew\nlast`);
});

test.each([
  ['two characters in the last columns', 'x'.repeat(TERMINAL.columns - 2), 'a\bb\b'],
  ['characters that are erased there', 'x'.repeat(TERMINAL.columns - 2), 'a\b\x1b[K'],
  ['characters that are inserted and removed', `${'x'.repeat(TERMINAL.columns)}\r`, '\x1b[@a\r\x1b[P'],
  ['the last column', '', '\x1b[99999Gx\r\x1b[K'],
  ['wide characters', '東'.repeat(TERMINAL.columns / 2 - 1), '大\bx\b\b'],
  ['lines above', 'x'.repeat(TERMINAL.columns), '\x1b[Ax\x1b[Bx'],
])('redrawing without an end is bounded: %s', (_, before, repeated) => {
  const raw = before + repeated.repeat(10_000);
  const { text, versions } = displayed([bytes(raw)]);
  expect(text.length).toBeLessThan(256 * 1024);
  expect(versions.length).toBeLessThan(256 * 1024);
  expect(text.split('\n').every((line) => line.length <= TERMINAL.columns)).toBe(true);
});
