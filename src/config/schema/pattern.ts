import { failed, good, type Result } from '../../model/result.ts';

/** A regular expression of a config. */
export interface Pattern {
  /** As the config has it. */
  readonly text: string;
  readonly regex: RegExp;
}

/** The flags that may be written. They change neither where a search begins nor what it keeps; `m` is always set. */
const FLAGS = 'imsu';

/**
 * Reads a JavaScript regular expression, written as it is or, with flags, as `/.../i`. `^` and `$` match at the ends of
 * each line.
 *
 * @returns a failure says what was expected and holds nothing of the text.
 */
export function parsePattern(text: string): Result<Pattern> {
  const { source, flags } = split(text);
  if (source === undefined) return failed('a pattern that ends in / as well, or that begins with \\/');
  const isKnown = [...flags].every((flag) => FLAGS.includes(flag)) && new Set(flags).size === flags.length;
  if (!isKnown) return failed('a pattern with no other text after its last / than the flags i, s and u');
  try {
    const regex = new RegExp(source, [...new Set(`m${flags}`)].join(''));
    if (!regex.test('')) return good({ text, regex });
    return failed(
      'a pattern that does not match the empty text: this one matches before the client prints anything',
    );
  } catch (error) {
    return failed(`a valid regular expression${reasonOf(error, source)}`);
  }
}

function split(text: string): { readonly source: string | undefined; readonly flags: string } {
  if (!text.startsWith('/')) return { source: text, flags: '' };
  const end = text.lastIndexOf('/');
  return { source: end > 1 ? text.slice(1, end) : undefined, flags: text.slice(end + 1) };
}

/** V8's reason, without the expression that V8 puts before it: that may hold anything. */
function reasonOf(error: unknown, source: string): string {
  const { message } = error as SyntaxError;
  const before = `/${source}/`;
  const [, reason] = /^\w*: (.+)$/.exec(message.slice(message.indexOf(before) + before.length)) ?? [];
  return message.includes(before) && reason !== undefined ? ` (${reason})` : '';
}
