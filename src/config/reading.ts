import type nodeFs from 'node:fs';
import type { ClientProfile } from '../clients/profile.ts';
import type { Report } from './yaml/problem.ts';
import type { Item, Mapping } from './yaml/tree.ts';

/** One reading of a config: what its parts are read from, and where they report what is wrong. */
export interface Reading {
  /** Absolute path of the config. */
  readonly file: string;
  /** Its folder, where relative paths start. */
  readonly folder: string;
  /** Permission bits of the config. */
  readonly mode: number;
  readonly root: Mapping;
  readonly files: typeof nodeFs;
  /** Where `password_env` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The built-in clients, by name. */
  readonly clients: ReadonlyMap<string, ClientProfile>;
  /** Whether the files and variables that it names are left unread. */
  readonly configOnly: boolean;
  readonly report: Report;
  /** Whether nothing wrong was reported of a value so far. */
  isGood(item: Item): boolean;
}
