import * as v from 'valibot';
import type { ClientProfile } from '../clients/profile.ts';
import { counted } from '../words/numbers.ts';
import type { Clients } from './clients.ts';
import type { SiteConfig } from './config.ts';
import { type Credential, hasSecret, readCredential, readSecretOf } from './credential.ts';
import { readInside } from './inside.ts';
import type { Reading } from './reading.ts';
import { isOfAnySite, SiteNameSchema, siteSchema } from './schema/site-schema.ts';
import type { SlowSettings } from './schema/slow-schema.ts';
import { validate } from './schema/validate.ts';
import { readClientKeys, type SiteClient, siteClientOf } from './site-client.ts';
import { readTotp } from './site-codes.ts';
import { MISSING, type Path } from './yaml/problem.ts';
import { child, type Item, kindOf, ownEntries } from './yaml/tree.ts';

/** The valid sites of a config, and the password of each site. */
export interface Sites {
  readonly sites: readonly SiteConfig[];
  readonly credentials: readonly Credential[];
}

/**
 * Reads all sites in the order of the file, and reports each problem with them.
 *
 * @param defaults for the sites that do not say it.
 */
export function readSites(
  reading: Reading,
  clients: Clients,
  defaults: { readonly isolation: SiteConfig['isolation']; readonly slow: SlowSettings },
): Sites {
  const { report } = reading;
  const sites: SiteConfig[] = [];
  const credentials: Credential[] = [];
  for (const [name, item] of siteItems(reading)) {
    const path = ['sites', name];
    const named = v.safeParse(SiteNameSchema, name, { abortPipeEarly: true });
    if (!named.success) report({ at: item.at, path, text: `expected ${named.issues[0].message}` });
    const siteClient = siteClientOf(item, path, reading, clients);
    const { insteadOf } = siteClient.client;
    const needs = (part: 'username' | 'password') => !hasInstead(item, insteadOf?.[part]);
    const site = validate(siteSchema(siteClient.client, needs('username')), siteClient.site, path, report);
    if (item.value.kind !== 'mapping') continue;
    const clientKeys = readClientKeys(siteClient, path, reading);
    const password = needs('password')
      ? readCredential(item, path, reading)
      : readSecretOf('password', item, path, reading);
    const secrets = readClientSecrets(siteClient, item, path, reading);
    const totp = readTotp(item, siteClient, path, reading);
    credentials.push(
      ...[password, totp?.credential, ...secrets.values()].filter((each) => each !== undefined),
    );
    const { profile } = siteClient;
    const inside = readInside(item, site?.inside, path, siteClient, reading);
    if (site === undefined || profile === undefined || (password === undefined && needs('password')))
      continue;
    const [first] = inside;
    sites.push({
      name,
      externalIp: site.external_ip,
      vpnGw: site.vpn_gw,
      username: site.username,
      password: password?.secret,
      totp: totp?.codes,
      internalIp: site.internal_ip ?? first?.host ?? '',
      inside,
      client: profile,
      clientKeys,
      ...(secrets.size === 0
        ? {}
        : { clientSecrets: new Map([...secrets].map(([key, { secret }]) => [key, secret])) }),
      slowMs: slowLimits({ ...defaults.slow, ...ownSlow(site.slow_ms, profile) }),
      enabled: site.enabled,
      isolation: isolationOf(item, site.isolation ?? defaults.isolation, path, profile, reading),
    });
  }
  return { sites, credentials };
}

/** Where a site is tested. Reports a cell for a client that does not work there. */
function isolationOf(
  site: Item,
  wanted: SiteConfig['isolation'],
  path: Path,
  { name, hostService }: ClientProfile,
  { report }: Reading,
): SiteConfig['isolation'] {
  if (!hostService || wanted === 'none') return wanted;
  if (wanted === 'auto') return 'none';
  const { at } = child(site.value, 'isolation') ?? child(site.value, 'client') ?? site;
  const text = `expected none, since the client ${name} asks a service of this host to connect, which can't be reached from a cell`;
  report({ at, path: [...path, 'isolation'], text });
  return wanted;
}

/** The site's own limits. A client may have given its own meaning to the key. */
function ownSlow(settings: SlowSettings | undefined, { keys }: ClientProfile): SlowSettings {
  return Object.hasOwn(keys, 'slow_ms') ? {} : (settings ?? {});
}

function slowLimits({ ping_outside, log_in, inside }: SlowSettings): SiteConfig['slowMs'] {
  return [ping_outside ?? null, log_in ?? null, inside ?? null];
}

/** Whether a site has one of the keys that it may have instead; an empty list: it may do without them. */
function hasInstead(site: Item, keys: readonly string[] | undefined): boolean {
  if (keys === undefined) return false;
  const has = (key: string) =>
    key === 'totp' ? hasSecret(site, 'totp_secret') : child(site.value, key) !== undefined;
  return keys.length === 0 || keys.some(has);
}

/** The secrets that the client adds to the site, by key. */
function readClientSecrets(
  { client }: SiteClient,
  site: Item,
  path: Path,
  reading: Reading,
): ReadonlyMap<string, Credential> {
  const found = new Map<string, Credential>();
  for (const [key, { secret, required }] of Object.entries(client.keys)) {
    if (secret !== true) continue;
    if (required && !hasSecret(site, key)) {
      const text = `${MISSING} (or ${key}_file or ${key}_env)`;
      reading.report({ at: site.at, path: [...path, key], text });
    }
    const read = readSecretOf(key, site, path, reading);
    if (read !== undefined) found.set(key, read);
  }
  return found;
}

function siteItems({ root, report }: Reading): [string, Item][] {
  const all = child(root, 'sites');
  if (all === undefined) return [];
  if (all.value.kind !== 'mapping') {
    const kind = kindOf(all.value);
    const remedy = kind === 'nothing' ? ': indent the names of the sites below it' : '';
    const text = `expected a mapping of sites by their names, got ${kind}${remedy}`;
    report({ at: all.at, path: ['sites'], text });
    return [];
  }
  const sites = withoutMisplaced(ownEntries(all.value), report);
  if (ownEntries(all.value).length === 0) {
    const ignored = all.value.entries.size === 0 ? '' : ' whose name does not begin with x-';
    report({ at: all.at, path: ['sites'], text: `no sites: expected at least one${ignored}` });
  }
  return sites;
}

/**
 * Reports settings of a site that stand beside the sites, because they are not indented enough, as one problem. Leaves them out, and
 * the names without a value, from which they are missing.
 */
function withoutMisplaced(sites: [string, Item][], report: Reading['report']): [string, Item][] {
  const isSetting = ([name, { value }]: [string, Item]) => value.kind === 'scalar' && isOfAnySite(name);
  const [first, ...more] = sites.filter(isSetting);
  if (first === undefined) return sites;
  const [name, { at }] = first;
  const others = more.length === 0 ? 'it' : `it and ${counted(more.length, 'other setting')}`;
  const text = `a setting of a site, where a site is expected: indent ${others} below the name of the site`;
  report({ at, path: ['sites', name], text });
  return sites.filter((site) => !isSetting(site) && kindOf(site[1].value) !== 'nothing');
}
