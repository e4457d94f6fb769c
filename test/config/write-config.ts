import fs from 'node:fs';
import path from 'node:path';
import { openconnect } from '../../src/clients/openconnect.ts';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { startct } from '../../src/clients/startct.ts';
import { type LoadResult, loadConfig } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/yaml/problem.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The built-in clients of these tests: one whose keys all are required, one whose keys all may be left out. */
export const CLIENTS: ReadonlyMap<string, ClientProfile> = new Map(
  [startct, openconnect].map((profile) => [profile.name, profile]),
);

/** The shortest good config, with one site; `site` are further lines of it. */
export function shortConfig(site = '    password: secret'): string {
  return `frequency: 600
logging: { dir: results, file: result }
sites:
  site1:
    external_ip: 192.0.2.10
    vpn_gw: site1.example.com
    realm: corp
    username: monitor
    internal_ip: 10.0.0.1
    timeout: 60
${site}
`;
}

/** Loads a config from a folder of its own, with the files that it names and the environment given. */
export function load(
  text: string,
  {
    files = {},
    env = {},
    mode = 0o600,
    folder = temporaryFolder(),
    clients = CLIENTS,
    configOnly = false,
  }: LoadSetting = {},
): LoadResult & { folder: string } {
  for (const [name, content] of Object.entries(files)) {
    fs.writeFileSync(path.join(folder, name), content, { mode: 0o600 });
  }
  const file = path.join(folder, 'config.yml');
  fs.writeFileSync(file, text);
  fs.chmodSync(file, mode);
  return { ...loadConfig(file, { files: fs, env, clients, configOnly }), folder };
}

/** What a test may say beside the config's text. */
export interface LoadSetting {
  files?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  mode?: number;
  folder?: string;
  clients?: ReadonlyMap<string, ClientProfile>;
  configOnly?: boolean;
}

/** The config of a result that should be good. */
export function configOf(result: LoadResult) {
  if (!result.ok) throw new Error(`refused:\n${formatProblems('config.yml', result.errors).join('\n')}`);
  return result.config;
}

/** The lines of a result that should be bad. */
export function linesOf(result: LoadResult): string[] {
  if (result.ok) throw new Error('taken for good');
  return formatProblems('config.yml', result.errors);
}
