import { PROFILES } from '../clients/built-in.ts';
import { type Config, secretsOf } from '../config/config.ts';
import { type LoadOptions, type LoadResult, loadConfig } from '../config/load.ts';
import { formatProblems } from '../config/yaml/problem.ts';
import { proxySecrets } from '../http/proxy.ts';
import { failed, good, type Result } from '../model/result.ts';
import type { Secret } from '../model/secret.ts';
import type { System } from '../system/system.ts';
import { EXIT, type Shell } from './shell.ts';

/** A valid config, and the system without the environment variables that hold its secrets. */
export interface Ready {
  readonly config: Config;
  readonly system: System;
  /** Names of environment variables that hold a secret of this config or of one loaded before it. */
  readonly secretVariables: readonly string[];
  /** The secrets of this config and of those loaded before it, and those of the environment's proxies. All are redacted. */
  readonly secrets: readonly Secret[];
}

/** How much of a config a command needs: see {@link LoadOptions}. */
export type Needs = Pick<LoadOptions, 'configOnly'>;

/** The config of a command, or the command's exit status if there is none. The reason has been printed by then. */
export type Started = Result<Ready, string, { readonly status: number }>;

/** Loads a config with the built-in clients. */
export function readConfig(file: string, shell: Shell, needs: Needs = {}): LoadResult {
  return loadConfig(file, {
    files: shell.system.files,
    env: shell.system.env,
    clients: PROFILES,
    ...needs,
  });
}

/** Loads the config of a command. Prints every problem of it on stderr. */
export function startWithConfig(file: string, shell: Shell, needs: Needs = {}): Started {
  const loaded = readConfig(file, shell, needs);
  if (loaded.ok) return good(ready(loaded, shell));
  const lines = formatProblems(file, loaded.errors);
  for (const line of lines) shell.screen.diagnose(line);
  return { ...failed(lines.join('\n')), status: loaded.retry ? EXIT.later : EXIT.usage };
}

/**
 * Removes the variables that hold secrets from the environment, so that no child inherits them. They remain in
 * /proc/PID/environ of this process, which only its own user and root can read.
 *
 * @param before the result for the previous config, after a reload: its secrets stay secret.
 */
export function ready(loaded: LoadResult & { readonly ok: true }, { system }: Shell, before?: Ready): Ready {
  const { config } = loaded;
  const secretVariables = [...new Set([...(before?.secretVariables ?? []), ...loaded.secretVariables])];
  // ps-list starts ps with the environment of this process.
  for (const name of secretVariables) delete process.env[name];
  const rest = Object.entries(system.env).filter(([name]) => !secretVariables.includes(name));
  const secrets = [...(before?.secrets ?? []), ...secretsOf(config), ...proxySecrets(system.env)];
  return {
    config,
    system: { ...system, env: Object.fromEntries(rest) },
    secretVariables,
    secrets: [...new Map(secrets.map((secret) => [secret.reveal(), secret])).values()],
  };
}
