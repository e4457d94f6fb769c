import path from 'node:path';
import * as v from 'valibot';
import { type ClientProfile, offered } from '../clients/profile.ts';
import { readOwnClient } from './own-client.ts';
import type { Reading } from './reading.ts';
import { AnyClientSchema, BuiltInClientSchema, ClientNameSchema } from './schema/client-schema.ts';
import { validate } from './schema/validate.ts';
import { didYouMean, oneOf, type Path } from './yaml/problem.ts';
import { kindOf } from './yaml/read-yaml.ts';
import { child, type Item, ownEntries, without } from './yaml/tree.ts';

/** The clients of a config. */
export interface Clients {
  /** By name, those that are good: the built-in ones, then the file's own in their order. */
  readonly profiles: ReadonlyMap<string, ClientProfile>;
  /** Names of the file's own that something is wrong with: what their sites may say is not known. */
  readonly spoilt: ReadonlySet<string>;
}

/** Reads what the config says of clients, and reports all that is wrong with that. */
export function readClients(reading: Reading): Clients {
  const profiles = new Map(reading.clients);
  const spoilt = new Set<string>();
  for (const [name, item] of clientItems(reading)) {
    const at = ['clients', name];
    const builtIn = reading.clients.get(name);
    if (builtIn === undefined && profileKeysIn(item).length === 0) {
      reportUnknown(name, item, at, reading);
      continue;
    }
    const client =
      builtIn === undefined
        ? readNewClient(name, item, at, reading)
        : readBuiltIn(builtIn, item, at, reading);
    if (client !== undefined) profiles.set(name, { ...client, command: commandOf(client, reading) });
    else if (builtIn === undefined) spoilt.add(name);
  }
  return { profiles, spoilt };
}

function clientItems({ root, report }: Reading): readonly [string, Item][] {
  const all = child(root, 'clients');
  if (all === undefined) return [];
  if (all.value.kind === 'mapping') return ownEntries(all.value);
  const text = `expected a mapping of clients by their names, got ${kindOf(all.value)}`;
  report({ at: all.at, path: ['clients'], text });
  return [];
}

function readBuiltIn(
  profile: ClientProfile,
  item: Item,
  at: Path,
  { report }: Reading,
): ClientProfile | undefined {
  const surplus = profileKeysIn(item);
  for (const key of surplus) {
    const text = `${profile.name} is built in, only its command can be said: describe a client under another name`;
    report({ at: child(item.value, key)?.at ?? item.at, path: [...at, key], text });
  }
  const raw = validate(BuiltInClientSchema, without(item, surplus), at, report);
  return raw && { ...profile, command: raw.command };
}

function readNewClient(name: string, item: Item, at: Path, reading: Reading): ClientProfile | undefined {
  const named = v.safeParse(ClientNameSchema, name);
  if (!named.success) reading.report({ at: item.at, path: at, text: `expected ${named.issues[0].message}` });
  return readOwnClient(name, item, at, reading);
}

/** A name that is not built in and has a command at most: more likely mistyped than a client of the user's own. */
function reportUnknown(name: string, item: Item, at: Path, { clients, report }: Reading): void {
  const builtIn = offered(clients.values());
  const text = `unknown client, expected ${oneOf(builtIn)}${didYouMean(name, builtIn)}`;
  report({ at: item.at, path: at, text: `${text} (one of your own says at least command and success)` });
  validate(BuiltInClientSchema, item, at, report);
}

/** What the config says of a client beside its command. */
function profileKeysIn({ value }: Item): string[] {
  const keys = value.kind === 'mapping' ? ownEntries(value).map(([key]) => key) : [];
  return keys.filter((key) => key !== 'command' && Object.hasOwn(AnyClientSchema.entries, key));
}

function commandOf({ command }: ClientProfile, { folder }: Reading): string {
  return command.includes('/') ? path.resolve(folder, command) : command;
}
