import type { System } from '../system/system.ts';

/** The name of a user in /etc/passwd, else `uid N`: users from a directory service are not looked up, that may hang. */
export function userName(files: System['files'], uid: number): string {
  try {
    for (const line of files.readFileSync('/etc/passwd', 'utf8').split('\n')) {
      const [name, , id] = line.split(':');
      if (name && id === String(uid)) return name;
    }
  } catch {
    // Then the number has to do.
  }
  return `uid ${uid}`;
}

/** Whether /etc/passwd has a user of this name. */
export function hasUser(files: System['files'], name: string): boolean {
  try {
    return `\n${files.readFileSync('/etc/passwd', 'utf8')}`.includes(`\n${name}:`);
  } catch {
    return false;
  }
}
