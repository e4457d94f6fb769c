import { resolve } from 'node:path';
import * as v from 'valibot';
import { type ClientProfile, offered } from '../clients/profile.ts';
import { readOwnClient } from './own-client.ts';
import type { Reading } from './reading.ts';
import { AnyClientSchema, BuiltInClientSchema, ClientNameSchema } from './schema/client-schema.ts';
import { validate } from './schema/validate.ts';
import { didYouMean, oneOf, type Path } from './yaml/problem.ts';
import { child, type Item, kindOf, ownEntries, without } from './yaml/tree.ts';

/** The clients that the sites of a config may name. */
export interface Clients {
  /** The valid ones, by name: first the built-in ones, then those that the config describes, in their order. */
  readonly profiles: ReadonlyMap<string, ClientProfile>;
  /** The names of those that the config describes with mistakes. The keys of their sites cannot be checked. */
  readonly invalid: ReadonlySet<string>;
}

/** Reads the clients of a config, and reports each problem with them. */
export function readClients(reading: Reading): Clients {
  const profiles = new Map(reading.clients);
  const invalid = new Set<string>();
  for (const [name, item] of clientItems(reading)) {
    const path = ['clients', name];
    const builtIn = builtInOf(name, item, reading);
    if (builtIn === undefined && profileKeysIn(item).length === 0) {
      reportUnknown(name, item, path, reading);
      continue;
    }
    const client =
      builtIn === undefined
        ? readNewClient(name, item, path, reading)
        : readBuiltIn(builtIn, item, path, reading);
    if (client !== undefined) profiles.set(name, { ...client, command: commandOf(client, reading) });
    else if (builtIn === undefined) invalid.add(name);
  }
  return { profiles, invalid };
}

/** The built-in client with this name, unless the config describes one in its place. */
function builtInOf(name: string, item: Item, { clients }: Reading): ClientProfile | undefined {
  const profile = clients.get(name);
  return profile?.replaceable === true && child(item.value, 'success') !== undefined ? undefined : profile;
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
  path: Path,
  { report }: Reading,
): ClientProfile | undefined {
  const keys = profileKeysIn(item);
  for (const key of keys) {
    const text = `${profile.name} is built in, only its command can be set: describe a client under another name`;
    report({ at: child(item.value, key)?.at ?? item.at, path: [...path, key], text });
  }
  const raw = validate(BuiltInClientSchema, without(item, keys), path, report);
  return raw && { ...profile, command: raw.command };
}

function readNewClient(name: string, item: Item, path: Path, reading: Reading): ClientProfile | undefined {
  const named = v.safeParse(ClientNameSchema, name);
  if (!named.success) reading.report({ at: item.at, path, text: `expected ${named.issues[0].message}` });
  return readOwnClient(name, item, path, reading);
}

/** Reports a name that is not built in and has no key but `command`: more likely a typing error than a new client. */
function reportUnknown(name: string, item: Item, path: Path, { clients, report }: Reading): void {
  const builtIn = offered(clients.values());
  const text = `unknown client, expected ${oneOf(builtIn)}${didYouMean(name, builtIn)}`;
  report({ at: item.at, path, text: `${text} (a client of your own needs at least command and success)` });
  validate(BuiltInClientSchema, item, path, report);
}

/** The keys of a client except `command`. */
function profileKeysIn({ value }: Item): string[] {
  const keys = value.kind === 'mapping' ? ownEntries(value).map(([key]) => key) : [];
  return keys.filter((key) => key !== 'command' && Object.hasOwn(AnyClientSchema.entries, key));
}

function commandOf({ command }: ClientProfile, { folder }: Reading): string {
  return command.includes('/') ? resolve(folder, command) : command;
}
