/** Whether a path can stand in a unit file: no line of it can hold a control character. */
export function fitsUnit(path: string): boolean {
  return !/\p{Cc}/u.test(path);
}

/** A path as one word of a unit file (systemd.syntax(7), systemd.unit(5)): quoted where it must be, `%` is no specifier. */
export function unitPath(path: string): string {
  const text = path.replaceAll('%', '%%');
  return /^[\w./@%:+-]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** An argument of a command line in a unit file: as {@link unitPath}, and `$` is no variable. */
export function unitArgument(text: string): string {
  return unitPath(text).replaceAll('$', '$$$$');
}
