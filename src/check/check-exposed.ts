import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import { findRestoreCommand } from '../host/dns/restore-command.ts';
import { ipCommand } from '../host/network/ip-command.ts';
import { userName } from '../rights/user-name.ts';
import { whoElseMayChange } from '../rights/who-may-change.ts';
import type { System } from '../system/system.ts';
import { type Finding, warning } from './finding.ts';

/**
 * Warns about what the monitor relies on and other users of the host could change: its programs, its config, the profiles of
 * its clients, its results folder and that of its log. No finding for a safe file.
 */
export function checkExposed(config: Config, system: System): readonly Finding[] {
  const found = new Map<string, Finding>();
  const service = userOfService(config, system);
  for (const [what, file] of trustedFiles(config, system)) {
    const who = whoElseMayChange(file, system);
    if (who === null || found.has(who)) continue;
    found.set(
      who,
      warning(
        `exposed: ${what} (${file}) can be changed by other users: ${who}`,
        remedy(
          file,
          `give it and its parent folders to root${service === undefined ? '' : ` or ${service.name}`} (chown) and remove the write permission of others (chmod go-w)`,
        ),
      ),
    );
  }
  const { dir, log } = config.logging;
  for (const [what, folder, setting] of [
    ['results folder', dir, 'logging.dir'],
    ['folder of the log', path.dirname(log), 'logging.log'],
  ] as const) {
    const who = whoElseMayChange(folder, system, true);
    if (who === null || found.has(who)) continue;
    found.set(
      who,
      warning(
        `exposed: other users can change files in the ${what} ${folder}: ${who}`,
        remedy(
          folder,
          `give it to ${service?.name ?? 'this user'} (chown) and remove the write permission of others from it and its parent folders (chmod go-w), or choose another folder: ${setting}`,
          true,
        ),
      ),
    );
  }
  return [...found.values()];

  /** What belongs to the service as it should must not be taken from it. */
  function remedy(file: string, otherwise: string, holds = false): string {
    if (service === undefined) return otherwise;
    const { files, readFile } = system;
    const who = whoElseMayChange(file, { files, readFile, uid: service.uid }, holds);
    if (who !== null) return otherwise;
    const own = userName(system, system.uid);
    return `leave it so if the monitor runs as ${service.name}, who owns the results folder; only if it runs as ${own}, give it to ${own} (chown)`;
  }
}

/** The other user who owns the results folder, and as whom the monitor probably runs; `undefined` if it is root or this user. */
function userOfService({ logging }: Config, system: System): { uid: number; name: string } | undefined {
  const uid = system.files.statSync(logging.dir, { throwIfNoEntry: false })?.uid ?? 0;
  return uid === 0 || uid === system.uid ? undefined : { uid, name: userName(system, uid) };
}

/** The files that the monitor relies on, each with a description. Missing files are left out. */
function trustedFiles(config: Config, system: System): [string, string][] {
  const { file, sites, dns, channels } = config;
  const used = sites.filter((site) => site.enabled);
  const restore = dns.restore
    .filter((word) => !word.startsWith('-'))
    .slice(0, dns.restore[0] === 'sudo' ? 2 : 1);
  const found: [string, string | undefined][] = [
    ['the program', fileURLToPath(import.meta.url)],
    ['node', process.execPath],
    ['the config', file],
    ...enabledClients(config).map(({ name, command }): [string, string | undefined] => [
      `the client ${name}`,
      system.findCommand(command),
    ]),
    ...used.flatMap(({ name, client, clientKeys }) =>
      Object.entries(client.keys).map(([key, kind]): [string, string | undefined] => [
        `${key} of ${name}`,
        kind.file ? clientKeys.get(key) : undefined,
      ]),
    ),
    ...['ping', 'ps'].map((name): [string, string | undefined] => [name, system.findCommand(name)]),
    ['ip', ipCommand(system)],
    ...channels.flatMap(({ name, way }): [string, string][] =>
      way.kind === 'command' ? [[`the program of the channel ${name}`, way.command.run[0]]] : [],
    ),
    ...restore.map((name): [string, string | undefined] => [name, findRestoreCommand(system, name)]),
  ];
  return found.flatMap(([what, where]) => (where === undefined ? [] : [[what, where]]));
}
