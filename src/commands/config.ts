import { PROFILES } from '../clients/profiles.ts';
import type { Config } from '../config/config.ts';
import { type LoadOptions, type LoadResult, loadConfig } from '../config/load.ts';
import { formatProblems } from '../config/problem.ts';
import type { System } from '../system.ts';
import { EXIT, type Shell } from './shell.ts';

/** A good config, with the machine as its children may see it. */
export interface Ready {
  readonly config: Config;
  readonly system: System;
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

/** Takes the variables that hold secrets out of the environment: no child may see them. (In /proc/PID/environ of this process they stay, for its own user and root.) */
export function ready(loaded: LoadResult & { readonly ok: true }, { system }: Shell): Ready {
  const { config, secretVariables } = loaded;
  // ps-list starts ps with the environment of this process.
  for (const name of secretVariables) delete process.env[name];
  const rest = Object.entries(system.env).filter(([name]) => !secretVariables.includes(name));
  return { config, system: { ...system, env: Object.fromEntries(rest) } };
}
