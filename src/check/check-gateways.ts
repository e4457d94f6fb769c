import type nodeFs from 'node:fs';
import type { Config } from '../config/config.ts';
import { siteFiles } from '../config/site-files.ts';
import { gatewayHost } from '../model/gateway.ts';
import { type Finding, warning } from './finding.ts';

/** Warns about enabled sites whose client reads the gateway from a file that does not contain the site's `vpn_gw`. */
export function checkGateways(config: Pick<Config, 'sites'>, files: typeof nodeFs): readonly Finding[] {
  return siteFiles(config, files).flatMap(({ site, key, kind: { gateway }, name, text }) => {
    const named =
      gateway === undefined ? [] : [...text.matchAll(gateway)].map(([, host = '']) => host.toLowerCase());
    if (named.length === 0 || named.includes(gatewayHost(site.vpnGw).toLowerCase())) return [];
    return [
      {
        ...warning(
          `sites.${site.name}: its ${key} logs in at another gateway than vpn_gw`,
          `${name} decides: is it the ${key} of this site, and does vpn_gw name the gateway as it does?`,
        ),
        site: site.name,
      },
    ];
  });
}
