/**
 * Whether a user may run a command without a password, by what `sudo -l` says of all his rights. That sudo says so of the
 * command alone (`sudo -n -l COMMAND`) is not enough: it says so as well of what needs a password, if anything else needs none.
 *
 * @param command with its arguments, as `sudo -l COMMAND` prints it.
 */
export function mayWithoutPassword(rights: string, command: string): boolean {
  // Everything is free of passwords for this user.
  if (/^(?! *\().*!authenticate/m.test(rights)) return true;
  const [program = ''] = command.split(' ');
  return [...rights.matchAll(/^ *\([^)]*\) *(.+)$/gm)].some(([, rule = '']) => {
    let free = false;
    // A tag holds for the commands after it as well.
    return rule.split(/, */).some((part) => {
      const [, tags = '', granted = ''] = /^((?:[A-Z_]+: *)*)(.*)$/.exec(part.trim()) ?? [];
      if (/\bNOPASSWD:/.test(tags)) free = true;
      else if (/\bPASSWD:/.test(tags)) free = false;
      return free && (granted === 'ALL' || granted === program || matches(granted, command));
    });
  });
}

/** Whether a command as sudoers(5) grants it, with wildcards or as a regular expression, is this one. In doubt it is. */
function matches(granted: string, command: string): boolean {
  if (granted.startsWith('^')) return true;
  const literal = granted
    .replace(/[$()+.^{|}\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  try {
    return new RegExp(`^${literal}$`).test(command);
  } catch {
    return true;
  }
}
