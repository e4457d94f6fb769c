import { describe, expect, test } from 'vitest';
import { oneLine } from '../../src/words/one-line.ts';

describe('one line', () => {
  test.each([
    ['plain', 'plain'],
    [' a\r\nBcc: evil@example.com\r\n\r\nb ', 'a Bcc: evil@example.com b'],
    ['\u001b[31mred\u0007\u0000', '[31mred'],
    ['right\u202eto left\u2028next', 'right to left next'],
    ['Zürich 東京', 'Zürich 東京'],
    ['x'.repeat(301), `${'x'.repeat(297)}...`],
  ])('%j', (text, clean) => {
    expect(oneLine(text)).toBe(clean);
  });
  test('is cut between characters', () => {
    expect(oneLine('😀😀😀😀😀', 4)).toBe('😀...');
  });
});
