import { expect, test } from 'vitest';
import { isQuick } from '../../src/console/quick-pattern.ts';
import { LONGEST_LINE } from '../../src/console/search.ts';

test.each([
  /Username:/,
  /^Password for \S+:$/i,
  /Connected to (?<peer>[\w.]+)/,
  /(?:timed out|refused|no route)/,
  /[*+?{]\)\*\|/,
  /[\]*+]x+/,
  /error: .*/u,
  /(ab|cd) \d{4,}/,
])('%s needs no deadline', (pattern) => {
  expect(isQuick(pattern)).toBe(true);
});

test.each([
  /(a+)+$/,
  /(?:a|a)*$/,
  /(a|a)+/,
  /(ab){2}/,
  /a*a*b/,
  /a?a?a?aaa/,
  /x.*y\s*z/,
  /(.)\1/,
  /(?<one>.)\k<one>/,
  /(?=a)a/,
  /a(?!b)/,
  /(?<=a)b/,
  /(?<!a)b/,
  /(a|b)(c|d)e*/,
  /(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)/,
])('%s needs one', (pattern) => {
  expect(isQuick(pattern)).toBe(false);
});

test.each([[/(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)b/], [/(a|a)a*b/], [/a.*b/], [/a{0,4096}b/]])(
  'the slowest line for %s is searched at once',
  (pattern) => {
    expect(isQuick(pattern)).toBe(true);
    expect(pattern.test('a'.repeat(LONGEST_LINE))).toBe(false);
  },
);
