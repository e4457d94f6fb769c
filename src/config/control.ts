/** Line breaks and control characters, the Unicode ones too, and halves of characters: no terminal takes them. */
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
const LINE_BREAK = /[\r\n\u0085\u2028\u2029]/;

/** What is wrong with a text that must be one line of printable characters, in words; `undefined` if nothing. */
export function controlIn(text: string): string | undefined {
  if (!CONTROL.test(text)) return undefined;
  return LINE_BREAK.test(text) ? 'holds a line break' : 'holds a control character';
}
