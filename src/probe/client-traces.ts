import type { ClientProfile } from '../clients/profile.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import { usedClients } from '../config/used-clients.ts';
import { type ClientTraces, tracesOf } from '../host/keeper.ts';
import { wordsOf } from './template.ts';

/**
 * Whether a client changes the host's network, or whether its clean-up could end processes of another test. Only one test of
 * such a client may run on a host at a time.
 */
export function needsHost({ tunnel, own }: ClientProfile): boolean {
  return tunnel !== 'none' || own.by === 'mark' || own.processes.length > 0;
}

/**
 * What clients may have left on the host. Includes every client of the config: a monitor may have been killed while any of
 * them ran, and what can't be cleaned up is a host fault until it is gone. `null` for a client that does not need the host:
 * while it is tested, another test may use the host.
 */
export function clientTraces(config: Config, profile: ClientProfile, mark: string): ClientTraces | null {
  return needsHost(profile) ? tracesOf(usedClients(config), mark, devicesOf(config.sites)) : null;
}

function devicesOf(sites: readonly SiteConfig[]): readonly string[] {
  const names = sites.flatMap((site) =>
    site.client.device === undefined ? [] : [wordsOf(site.client.device, site, new Map())],
  );
  return [...new Set(names)];
}
