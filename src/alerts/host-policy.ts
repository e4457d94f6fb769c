import type { HostFaultKind, HostReport } from '../model/test-result.ts';
import type { FirstKeys, HostFaultState } from '../state/store.ts';

/** The content of a message about this host. */
export interface HostEvent {
  /** 'host-fault': the incident opened, or a kind of fault came that no message has named; 'host-recovery': all is well again. */
  readonly kind: 'host-fault' | 'host-recovery';
  /** What is wrong (for a recovery: what was wrong last). */
  readonly faults: HostFaultState['faults'];
  /** When the incident opened. */
  readonly since: Date;
  /** When the event was decided, wall clock. */
  readonly at: Date;
  /** The messages that opened the incident, by channel. Empty: this event does, or no channel was configured. */
  readonly first: FirstKeys;
}

/**
 * What a test found out about the host, against the open incident (`null`: none). One message when it opens, one more for
 * each kind of fault that none has named yet, one when every kind is well again. What a report does not mention stays
 * as it was. The caller fills in `first` of the new state.
 */
export function judgeHost(
  before: HostFaultState | null,
  report: HostReport,
  now: Date,
): { readonly state: HostFaultState | null; readonly event: HostEvent | null } {
  const active = new Map<HostFaultKind, string>(before?.faults.map(({ kind, words }) => [kind, words]));
  for (const [kind, words] of report) {
    if (words === null) active.delete(kind);
    else active.set(kind, words);
  }
  const faults = [...active].map(([kind, words]) => ({ kind, words }));
  const since = before?.since ?? now.toISOString();
  const first = before?.first ?? {};
  const event = { since: new Date(since), at: now, first };
  if (faults.length === 0) {
    if (before === null) return { state: null, event: null };
    return { state: null, event: { ...event, kind: 'host-recovery', faults: before.faults } };
  }
  const named = before?.announced ?? [];
  const unnamed = [...active.keys()].filter((kind) => !named.some((other) => isSameKind(kind, other)));
  return {
    state: { since, first, announced: [...named, ...unnamed], faults },
    event: unnamed.length === 0 ? null : { ...event, kind: 'host-fault', faults },
  };
}

/** A firewall or an address of this host may prevent the pings of many sites: that is one fault. */
function isSameKind(kind: HostFaultKind, other: HostFaultKind): boolean {
  return kind === other || (isPing(kind) && isPing(other));
}

function isPing(kind: HostFaultKind): boolean {
  return kind === 'ping' || kind.startsWith('ping ');
}

/**
 * Extends a report: faults that no test will check again are over. These are the faults of a client that no site uses any
 * longer, and of the pings of a site that is not tested.
 *
 * @param used the kinds about the clients and the sites in use
 */
export function withoutUnused(
  report: HostReport,
  open: HostFaultState | null,
  used: readonly HostFaultKind[],
): HostReport {
  const unused = (open?.faults ?? []).filter(
    ({ kind }) => /^(?:client|ping) /.test(kind) && !used.includes(kind),
  );
  return new Map([...unused.map(({ kind }): [HostFaultKind, null] => [kind, null]), ...report]);
}

/** Whether some faults keep a site from being tested. A fault of one client or of the pings of one site leaves the others. */
export function isUntested(faults: HostFaultState['faults'], site: string, client: string): boolean {
  return faults.some(({ kind }) => {
    if (kind === 'records') return false;
    if (kind.startsWith('client ')) return kind === `client ${client}`;
    return kind.startsWith('ping ') ? kind === `ping ${site}` : true;
  });
}
