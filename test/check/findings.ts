import fs from 'node:fs';
import type { Finding } from '../../src/check/finding.ts';
import { startWithConfig } from '../../src/commands/load-config.ts';
import type { Config } from '../../src/config/config.ts';
import type { System } from '../../src/system/system.ts';
import { createHome, createShell, type Home } from '../commands/support.ts';

/** The findings of one look at a config whose one site has this client, as `verdict words -> remedy`. `more`: further lines of the config. */
export function seen(
  look: (config: Config, system: System) => readonly Finding[],
  client: string,
  system: Partial<System>,
  home: Home = createHome(),
  more = '',
): string[] {
  const site = `external_ip: 127.0.0.1, vpn_gw: gw, internal_ip: 127.0.0.1, username: u, password: p, client: ${client}`;
  const text = `frequency: 600
logging: { dir: results, file: result }
sites: { site1: { ${site} } }
clients:
  demo: { command: ./simulated-client }
  openconnect: { command: ./simulated-client }
  own: { command: ./simulated-client, success: { expect: up }, tunnel: device }
${more}`;
  fs.writeFileSync(home.config, text, { mode: 0o600 });
  const shell = createShell(home, { system });
  const started = startWithConfig(home.config, shell);
  if (!started.ok) throw new Error(shell.screen.stderr());
  return look(started.value.config, started.value.system).map(
    ({ verdict, words, remedy }) => `${verdict} ${words}${remedy === undefined ? '' : ` -> ${remedy}`}`,
  );
}
