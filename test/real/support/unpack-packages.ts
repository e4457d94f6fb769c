import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Unpacks packages of this Debian release into a folder, and installs nothing. /sbin and /lib become /usr/sbin and /usr/lib, as they are
 * on a host of today. Throws apt's words.
 */
export function unpackPackages(folder: string, names: readonly string[]): void {
  const options = { cwd: folder, encoding: 'utf8' as const };
  // apt's own user may not write to the folder.
  execFileSync('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', '-qq', ...names], options);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    execFileSync('dpkg-deb', ['-x', file, '.'], options);
  }
  for (const old of ['sbin', 'lib', 'bin'].filter((name) => readdirSync(folder).includes(name))) {
    execFileSync('cp', ['-a', `${old}/.`, '--target-directory', makeFolder(folder, old)], options);
    execFileSync('rm', ['-r', old], options);
  }
}

function makeFolder(folder: string, name: string): string {
  const made = path.join(folder, 'usr', name);
  execFileSync('mkdir', ['-p', made]);
  return made;
}
