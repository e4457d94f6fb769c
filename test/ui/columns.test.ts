import { expect, test } from 'vitest';
import { columnWidths, padded, shortened, widthOf, wrapped } from '../../src/ui/columns.ts';

test.each([
  ['site1', 5],
  ['\x1b[31msite1\x1b[39m', 5],
  ['東京', 4],
  ['▁▂█ ×·…–', 8],
])('%j takes %d columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns);
});

test('a column is as wide as its widest cell', () => {
  expect(columnWidths([['SITE', 'NOW'], ['東京本社', '\x1b[32mUP\x1b[39m', 'more'], []])).toEqual([8, 3, 4]);
  expect(columnWidths([])).toEqual([]);
});

test.each([
  ['東京', 'left', '東京  |'],
  ['東京', 'right', '  東京|'],
  ['\x1b[32mUP\x1b[39m', 'right', '    \x1b[32mUP\x1b[39m|'],
  ['longer than that', 'left', 'longer than that|'],
] as const)('%j at the %s', (cell, side, expected) => {
  expect(`${padded(cell, 6, side)}|`).toBe(expected);
});

test.each([
  ['site1', 5, 'site1'],
  ['site12', 5, 'site…'],
  ['\x1b[31msite1\x1b[39m', 5, 'site1'],
  ['東京本社', 5, '東京…'],
])('%j in %d columns', (text, width, shown) => {
  expect(shortened(text, width)).toBe(shown);
});

test.each([
  ['  one two', 20, ['  one two']],
  ['  one two three', 10, ['  one two', '    three']],
  ['  one two', null, ['  one two']],
  ['  a-word-that-is-too-long b', 10, ['  a-word-that-is-too-long', '    b']],
  ['one  two', 5, ['one ', '  two']],
])('%j in lines of %s', (line, width, lines) => {
  expect(wrapped(line, width)).toEqual(lines);
});
