import type { Command } from 'commander';
import { bashScript } from '../completion/bash.ts';
import { completionTree } from '../completion/completion-tree.ts';
import { zshScript } from '../completion/zsh.ts';
import { MAIL } from '../config/config.ts';
import { readConfig } from './load-config.ts';
import { EXIT, type Shell } from './shell.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript } as const;

/** Prints the completion script for a shell. */
export function completion(name: keyof typeof SCRIPTS, program: Command, { screen }: Shell): number {
  screen.print(SCRIPTS[name](completionTree(program)).trimEnd());
  return EXIT.good;
}

/**
 * Prints the names of the config's sites or channels, one per line, for the completion of `once` and `test-notify`. Prints no
 * problems of the config: they would appear in the command line that the user is typing.
 */
export function completeNames(what: 'sites' | 'channels', config: string, shell: Shell): number {
  const loaded = readConfig(config, shell, { configOnly: true });
  if (!loaded.ok) return EXIT.usage;
  const { sites, channels, logging } = loaded.config;
  const mail = logging.email === undefined ? [] : [{ name: MAIL }];
  for (const { name } of what === 'sites' ? sites : [...mail, ...channels]) shell.screen.print(name);
  return EXIT.good;
}
