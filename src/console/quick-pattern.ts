/** The most `|` in a pattern without a quantifier, and in one with a quantifier: alternatives in a row multiply. */
const MOST_ALTERNATIVES = [10, 1] as const;

/**
 * Whether a pattern certainly needs little time on a line of 4096 characters: from each start it has at most one quantifier to repeat, or a
 * thousand ways through its alternatives. If `false`, it may be quick all the same.
 */
export function isQuick({ source, flags }: RegExp): boolean {
  // With the flag v, a character class can hold another one.
  if (flags.includes('v')) return false;
  const isUnclear = /\\[1-9k]|\(\?<?[=!]/.test(source);
  const bare = source.replace(/\\.|\[(?:\\.|[^\]\\])*\]/gs, 'x').replace(/\(\?(?::|<\w+>)/g, '(');
  const most = MOST_ALTERNATIVES[count(bare, /[*+?{]/g)];
  return !isUnclear && !/\)[*+?{]/.test(bare) && most !== undefined && count(bare, /\|/g) <= most;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
