import { describe, expect, test } from 'vitest';
import { inParentheses, oneLine, printable, printableLine } from '../../src/words/printable.ts';

describe('printable', () => {
  test('shows control characters and escape sequences', () => {
    expect(printable('a\x1b[2J\x07\x00\x7f\x9b')).toBe('a\\x1b[2J\\x07\\x00\\x7f\\x9b');
  });

  test('shows marks that change the direction of writing, and other invisible characters', () => {
    expect(printable('a\u202eb\u2066c\u200bd\u2028e\ufefff\u{e0041}')).toBe(
      'a\\u{202e}b\\u{2066}c\\u{200b}d\\u{2028}e\\u{feff}f\\u{e0041}',
    );
  });

  test('shows half a surrogate pair', () => {
    expect(printable('\ud83d 😀 \ude00')).toBe('\\u{d83d} 😀 \\u{de00}');
  });

  test('keeps tabs and lines; CR LF is a line end, CR alone is not', () => {
    expect(printable('a\tb\r\nc\rd\n')).toBe('a\tb\nc\\x0dd\n');
  });

  test('changes nothing the second time', () => {
    const once = printable('\x1b]0;title\x07 \\x1b é');
    expect(printable(once)).toBe(once);
  });
});

test.each([
  ['RTNETLINK answers:\r\n\tFile exists\n', 'RTNETLINK answers: File exists'],
  ['a\x1b[2J\u202eb', 'a\\x1b[2J\\u{202e}b'],
  ['  ', ''],
])('%j as one line', (text, line) => {
  expect(printableLine(text)).toBe(line);
});

test('the words are in parentheses; without words there is nothing', () => {
  expect(`it failed${inParentheses('no\nroute')}`).toBe('it failed (no route)');
  expect(`it failed${inParentheses(' \n')}`).toBe('it failed');
});

describe('oneLine', () => {
  test.each([
    ['plain', 'plain'],
    [' a\r\nBcc: evil@example.com\r\n\r\nb ', 'a Bcc: evil@example.com b'],
    ['\u001b[31mred\u0007\u0000', '[31mred'],
    ['right\u202eto left\u2028next', 'right to left next'],
    ['Zürich 東京', 'Zürich 東京'],
    ['x'.repeat(301), `${'x'.repeat(297)}...`],
  ])('of %j', (text, clean) => {
    expect(oneLine(text)).toBe(clean);
  });
  test('cuts between characters', () => {
    expect(oneLine('😀😀😀😀😀', 4)).toBe('😀...');
  });
});
