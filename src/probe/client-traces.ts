import type { ClientProfile } from '../clients/profile.ts';
import type { Config } from '../config/config.ts';
import { usedClients } from '../config/used-clients.ts';
import { type ClientTraces, tracesOf } from '../host/keeper.ts';

/**
 * Whether a client changes the host's network, or a clean-up for it might end what another test has started. Only one test
 * of such clients may run on a host at a time.
 */
export function needsHost({ tunnel, own }: ClientProfile): boolean {
  return tunnel !== 'none' || own.by === 'mark' || own.processes.length > 0;
}

/**
 * What may be on the host: of every client in the config, since a monitor may have been killed with any of them, and what
 * can't be put right is a fault until nothing of it is found. `null` for a client that does not need the host: while it is
 * tested, that may be another test's.
 */
export function clientTraces(config: Config, profile: ClientProfile, mark: string): ClientTraces | null {
  return needsHost(profile) ? tracesOf(usedClients(config), mark) : null;
}
