import * as v from 'valibot';
import type { Clients } from './clients.ts';
import type { SiteConfig } from './config.ts';
import { type Credential, readCredential } from './credential.ts';
import { readInside } from './inside.ts';
import type { Reading } from './reading.ts';
import { SiteNameSchema, siteSchema } from './schema/site-schema.ts';
import { validate } from './schema/validate.ts';
import { readClientKeys, siteClientOf } from './site-client.ts';
import { readTotp } from './totp.ts';
import { child, type Item, kindOf, ownEntries } from './yaml/tree.ts';

/** The valid sites of a config, and the password of each site. */
export interface Sites {
  readonly sites: readonly SiteConfig[];
  readonly credentials: readonly Credential[];
}

/**
 * Reads all sites in the order of the file, and reports each problem with them.
 *
 * @param isolation of the sites that do not say it.
 */
export function readSites(reading: Reading, clients: Clients, isolation: SiteConfig['isolation']): Sites {
  const { report } = reading;
  const sites: SiteConfig[] = [];
  const credentials: Credential[] = [];
  for (const [name, item] of siteItems(reading)) {
    const path = ['sites', name];
    const named = v.safeParse(SiteNameSchema, name, { abortPipeEarly: true });
    if (!named.success) report({ at: item.at, path, text: `expected ${named.issues[0].message}` });
    const siteClient = siteClientOf(item, path, reading, clients);
    const site = validate(siteSchema(siteClient.client), siteClient.site, path, report);
    if (item.value.kind !== 'mapping') continue;
    const clientKeys = readClientKeys(siteClient, path, reading);
    const credential = readCredential(item, path, reading);
    const totp = readTotp(item, siteClient, path, reading);
    credentials.push(...[credential, totp?.credential].filter((each) => each !== undefined));
    const { profile } = siteClient;
    const inside = readInside(item, site?.inside, path, siteClient, reading);
    if (site === undefined || credential === undefined || profile === undefined) continue;
    const [first] = inside;
    sites.push({
      name,
      externalIp: site.external_ip,
      vpnGw: site.vpn_gw,
      username: site.username,
      password: credential.secret,
      totp: totp?.codes,
      internalIp: site.internal_ip ?? first?.host ?? '',
      inside,
      client: profile,
      clientKeys,
      enabled: site.enabled,
      isolation: site.isolation ?? isolation,
    });
  }
  return { sites, credentials };
}

function siteItems({ root, report }: Reading): [string, Item][] {
  const all = child(root, 'sites');
  if (all === undefined) return [];
  if (all.value.kind !== 'mapping') {
    const text = `expected a mapping of sites by their names, got ${kindOf(all.value)}`;
    report({ at: all.at, path: ['sites'], text });
    return [];
  }
  const sites = ownEntries(all.value);
  if (sites.length === 0) {
    const ignored = all.value.entries.size === 0 ? '' : ' whose name does not begin with x-';
    report({ at: all.at, path: ['sites'], text: `no sites: expected at least one${ignored}` });
  }
  return sites;
}
