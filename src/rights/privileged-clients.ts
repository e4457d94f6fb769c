import type { ClientProfile } from '../clients/profile.ts';
import type { System } from '../system/system.ts';

const SETUID = 0o4000;

/** Returns the clients that become root through a setuid file: their command, or a program that it starts. */
export function privilegedClients(
  clients: readonly ClientProfile[],
  system: System,
): readonly ClientProfile[] {
  return clients.filter(({ setuid, command }) => setuid || isSetuid(system, system.findCommand(command)));
}

function isSetuid({ files }: System, file: string | undefined): boolean {
  try {
    return file !== undefined && (files.statSync(file).mode & SETUID) !== 0;
  } catch {
    return false;
  }
}
