import { resolve } from 'node:path';
import { type ClientProfile, offered, type SiteKey } from '../clients/profile.ts';
import type { Clients } from './clients.ts';
import { checkNamedFile } from './named-file.ts';
import type { Reading } from './reading.ts';
import { DEFAULT_CLIENT, isOfAnyClient, siteKeyNames } from './schema/site-schema.ts';
import { didYouMean, isPlainWord, oneOf, type Path } from './yaml/problem.ts';
import { child, type Item, ownEntries, stringOf, without } from './yaml/tree.ts';

/** The client, and its settings, for a gateway or program that people name instead, in small letters only. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['anyconnect', 'openconnect'],
  ['cisco', 'openconnect'],
  ['ciscoanyconnect', 'openconnect'],
  ['ocserv', 'openconnect'],
  ['globalprotect', 'openconnect with protocol: gp'],
  ['paloalto', 'openconnect with protocol: gp'],
  ['fortigate', 'openconnect with protocol: fortinet'],
  ['forticlient', 'openconnect with protocol: fortinet'],
  ['pulse', 'openconnect with protocol: pulse'],
  ['juniper', 'openconnect with protocol: nc'],
  ['f5', 'openconnect with protocol: f5'],
  ['connecttunnel', 'startct'],
  ['sonicwall', 'startct'],
  ['ovpn', 'openvpn'],
]);

/** A site with what its client says about the keys of the site. */
export interface SiteClient {
  readonly client: Pick<ClientProfile, 'keys' | 'args' | 'insteadOf'>;
  /** The whole profile; `undefined` if it is not known, which was reported. */
  readonly profile: ClientProfile | undefined;
  /** The site without the keys that were reported already or that cannot be checked. */
  readonly site: Item;
}

/** Finds the client of a site. Reports an unknown client, and keys that only other clients have. */
export function siteClientOf(
  site: Item,
  path: Path,
  { report }: Reading,
  { profiles, invalid }: Clients,
): SiteClient {
  const item = child(site.value, 'client');
  const name = item === undefined ? DEFAULT_CLIENT : stringOf(item);
  const profile = profiles.get(name ?? '');
  if (profile !== undefined) {
    return { client: profile, profile, site: withoutKeysOfOthers(site, path, profile, profiles, report) };
  }
  if (invalid.has(name ?? '')) {
    const unchecked = keysOf(site).filter((key) => !isOfAnyClient(key));
    return { client: { keys: {}, args: [] }, profile: undefined, site: without(site, unchecked) };
  }
  if (item !== undefined && name !== undefined && name !== '') {
    const names = [...offered(profiles.values()), ...invalid].filter(isPlainWord);
    const meant = OTHER_NAMES.get(name.toLowerCase().replace(/[^a-z]/g, ''));
    const guess = meant === undefined ? didYouMean(name, names) : `: the client for ${name} is ${meant}`;
    const text = `expected ${oneOf(names)}${guess}`;
    report({ at: item.at, path: [...path, 'client'], text });
  }
  return { client: { keys: allKeys(profiles), args: [] }, profile: undefined, site };
}

/**
 * Returns the values of the keys that the client adds to the site, with absolute paths. Reports each file that cannot be
 * read.
 */
export function readClientKeys(
  { client, site }: SiteClient,
  path: Path,
  reading: Reading,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [key, { file, secret }] of Object.entries(client.keys)) {
    if (secret === true) continue;
    const item = child(site.value, key);
    if (item?.value.kind !== 'scalar' || !reading.isGood(item)) continue;
    const text = String(item.value.value);
    values.set(key, file ? resolve(reading.folder, text) : text);
    if (!file || reading.configOnly) continue;
    const readable = checkNamedFile(text, reading);
    if (!readable.ok) reading.report({ at: item.at, path: [...path, key], text: readable.why });
  }
  return values;
}

function withoutKeysOfOthers(
  site: Item,
  path: Path,
  { name, keys }: ClientProfile,
  profiles: Clients['profiles'],
  report: Reading['report'],
): Item {
  const ofOthers = keysOf(site).flatMap((key) => {
    if (isOfAnyClient(key) || siteKeyNames(keys).includes(key)) return [];
    const owners = offered(
      [...profiles.values()].filter((profile) => siteKeyNames(profile.keys).includes(key)),
    );
    return owners.length === 0 ? [] : [{ key, owners }];
  });
  for (const { key, owners } of ofOthers) {
    const text = `unknown key for the client ${name} (it is for ${oneOf(owners)})`;
    report({ at: child(site.value, key)?.at ?? site.at, path: [...path, key], text });
  }
  return without(
    site,
    ofOthers.map(({ key }) => key),
  );
}

function keysOf(site: Item): string[] {
  return site.value.kind === 'mapping' ? ownEntries(site.value).map(([key]) => key) : [];
}

/** The keys of all clients, each of them optional: for a site whose client is unknown. */
function allKeys(profiles: Clients['profiles']): Record<string, SiteKey> {
  const keys = [...profiles.values()].flatMap((profile) => siteKeyNames(profile.keys));
  return Object.fromEntries(keys.map((key) => [key, { required: false, file: false }]));
}
