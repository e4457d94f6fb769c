/**
 * A text as one line that can't end a header, move a cursor or fill a screen: control and format characters and line
 * breaks become blanks, and what is longer than `limit` characters is cut.
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
