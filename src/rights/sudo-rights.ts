/**
 * Whether a user may run a command without a password, according to the output of `sudo -l`. `sudo -n -l COMMAND` is not enough: it
 * also succeeds for a command that needs a password, if any other command needs none.
 *
 * @param command with its arguments, as `sudo -l COMMAND` prints it.
 */
export function mayWithoutPassword(rights: string, command: string): boolean {
  // This user needs no password for any command.
  if (/^(?! *\().*!authenticate/m.test(rights)) return true;
  const [program = ''] = command.split(' ');
  return [...rights.matchAll(/^ *\([^)]*\) *(.+)$/gm)].some(([, rule = '']) => {
    let free = false;
    // A tag applies to the commands after it too.
    return rule.split(/, */).some((part) => {
      const [, tags = '', granted = ''] = /^((?:[A-Z_]+: *)*)(.*)$/.exec(part.trim()) ?? [];
      if (/\bNOPASSWD:/.test(tags)) free = true;
      else if (/\bPASSWD:/.test(tags)) free = false;
      return free && (granted === 'ALL' || granted === program || matches(granted, command));
    });
  });
}

/** Whether a command of sudoers(5), which may have wildcards or be a regular expression, matches this one. If unsure, it does. */
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
