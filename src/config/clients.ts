import path from 'node:path';
import { check } from './check.ts';
import type { Config } from './config.ts';
import { didYouMean } from './problem.ts';
import type { Reading } from './reading.ts';
import { ClientSchema } from './schema.ts';
import { child, ownEntries } from './tree.ts';
import { kindOf } from './yaml.ts';

/** Reads where the clients' commands are, and reports all that is wrong with that. */
export function readClients({ root, folder, clients, report }: Reading): Config['clients'] {
  const found = new Map<string, { command: string }>();
  const all = child(root, 'clients');
  if (all === undefined) return found;
  if (all.value.kind !== 'mapping') {
    const text = `expected a mapping of clients by their names, got ${kindOf(all.value)}`;
    report({ at: all.at, path: ['clients'], text });
    return found;
  }
  for (const [name, item] of ownEntries(all.value)) {
    const at = ['clients', name];
    if (!clients.includes(name)) {
      const text = `unknown client, expected ${clients.join(' or ')}${didYouMean(name, clients)}`;
      report({ at: item.at, path: at, text });
    }
    const client = check(ClientSchema, item, at, report);
    if (client === undefined) continue;
    const { command } = client;
    found.set(name, { command: command.includes('/') ? path.resolve(folder, command) : command });
  }
  return found;
}
