/** Quotes a text as one word of a shell command, in single quotes. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Quotes a text as one word of a shell command, only if it needs quotes. */
export function shellWord(text: string): string {
  return /^[\w./@%:+-]+$/.test(text) ? text : shellQuoted(text);
}
