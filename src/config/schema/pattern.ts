/** What a text came to as a pattern: the expression, or what was expected instead, in words that quote nothing of it. */
export type ParsedPattern = { readonly regex: RegExp } | { readonly expected: string };

/** Flags that change neither where a search begins nor what it keeps; `m` is always there. */
const FLAGS = 'imsu';

/**
 * Reads a JavaScript regular expression, written as it is or, with flags, as `/.../i`. `^` and `$` are the borders of
 * lines.
 */
export function parsePattern(text: string): ParsedPattern {
  const { source, flags } = split(text);
  if (source === undefined) return { expected: 'a pattern that ends in / as it begins, or begins with \\/' };
  const isKnown = [...flags].every((flag) => FLAGS.includes(flag)) && new Set(flags).size === flags.length;
  if (!isKnown) return { expected: 'a pattern whose last / is followed by none but the flags i, s and u' };
  try {
    const regex = new RegExp(source, [...new Set(`m${flags}`)].join(''));
    if (!regex.test('')) return { regex };
    return {
      expected: 'a pattern that does not match the empty text: this one would match before anything came',
    };
  } catch (error) {
    return { expected: `a valid regular expression${reasonOf(error, source)}` };
  }
}

/** The expression of a pattern that was found good. */
export function regexOf(text: string): RegExp {
  const pattern = parsePattern(text);
  if ('regex' in pattern) return pattern.regex;
  throw new Error('a config that was checked holds a pattern that is none');
}

function split(text: string): { readonly source: string | undefined; readonly flags: string } {
  if (!text.startsWith('/')) return { source: text, flags: '' };
  const end = text.lastIndexOf('/');
  return { source: end > 1 ? text.slice(1, end) : undefined, flags: text.slice(end + 1) };
}

/** V8's reason, which follows the expression in its message: the expression itself may hold anything. */
function reasonOf(error: unknown, source: string): string {
  const { message } = error as SyntaxError;
  const before = `/${source}/`;
  const [, reason] = /^\w*: (.+)$/.exec(message.slice(message.indexOf(before) + before.length)) ?? [];
  return message.includes(before) && reason !== undefined ? ` (${reason})` : '';
}
