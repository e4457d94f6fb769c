import { startct } from '../../src/clients/startct.ts';
import type { SiteConfig } from '../../src/config/config.ts';
import { Secret } from '../../src/model/secret.ts';

/** The password of every simulated site: found nowhere by chance. */
export const PASSWORD = 'Tr0ub4dor&3 "quoted"';

/** A site on loopback whose gateway is the simulated client's behaviour. */
export function simulatedSite(
  gateway: string,
  more: Partial<SiteConfig> = {},
): SiteConfig & { readonly password: Secret } {
  return {
    name: 'site1',
    externalIp: '127.0.0.1',
    vpnGw: gateway,
    username: 'monitor',
    internalIp: '127.0.0.1',
    inside: [],
    client: startct,
    clientKeys: new Map([
      ['realm', 'corp'],
      ['timeout', '60'],
    ]),
    slowMs: [null, null, null],
    enabled: true,
    isolation: 'none',
    ...more,
    password: more.password ?? new Secret(PASSWORD),
  };
}
