import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import { findRestoreCommand } from '../host/dns/restore-command.ts';
import { ipCommand } from '../host/network/ip-command.ts';
import { whoElseMayChange } from '../rights/who-may-change.ts';
import type { System } from '../system/system.ts';
import { type Finding, warning } from './finding.ts';

/**
 * Warns about what the monitor relies on and other users of the host could change: its programs, its config, the profiles of
 * its clients, its results folder and that of its log. No finding for a safe file.
 */
export function checkExposed(config: Config, system: System): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const [what, file] of trustedFiles(config, system)) {
    const who = whoElseMayChange(file, system);
    if (who === null || found.has(who)) continue;
    found.set(
      who,
      warning(
        `exposed: ${what} (${file}) can be changed by other users: ${who}`,
        'give it and its parent folders to root (chown) and remove the write permission of others (chmod go-w)',
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
        `give it to this user (chown) and remove the write permission of others from it and its parent folders (chmod go-w), or choose another folder: ${setting}`,
      ),
    );
  }
  return [...found.values()];
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
