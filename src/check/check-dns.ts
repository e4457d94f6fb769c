import path from 'node:path';
import type { ClientProfile } from '../clients/profile.ts';
import type { Config } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import { findRestoreCommand, restoreArgv } from '../host/dns/restore-command.ts';
import { privilegedClients } from '../rights/privileged-clients.ts';
import { mayWithoutPassword } from '../rights/sudo-rights.ts';
import { sudoersLine } from '../rights/sudoers.ts';
import { userName } from '../rights/user-name.ts';
import type { System } from '../system/system.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

const SUDO_TIMEOUT_MS = 5000;

/** Whether the monitor can restore resolv.conf: the command exists, and this user may run it without a password. */
export async function checkDnsRight(config: Config, system: System, signal: AbortSignal): Promise<Finding> {
  const { dns } = config;
  const changers = enabledClients(config).filter((client) => client.dns !== undefined);
  if (changers.length === 0) return ok('DNS: no client of this config changes it');
  const [command = '', ...args] = restoreArgv(dns.restore, system.uid);
  const shown = [command, ...args].join(' ');
  if (path.basename(command) === 'sudo' && !mayChange(dns.file, changers, system)) {
    return ok(`DNS: clients that run as this user can't change ${dns.file}`);
  }
  const file = findRestoreCommand(system, command);
  if (file === undefined) {
    return mayWrite(dns.file, system)
      ? warning(
          `DNS: ${command} was not found; what a client leaves in ${dns.file} is replaced by what was in it before`,
          'if a program makes that file on this host, name its command: dns.restore',
        )
      : missing(
          `DNS: ${command} was not found`,
          'install it, or name what restores resolv.conf on this host: dns.restore',
        );
  }
  if (path.basename(file) !== 'sudo') return ok(`DNS: restored by ${shown}`);
  const asked = args[0] === '-n' || args[0] === '--non-interactive' ? args.slice(1) : args;
  const answer = await system.run(file, ['-n', '-l', ...asked], {
    env: system.env,
    timeoutMs: SUDO_TIMEOUT_MS,
    signal,
  });
  signal.throwIfAborted();
  if (answer.code === 0) {
    const rights = await system.run(file, ['-n', '-l'], {
      env: system.env,
      timeoutMs: SUDO_TIMEOUT_MS,
      signal,
    });
    signal.throwIfAborted();
    if (mayWithoutPassword(rights.output, answer.output.trim().split('\n').at(-1) ?? ''))
      return ok(`DNS: restored by ${shown}`);
  }
  const [target = '', ...rest] = asked;
  const granted = [findRestoreCommand(system, target) ?? target, ...rest];
  const user = userName(system, system.uid);
  return missing(
    `DNS: ${user} may not run ${asked.join(' ')} by sudo without a password`,
    `a line for sudoers (visudo -f /etc/sudoers.d/vpn-monitor): ${sudoersLine(user, granted)}`,
  );
}

/** Whether clients of an ordinary user may write to a file: as setuid programs, or because the user may. */
function mayChange(file: string, clients: readonly ClientProfile[], system: System): boolean {
  return privilegedClients(clients, system).length > 0 || mayWrite(file, system);
}

function mayWrite(file: string, system: System): boolean {
  try {
    system.files.accessSync(file, system.files.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
