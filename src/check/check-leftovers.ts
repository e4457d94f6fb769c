import type { Config } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import { findLeftovers, type Leftover } from '../host/leftovers/find-leftovers.ts';
import { nameOf } from '../host/leftovers/own-process.ts';
import { hasCapability } from '../rights/capabilities.ts';
import { userName } from '../rights/user-name.ts';
import type { System } from '../system/system.ts';
import { type Finding, warning } from './finding.ts';

/**
 * Names the running processes of clients that the monitor would end before its next test, such as a client's window that this user
 * has open. Call it while no monitor runs.
 */
export function checkRunning(config: Config, system: System): readonly Finding[] {
  const owned = enabledClients(config).flatMap(({ own }) => (own.by === 'name' ? own.processes : []));
  const running = findLeftovers(system, owned, system.pidsInProc()).map((one) => inWords(one, system));
  if (running.length === 0) return [];
  return [
    warning(
      `leftovers: ${running.join(', ')} runs now, and no monitor does: before its first test the monitor ends it`,
      'close the window of the client; a client that people use needs a host of its own',
    ),
  ];
}

/**
 * Warns an ordinary user who can't end leftover processes of other users, such as setuid programs. No finding for a user who
 * may end them, or if no enabled site has a client that is killed by name.
 */
export function checkLeftovers(config: Config, system: System): readonly Finding[] {
  if (system.uid === 0 || hasCapability(system, 'CAP_KILL').self) return [];
  const owned = enabledClients(config).flatMap(({ own }) => (own.by === 'name' ? own.processes : []));
  if (owned.length === 0) return [];
  const user = userName(system, system.uid);
  const denied = findLeftovers(system, owned, system.pidsInProc())
    .filter(({ process }) => system.kill(process.pid, 0) === 'denied')
    .map((leftover) => inWords(leftover, system));
  const now = denied.length === 0 ? '' : `, now ${denied.join(', ')}`;
  return [
    warning(
      `leftovers: ${user} can't end a ${owned.map(({ name }) => name).join(', ')} of another user (setuid?); while one runs, no site is tested${now}`,
      'as a service: AmbientCapabilities=CAP_KILL, or run it as root, or end them by hand when a mail reports them',
    ),
  ];
}

function inWords({ process, own }: Leftover, system: System): string {
  return `${nameOf(process, own)} with pid ${process.pid} of ${userName(system, process.uid)}`;
}
