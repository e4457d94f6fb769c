/** The line of sudoers(5) that lets `user` run exactly this command as root, without a password. */
export function sudoersLine(user: string, command: readonly string[]): string {
  return `${user} ALL=(root) NOPASSWD: ${command.map(escaped).join(' ')}`;
}

function escaped(word: string): string {
  return word.replace(/[\\,:=!()*?[\]" \t]/g, '\\$&');
}
