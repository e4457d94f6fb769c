import { type ClientProfile, isVisible, type OwnProcess } from '../clients/profile.ts';
import type { Config } from '../config/config.ts';
import type { Log, Redact } from '../log/log.ts';
import { gatewayHost } from '../model/gateway.ts';
import { GATEWAY_LOOKUP_MS } from '../model/limits.ts';
import type { Measure } from '../model/metrics-event.ts';
import type { HostFaultKind, HostReport } from '../model/test-result.ts';
import type { HostNotes } from '../state/host-note.ts';
import type { Place } from '../system/place.ts';
import { isMarked } from './dns/resolv-conf.ts';
import { type DnsKeeper, openDnsKeeper } from './dns/restore-dns.ts';
import { type KillLeftovers, type LeftoverOptions, leftoverKiller } from './leftovers/kill-leftovers.ts';
import { addressesOf } from './network/addresses.ts';
import { type NetworkKeeper, networkKeeper } from './network/restore-network.ts';

/** Notes the state of a place before a log-in, and cleans the place before and after a test. */
export interface HostKeeper {
  /**
   * Notes what the client may change, for the clean-up after this test, or after the next start if the monitor is killed. Rejects with
   * the reason of `signal`.
   *
   * @param traces as in {@link clean}; `null`: notes nothing.
   */
  note(
    client: ClientProfile,
    gateway: string,
    traces: ClientTraces | null,
    signal: AbortSignal,
  ): Promise<void>;
  /** Notes what the client has changed while its tunnel is up. Rejects with the reason of `signal`. */
  observe(signal: AbortSignal): Promise<void>;
  /** The network devices of the last note. */
  devicesBefore(): readonly string[];
  /**
   * Ends leftover processes, removes the devices and routes that clients left, and restores resolv.conf. Does all parts, even if one
   * fails. Rejects only with the reason of `signal`.
   *
   * @param traces `null`: checks and reports nothing.
   * @param afterTest given after a test: called with each critical log line about this host, redacted and printable. The processes are
   * then listed by /proc, and before a test by `ps` if that has not answered within {@link PS_EVERY_MS}.
   * @returns for each part, why it failed, or `null`.
   */
  clean(
    traces: ClientTraces | null,
    settleSeconds: number,
    signal: AbortSignal,
    afterTest?: (line: string) => void,
  ): Promise<HostReport>;
}

/** What the clients of a config can leave on a host. */
export interface ClientTraces {
  /** In the order in which they are ended. */
  readonly processes: readonly OwnProcess[];
  /**
   * The marks in resolv.conf. If `ours` is false, other users of the host may run this client too. Then the mark is removed only after
   * a test that began without it.
   */
  readonly dnsMarks: readonly { readonly mark: string; readonly ours: boolean }[];
  /** The names of the devices that they make: see {@link ClientProfile.device}. */
  readonly devices: readonly string[];
  /** The routing tables that their rules look up: see {@link ClientProfile.table}. */
  readonly tables: readonly string[];
}

/**
 * Returns what clients with these profiles can leave.
 *
 * @param mark the entry in the environment of each client that was started for this results folder.
 * @param devices the names of the devices that they make at their sites.
 */
export function tracesOf(
  profiles: Iterable<ClientProfile>,
  mark: string,
  devices: readonly string[] = [],
): ClientTraces {
  const processes = new Set<OwnProcess>();
  const dnsMarks = new Map<string, boolean>();
  const tables = new Set<string>();
  let marked = false;
  for (const { own, dns, table } of profiles) {
    if (table !== undefined) tables.add(table);
    if (own.by === 'mark') marked = true;
    else for (const process of own.processes) processes.add(process);
    if (dns) dnsMarks.set(dns.mark, own.by === 'name' || dnsMarks.get(dns.mark) === true);
  }
  return {
    processes: [...processes, ...(marked ? [{ mark }] : [])],
    dnsMarks: [...dnsMarks].map(([word, ours]) => ({ mark: word, ours })),
    devices,
    tables: [...tables],
  };
}

/** The options of {@link openHostKeeper}. */
export interface HostKeeperOptions {
  readonly place: Place;
  readonly log: Log;
  readonly redact: Redact;
  /** `dns.file` and `dns.restore` of the config. */
  readonly dns: Config['dns'];
  readonly notes: HostNotes;
  readonly measure: Measure;
}

/**
 * How often `ps` must answer, in ms. Until then /proc lists the same processes. The package for it runs two `ps`, which is a fifth of a
 * test's own CPU time (measured).
 */
const PS_EVERY_MS = 60_000;

