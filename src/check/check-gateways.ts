import type nodeFs from 'node:fs';
import type { Config, SiteConfig } from '../config/config.ts';
import { readSmallFile } from '../files/small-file.ts';
import { gatewayHost } from '../host/network/addresses.ts';
import { type Finding, warning } from './finding.ts';

/** More than the size of any site's file. */
const MAX_BYTES = 1024 * 1024;

/** Warns about enabled sites whose client reads the gateway from a file that does not contain the site's `vpn_gw`. */
export function checkGateways({ sites }: Pick<Config, 'sites'>, files: typeof nodeFs): readonly Finding[] {
  return sites
    .filter(({ enabled }) => enabled)
    .flatMap((site) =>
      Object.entries(site.client.keys).flatMap(([key, { gateway }]) =>
        gateway === undefined ? [] : checkFile(site, key, gateway, files),
      ),
    );
}

function checkFile(site: SiteConfig, key: string, gateway: RegExp, files: typeof nodeFs): Finding[] {
  const name = site.clientKeys.get(key) ?? '';
  const file = readSmallFile(files, name, MAX_BYTES);
  const named = file.ok
    ? [...file.value.text.matchAll(gateway)].map(([, host = '']) => host.toLowerCase())
    : [];
  if (named.length === 0 || named.includes(gatewayHost(site.vpnGw).toLowerCase())) return [];
  return [
    warning(
      `sites.${site.name}: its ${key} logs in at another gateway than vpn_gw`,
      `${name} decides: is it the ${key} of this site, and does vpn_gw name the gateway as it does?`,
    ),
  ];
}
