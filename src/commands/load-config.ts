import { PROFILES } from '../clients/built-in.ts';
import { type Config, secretsOf } from '../config/config.ts';
import { type LoadOptions, type LoadResult, loadConfig } from '../config/load.ts';
import { formatProblems } from '../config/yaml/problem.ts';
import type { Secret } from '../model/secret.ts';
import type { System } from '../system/system.ts';
import { EXIT, type Shell } from './shell.ts';

/** A good config, with the machine as its children may see it. */
export interface Ready {
  readonly config: Config;
  readonly system: System;
  /** The environment variables that hold a secret, or did before the config was read again. */
  readonly secretVariables: readonly string[];
  /** The secrets of the config, and those it had before it was read again: none may be shown. */
  readonly secrets: readonly Secret[];
}

/** How much of a config a command needs: see {@link LoadOptions}. */
export type Needs = Pick<LoadOptions, 'configOnly'>;

/** Reads the config as every command does. */
export function readConfig(file: string, shell: Shell, needs: Needs = {}): LoadResult {
  return loadConfig(file, {
    files: shell.system.files,
    env: shell.system.env,
    clients: PROFILES,
    ...needs,
  });
}

/** Loads the config of a command, or gives its exit status. What is wrong with it is said on stderr, all at once. */
export function startWithConfig(
  file: string,
  shell: Shell,
  needs: Needs = {},
): Ready | { readonly status: number } {
  const loaded = readConfig(file, shell, needs);
  if (loaded.ok) return ready(loaded, shell);
  for (const line of formatProblems(file, loaded.errors)) shell.screen.diagnose(line);
  return { status: loaded.retry ? EXIT.later : EXIT.usage };
}

/**
 * Takes the variables that hold secrets out of the environment: no child may see them. (In /proc/PID/environ of this
 * process they stay, for its own user and root.)
 *
 * @param before what was ready until the config was read again: what was secret then stays so.
 */
export function ready(loaded: LoadResult & { readonly ok: true }, { system }: Shell, before?: Ready): Ready {
  const { config } = loaded;
  const secretVariables = [...new Set([...(before?.secretVariables ?? []), ...loaded.secretVariables])];
  // ps-list starts ps with the environment of this process.
  for (const name of secretVariables) delete process.env[name];
  const rest = Object.entries(system.env).filter(([name]) => !secretVariables.includes(name));
  const secrets = [...(before?.secrets ?? []), ...secretsOf(config)];
  return {
    config,
    system: { ...system, env: Object.fromEntries(rest) },
    secretVariables,
    secrets: [...new Map(secrets.map((secret) => [secret.reveal(), secret])).values()],
  };
}
