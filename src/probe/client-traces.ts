import type { ClientProfile } from '../clients/profile.ts';
import type { Config } from '../config/config.ts';
import { usedClients } from '../config/used-clients.ts';
import { type ClientTraces, tracesOf } from '../host/clean.ts';

/** What may be on the host: of every client in the config, since a monitor may have been killed with any of them. */
export function clientTraces(config: Config, profile: ClientProfile, mark: string): ClientTraces {
  // A client that takes nothing of the host has nothing to find on it.
  return tracesOf(profile.tunnel === 'none' ? [profile] : usedClients(config), mark);
}
