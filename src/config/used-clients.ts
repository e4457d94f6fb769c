import type { ClientProfile } from '../clients/profile.ts';
import type { Config } from './config.ts';

/** The clients of all sites, the disabled ones' too: a reload may enable those, and `once` may name them. */
export function usedClients({ clients, sites }: Pick<Config, 'clients' | 'sites'>): readonly ClientProfile[] {
  return clientsOf(sites, clients);
}

/** The clients that are tested in the cycles: those of the enabled sites. */
export function enabledClients({
  clients,
  sites,
}: Pick<Config, 'clients' | 'sites'>): readonly ClientProfile[] {
  return clientsOf(
    sites.filter((site) => site.enabled),
    clients,
  );
}

/** In the order of the sites, each once. */
function clientsOf(sites: Config['sites'], clients: Config['clients']): readonly ClientProfile[] {
  const names = new Set(sites.map((site) => site.client));
  return [...names].flatMap((name) => clients.get(name) ?? []);
}
