/**
 * Makes a foreign text safe to show: control characters, escape sequences, marks that turn the direction of
 * writing and all else that is invisible become `\xNN` or `\u{...}`. Tabs and line ends (CR LF as LF) stay.
 */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '\n' || character === '\t') return character;
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
  });
}

/** The same as one line: for the middle of a sentence, or a name. */
export function printableLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}

/** What somebody else has said, {@link printableLine}, for the end of a sentence: ` (words)`, or nothing if it said nothing. */
export function inParentheses(text: string): string {
  const words = printableLine(text);
  return words === '' ? '' : ` (${words})`;
}
