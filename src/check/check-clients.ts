import path from 'node:path';
import type { ClientProfile } from '../clients/profile.ts';
import type { Config } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import type { System } from '../system/system.ts';
import { type Finding, missing, ok } from './finding.ts';

/** Whether the clients of the enabled sites exist. */
export function checkClients(config: Config, system: System): readonly Finding[] {
  return enabledClients(config).map((client) => checkClient(client, system));
}

/** Whether a client's command, a name or a path, exists. */
export function checkClient({ name, command, package: debian }: ClientProfile, system: System): Finding {
  const file = system.findCommand(command);
  if (file !== undefined) return ok(`client ${name}: ${file}`);
  const how = debian === undefined ? '' : ` (Debian, Ubuntu: apt-get install ${debian})`;
  return missing(
    `client ${name}: ${command} is not there or may not be run`,
    `install it${how}, or say where it is: clients: { ${name}: { command: /path/to/${path.basename(command)} } }`,
  );
}
