import { describe, expect, test } from 'vitest';
import { inParentheses, printable, printableLine } from '../../src/words/printable.ts';

describe('printable', () => {
  test('shows control characters and escape sequences', () => {
    expect(printable('a\x1b[2J\x07\x00\x7f\x9b')).toBe('a\\x1b[2J\\x07\\x00\\x7f\\x9b');
  });

  test('shows marks that turn the direction of writing, and all else that is invisible', () => {
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

test('what was said follows in parentheses, silence does not', () => {
  expect(`it failed${inParentheses('no\nroute')}`).toBe('it failed (no route)');
  expect(`it failed${inParentheses(' \n')}`).toBe('it failed');
});
