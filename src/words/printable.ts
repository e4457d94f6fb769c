/**
 * Makes a text from another program safe to show. Control characters, escape sequences, marks that change the direction of
 * writing and other invisible characters become `\xNN` or `\u{...}`. Tabs and line ends stay; CR LF becomes LF.
 */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '\n' || character === '\t') return character;
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
  });
}

/** Returns the {@link printable} text on one line, for a name or the middle of a sentence. */
export function printableLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}

/** Returns what another program said, {@link printableLine}, as ` (words)` for the end of a sentence; '' if it said nothing. */
export function inParentheses(text: string): string {
  const words = printableLine(text);
  return words === '' ? '' : ` (${words})`;
}

/**
 * Returns a text on one line, safe in a mail header: control characters, format characters and line breaks become one blank.
 * A text of more than `limit` characters is cut and ends in `...`.
 */
export function oneLine(text: string, limit = 300): string {
  const clean = [
    ...text
      .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ')
      .replace(/ {2,}/g, ' ')
      .trim(),
  ];
  return clean.length <= limit ? clean.join('') : `${clean.slice(0, limit - 3).join('')}...`;
}
