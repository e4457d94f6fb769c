import type nodeFs from 'node:fs';
import type { ClientProfile } from '../clients/profile.ts';
import type { Report } from './yaml/problem.ts';
import type { Item, Mapping } from './yaml/tree.ts';

/** One reading of a config: the sources of its parts, and where they report problems. */
export interface Reading {
  /** Absolute path of the config. */
  readonly file: string;
  /** The folder of the config. Relative paths in the config start there. */
  readonly folder: string;
  /** Permission bits of the config. */
  readonly mode: number;
  /** The tree of the config. */
  readonly root: Mapping;
  readonly files: typeof nodeFs;
  /** The environment in which `password_env` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The built-in clients, by name. */
  readonly clients: ReadonlyMap<string, ClientProfile>;
  /** Whether the files and variables that the config names are not read. */
  readonly configOnly: boolean;
  readonly report: Report;
  /** Whether no problem with this value was reported yet. */
  isGood(item: Item): boolean;
}
