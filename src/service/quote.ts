/** Whether a unit file can contain a path: it can't contain control characters. */
export function fitsUnit(path: string): boolean {
  return !/\p{Cc}/u.test(path);
}

/** Quotes a path as one word of a unit file (systemd.syntax(7), systemd.unit(5)), where needed. `%` is no specifier. */
export function unitPath(path: string): string {
  const text = path.replaceAll('%', '%%');
  return /^[\w./@%:+-]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Quotes an argument of a command line in a unit file: as {@link unitPath}, and `$` is no variable. */
export function unitArgument(text: string): string {
  return unitPath(text).replaceAll('$', '$$$$');
}