/** Opens the keeper of one place. It remembers from test to test what it could not restore. */
export function openHostKeeper({ place, log, redact, dns, notes, measure }: HostKeeperOptions): HostKeeper {
  let onFinding: (line: string) => void = () => undefined;
  const found: Log = {
    ...log,
    critical: (message) => {
      onFinding(message);
      log.critical(message);
    },
  };
  const network = networkKeeper(place, found);
  const resolvConf = openDnsKeeper({
    place,
    log: found,
    redact,
    file: dns.file,
    command: dns.restore,
    notes,
    onRepaired: () => measure({ kind: 'dns-repaired' }),
  });
  const parts: CleanupParts = {
    killLeftovers: leftoverKiller(place, found, (count) => measure({ kind: 'leftovers-killed', count })),
    restoreDns: (marks, test, signal) => resolvConf.restore(marks, test, signal),
    restoreNetwork: network.restore,
    notes,
  };
  let psAnswered = Number.NEGATIVE_INFINITY;
  const isPsKnown = () =>
    place.monotonic() < psAnswered + PS_EVERY_MS && place.findCommand('ps') !== undefined;
  return {
    note: async (client, gateway, traces, signal) => {
      if (traces === null) return;
      const unmarked = marksNotIn(dns.file, client, place);
      const addresses = isVisible(client)
        ? await addressesOf(place, gatewayHost(gateway), GATEWAY_LOOKUP_MS, signal)
        : null;
      const note =
        addresses === null
          ? { bootId: place.bootId(), devices: null, routes: [], gateways: [] }
          : await network.note(addresses, signal, {
              tables: traces.tables,
              ipsec: client.tunnel === 'route',
            });
      const ours = traces.dnsMarks.filter((each) => each.ours).map(({ mark }) => mark);
      notes.change({ network: { ...note, unmarked, resolvConf: resolvConf.note(ours) } });
    },
    observe: (signal) => resolvConf.observe(signal),
    devicesBefore: () => notes.read().network?.devices ?? [],
    clean: async (traces, settleSeconds, signal, afterTest) => {
      onFinding = afterTest ?? onFinding;
      const pids = afterTest !== undefined || isPsKnown() ? 'proc' : 'ps';
      try {
        const report = await cleanHost(traces, parts, settleSeconds, signal, pids);
        if (pids === 'ps' && report.get('ps') === null) psAnswered = place.monotonic();
        return report;
      } finally {
        onFinding = () => undefined;
      }
    },
  };
}

/** The client's mark, if resolv.conf does not contain it. */
function marksNotIn(file: string, { dns }: ClientProfile, place: Place): string[] {
  if (dns === undefined) return [];
  const seen = place.readFile(file);
  return seen.state === 'read' && !isMarked(seen.text, dns.mark) ? [dns.mark] : [];
}

/** The parts of a clean-up, in their order. */
export interface CleanupParts {
  readonly killLeftovers: KillLeftovers;
  readonly restoreNetwork: NetworkKeeper['restore'];
  readonly restoreDns: DnsKeeper['restore'];
  readonly notes: HostNotes;
}

/** See {@link HostKeeper.clean}. */
export async function cleanHost(
  traces: ClientTraces | null,
  { killLeftovers, restoreNetwork, restoreDns, notes }: CleanupParts,
  settleSeconds: number,
  signal: AbortSignal,
  pids: LeftoverOptions['pids'] = 'ps',
): Promise<HostReport> {
  if (traces === null) return new Map();
  const { processes, dnsMarks } = traces;
  const { network } = notes.read();
  const report = new Map<HostFaultKind, string | null>([['ps', null]]);
  const faults: string[] = [];
  const leftovers = await killLeftovers({ processes, settleSeconds, signal, pids });
  if (!leftovers.ok && leftovers.fault === 'ps') report.set('ps', leftovers.why);
  else if (!leftovers.ok) faults.push(leftovers.why);
  const unrestored: string[] = [];
  if (network !== null) {
    const restored = await restoreNetwork(network, traces, signal);
    if (!restored.ok) unrestored.push(restored.why);
  }
  const restorable = dnsMarks
    .filter(({ mark, ours }) => ours || network?.unmarked.includes(mark) === true)
    .map(({ mark }) => mark);
  const restored = await restoreDns(restorable, network, signal);
  if (!restored.ok) unrestored.push(restored.why);
  // Keep the note for the next try if a part could not be restored.
  if (network !== null && unrestored.length === 0) notes.change({ network: null });
  faults.push(...unrestored);
  report.set('cleaning', faults.length === 0 ? null : faults.join('; '));
  return report;
}
