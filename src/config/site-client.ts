import path from 'node:path';
import { type ClientProfile, offered, type SiteKey } from '../clients/profile.ts';
import type { Clients } from './clients.ts';
import { checkNamedFile } from './named-file.ts';
import type { Reading } from './reading.ts';
import { DEFAULT_CLIENT, isCommon } from './schema/site-schema.ts';
import { didYouMean, isPlainWord, oneOf, type Path } from './yaml/problem.ts';
import { child, type Item, ownEntries, stringOf, without } from './yaml/tree.ts';

/** What a site's client takes of it. */
export interface SiteClient {
  readonly client: Pick<ClientProfile, 'keys' | 'args'>;
  /** The site without the keys that were reported or can't be judged. */
  readonly judged: Item;
}

/** Finds the client of a site, and reports an unknown one and keys that only other clients have. */
export function siteClientOf(
  site: Item,
  at: Path,
  { report }: Reading,
  { profiles, spoilt }: Clients,
): SiteClient {
  const said = child(site.value, 'client');
  const name = said === undefined ? DEFAULT_CLIENT : stringOf(said);
  const profile = profiles.get(name ?? '');
  if (profile !== undefined) {
    return { client: profile, judged: withoutForeignKeys(site, at, profile, profiles, report) };
  }
  if (spoilt.has(name ?? '')) {
    return {
      client: { keys: {}, args: [] },
      judged: without(
        site,
        keysOf(site).filter((key) => !isCommon(key)),
      ),
    };
  }
  if (said !== undefined && name !== undefined && name !== '') {
    const names = [...offered(profiles.values()), ...spoilt].filter(isPlainWord);
    report({
      at: said.at,
      path: [...at, 'client'],
      text: `expected ${oneOf(names)}${didYouMean(name, names)}`,
    });
  }
  return { client: { keys: allKeys(profiles), args: [] }, judged: site };
}

/**
 * The values of the keys that a site's client has beside what every site says; paths absolute, their files there.
 * Reports those that are not.
 */
export function readClientKeys(
  { client, judged }: SiteClient,
  at: Path,
  reading: Reading,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [key, { file }] of Object.entries(client.keys)) {
    const item = child(judged.value, key);
    if (item?.value.kind !== 'scalar' || !reading.isGood(item)) continue;
    const text = String(item.value.value);
    values.set(key, file ? path.resolve(reading.folder, text) : text);
    if (!file || reading.configOnly) continue;
    const readable = checkNamedFile(text, reading);
    if (!readable.ok) reading.report({ at: item.at, path: [...at, key], text: readable.why });
  }
  return values;
}

function withoutForeignKeys(
  site: Item,
  at: Path,
  { name, keys }: ClientProfile,
  profiles: Clients['profiles'],
  report: Reading['report'],
): Item {
  const foreign = keysOf(site).flatMap((key) => {
    if (isCommon(key) || Object.hasOwn(keys, key)) return [];
    const owners = offered([...profiles.values()].filter((profile) => Object.hasOwn(profile.keys, key)));
    return owners.length === 0 ? [] : [{ key, owners }];
  });
  for (const { key, owners } of foreign) {
    const text = `unknown key for the client ${name} (it is for ${oneOf(owners)})`;
    report({ at: child(site.value, key)?.at ?? site.at, path: [...at, key], text });
  }
  return without(
    site,
    foreign.map(({ key }) => key),
  );
}

function keysOf(site: Item): string[] {
  return site.value.kind === 'mapping' ? ownEntries(site.value).map(([key]) => key) : [];
}

/** For a site whose client is not known, what any client might take of it. */
function allKeys(profiles: Clients['profiles']): Record<string, SiteKey> {
  const keys = [...profiles.values()].flatMap((profile) => Object.keys(profile.keys));
  return Object.fromEntries(keys.map((key) => [key, { required: false, file: false }]));
}
