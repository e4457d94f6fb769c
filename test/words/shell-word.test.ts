import { expect, test } from 'vitest';
import { shellQuoted, shellWord } from '../../src/words/shell-word.ts';

test.each([
  ['/etc/vpn-monitor/config.yml', '/etc/vpn-monitor/config.yml'],
  ['user@host:22%a+b', 'user@host:22%a+b'],
  ['', "''"],
  ['two words', "'two words'"],
  ["it's", String.raw`'it'\''s'`],
  ['$HOME `id`', "'$HOME `id`'"],
  ['~', "'~'"],
])('%j is the shell word %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test('shellQuoted always quotes', () => {
  expect(shellQuoted('plain')).toBe("'plain'");
});
