import type { ClientProfile } from '../clients/profile.ts';
import type { Config } from './config.ts';

/** The clients of all sites, each once, in the order of the sites. A disabled site counts: `once` may name it, a reload enable it. */
export function usedClients({ sites }: Pick<Config, 'sites'>): readonly ClientProfile[] {
  return [...new Set(sites.map((site) => site.client))];
}

/** The clients of the enabled sites, each once, in the order of the sites. */
export function enabledClients({ sites }: Pick<Config, 'sites'>): readonly ClientProfile[] {
  return usedClients({ sites: sites.filter((site) => site.enabled) });
}
