/** A text as one word of a shell, in single quotes. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A text as one word of a shell, without quotes where it needs none. */
export function shellWord(text: string): string {
  return /^[\w./@%:+-]+$/.test(text) ? text : shellQuoted(text);
}
