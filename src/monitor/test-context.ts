import path from 'node:path';
import type { Config } from '../config/config.ts';
import { dnsChecker } from '../host/dns/restore-dns.ts';
import { leftoverKiller } from '../host/leftovers/kill-leftovers.ts';
import { networkNotes } from '../host/network/network-note.ts';
import { networkKeeper } from '../host/network/restore-network.ts';
import type { Log } from '../log/log.ts';
import { createRedactor } from '../log/redact.ts';
import type { Measure } from '../model/metrics-event.ts';
import type { Secret } from '../model/secret.ts';
import { type DnsNote, STATE_FOLDER } from '../state/store.ts';
import type { System } from '../system/system.ts';
import type { TurnContext } from './test-in-slot.ts';

/** What is known of earlier tests, also of those before a restart. */
export interface TurnMemory {
  /** The note of the unmarked resolv.conf; `null`: there is none. */
  dnsNote(): DnsNote | null;
  keepDnsNote(note: DnsNote): void;
  /** See {@link TurnContext.rejectedAt}. */
  rejectedAt(site: string): Date | null;
}

/** What a command tests with, whatever the config. */
export interface TurnOptions
  extends Pick<TurnContext, 'system' | 'log' | 'resultLog' | 'progress' | 'force' | 'rows'> {
  /** What may not be shown. */
  readonly secrets: readonly Secret[];
  readonly memory: TurnMemory;
  readonly measure: Measure;
}

/** Puts together what the test of a site of this config needs. */
export function createTurnContext(config: Config, options: TurnOptions): TurnContext {
  const { secrets, memory, measure, ...given } = options;
  const { system } = given;
  const redact = createRedactor(secrets);
  const findings: string[] = [];
  const log: Log = {
    ...given.log,
    critical: (message) => {
      findings.push(message);
      given.log.critical(message);
    },
  };
  return {
    ...given,
    config,
    redact,
    mark: `VPN_MONITOR_CLIENT=${realPath(config.logging.dir, system)}`,
    rejectedAt: memory.rejectedAt,
    host: {
      takeFindings: () => findings.splice(0),
      killLeftovers: leftoverKiller(system, log, (count) => measure({ kind: 'leftovers-killed', count })),
      checkDns: dnsChecker({
        system,
        log,
        redact,
        file: config.dns.file,
        restore: config.dns.restore,
        note: memory.dnsNote(),
        takeNote: memory.keepDnsNote,
        onRepaired: () => measure({ kind: 'dns-repaired' }),
      }),
      network: networkKeeper(system, log),
      networkNotes: networkNotes(path.join(config.logging.dir, STATE_FOLDER), system, log),
    },
  };
}

/** What marks the clients of a results folder: however it is called, it is one folder. */
function realPath(folder: string, { files }: System): string {
  try {
    return files.realpathSync(folder);
  } catch {
    return folder;
  }
}
