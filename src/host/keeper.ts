import type { ClientProfile, OwnProcess } from '../clients/profile.ts';
import type { HostFaultKind, HostReport } from '../model/test-result.ts';
import type { CheckDns } from './dns/restore-dns.ts';
import type { KillLeftovers } from './leftovers/kill-leftovers.ts';
import type { NetworkNotes } from './network/network-note.ts';
import type { NetworkKeeper } from './network/restore-network.ts';

/** What remembers, from test to test, what could not be put right on this host. */
export interface HostKeeper {
  readonly killLeftovers: KillLeftovers;
  readonly checkDns: CheckDns;
  readonly network: NetworkKeeper;
  readonly networkNotes: NetworkNotes;
  /** The critical lines of the log about this host, redacted and printable, since they were last taken. */
  takeFindings(): readonly string[];
}

/** What the clients of a config may leave on a host. */
export interface ClientTraces {
  /** In the order of the kill. */
  readonly processes: readonly OwnProcess[];
  /**
   * The words in resolv.conf. `ours` is false for a client that others on the host may run as well: its word is ours to
   * restore only after a test that began without it.
   */
  readonly dnsMarks: readonly { readonly mark: string; readonly ours: boolean }[];
}

/**
 * What `profiles` may leave.
 *
 * @param mark the entry in the environment of every client that was started for this results folder.
 */
export function tracesOf(profiles: Iterable<ClientProfile>, mark: string): ClientTraces {
  const processes = new Set<OwnProcess>();
  const dnsMarks = new Map<string, boolean>();
  let marked = false;
  for (const { own, dns } of profiles) {
    if (own.by === 'mark') marked = true;
    else for (const process of own.processes) processes.add(process);
    if (dns) dnsMarks.set(dns.mark, own.by === 'name' || dnsMarks.get(dns.mark) === true);
  }
  return {
    processes: [...processes, ...(marked ? [{ mark }] : [])],
    dnsMarks: [...dnsMarks].map(([word, ours]) => ({ mark: word, ours })),
  };
}

/**
 * Ends what clients left running, removes the devices and routes that they left, and restores resolv.conf. All is tried,
 * also if a part fails. Rejects only with the signal's reason, when that is aborted.
 *
 * @param traces `null`: nothing is looked at, and nothing said.
 * @returns a fault for each that failed, `null` for what is well.
 */
export async function cleanHost(
  traces: ClientTraces | null,
  keeper: HostKeeper,
  settleSeconds: number,
  signal: AbortSignal,
): Promise<HostReport> {
  if (traces === null) return new Map();
  const { processes, dnsMarks } = traces;
  const { killLeftovers, checkDns, network, networkNotes } = keeper;
  const networkNote = networkNotes.last;
  const report = new Map<HostFaultKind, string | null>([['ps', null]]);
  const faults: string[] = [];
  const leftovers = await killLeftovers({ processes, settleSeconds, signal });
  if (!leftovers.clean && leftovers.fault === 'ps') report.set('ps', leftovers.why);
  else if (!leftovers.clean) faults.push(leftovers.why);
  const changed: string[] = [];
  if (networkNote !== null) {
    const staying = await network.restore(networkNote, signal);
    if (staying !== null) changed.push(staying);
  }
  const restorable = dnsMarks
    .filter(({ mark, ours }) => ours || networkNote?.unmarked.includes(mark) === true)
    .map(({ mark }) => mark);
  for (const { mark } of dnsMarks) {
    const staying = await checkDns(mark, restorable, signal);
    if (staying !== null) changed.push(staying);
  }
  // What is not put right yet is still known as the client's at the next try.
  if (networkNote !== null && changed.length === 0) networkNotes.last = null;
  faults.push(...changed);
  report.set('cleaning', faults.length === 0 ? null : faults.join('; '));
  return report;
}
