/** Of `defaults`, lines of a config such as `frequency: 600`, those whose key `more` does not say itself. */
export function unlessSaid(defaults: readonly string[], more: string): string[] {
  return defaults.filter((line) => !new RegExp(`^${line.split(':', 1)[0]}:`, 'm').test(more));
}
