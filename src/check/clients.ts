import path from 'node:path';
import type { Config } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import type { System } from '../system.ts';
import { type Finding, missing, ok } from './finding.ts';

/** Whether the clients of the enabled sites are there. */
export function checkClients(config: Config, system: System): readonly Finding[] {
  return enabledClients(config).map(({ name, command }) => checkClient(name, command, system));
}

/** Whether a client's command, a name or a path, is there. */
export function checkClient(name: string, command: string, system: System): Finding {
  const file = system.findCommand(command);
  if (file !== undefined) return ok(`client ${name}: ${file}`);
  return missing(
    `client ${name}: ${command} is not there or may not be run`,
    `install it, or say where it is: clients: { ${name}: { command: /path/to/${path.basename(command)} } }`,
  );
}
