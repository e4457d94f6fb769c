import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { run, SetupError, say, tail } from './say.mjs';

/** The Debian packages whose programs are not here. Any ping will do; ps-list reads the ps of procps only. */
export function missingPackages() {
  const missing = [];
  if (!inPath('ping')) missing.push('iputils-ping');
  if (!inPath('ps') || !run('ps', ['--version']).output.includes('procps')) missing.push('procps');
  return missing;
}

/** Installs Debian packages as root; for anybody else, names the one command that does. */
export function installPackages(packages) {
  const names = packages.join(' ');
  if (!inPath('apt-get')) {
    throw new SetupError(
      `missing: ${names} (Debian's names): install them with this system's package manager, then try again`,
    );
  }
  if (process.getuid() !== 0) {
    throw new SetupError(`missing: ${names}. Type this, then try again:\n  ${commandFor(names)}`);
  }
  say(`installing ${names} (apt-get)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-o', 'DPkg::Lock::Timeout=300', '-y', '--no-install-recommends'];
  // A failed update is not yet a failure: older lists may still do.
  const update = run('apt-get', ['update'], env);
  const install = run('apt-get', ['install', ...options, ...packages], env);
  if (!install.good) {
    const output = update.good ? install.output : `${update.output}\n${install.output}`;
    throw new SetupError(
      `apt-get could not install ${names} (${install.end}):\n${tail(output)}\n` +
        'See that the host reaches its Debian mirror (/etc/apt/sources.list), then try again.',
    );
  }
  const still = missingPackages();
  if (still.length > 0) {
    throw new SetupError(
      `${still.join(' ')} is installed, but another program of that name comes first in PATH (${process.env.PATH}): ` +
        'put /usr/bin and /bin before it, then try again',
    );
  }
}

function commandFor(names) {
  const install = `apt-get install -y ${names}`;
  const command = hasLists() ? install : `apt-get update && ${install}`;
  if (!inPath('sudo')) return `su -c '${command}'`;
  return `sudo ${command.replace('&& ', '&& sudo ')}`;
}

// A container image comes without apt's lists; there apt-get install alone finds nothing.
function hasLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.includes('_Packages'));
  } catch {
    return true;
  }
}

function inPath(program) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    const file = path.join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}
