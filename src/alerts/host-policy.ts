import type { HostFaultKind, HostReport } from '../model/test-result.ts';
import type { FirstKeys, HostFaultState } from '../state/store.ts';

/** The content of a message about this host. */
export interface HostEvent {
  /**
   * 'host-fault': the incident opened, or a kind of fault came that no message has named; 'host-recovery': all is well again; 'uplink': this
   * host had no uplink, and has one again.
   */
  readonly kind: 'host-fault' | 'host-recovery' | 'uplink';
  /** What is wrong (for a recovery: what was wrong last). */
  readonly faults: HostFaultState['faults'];
  /** When the incident opened. */
  readonly since: Date;
  /** When the event was decided, wall clock. */
  readonly at: Date;
  /** The messages that opened the incident, by channel. Empty: this event does, or no channel was configured. */
  readonly first: FirstKeys;
}

/** What {@link judgeHost} decides: the open incident (`null`: none), and the messages that are due. */
export interface HostVerdict {
  readonly state: HostFaultState | null;
  readonly events: readonly HostEvent[];
}

/**
 * What a test found out about the host, against the open incident (`null`: none). One message when it opens, one more for
 * each kind of fault that none has named yet, one when every kind is well again. A missing uplink is told once, when it is back: before,
 * no message would leave. What a report does not mention stays as it was. The caller fills in `first` of the new state.
 */
export function judgeHost(before: HostFaultState | null, report: HostReport, now: Date): HostVerdict {
  const at = now.toISOString();
  const known = new Map(before?.faults.map((fault) => [fault.kind, fault]));
  const active = new Map(known);
  for (const [kind, words] of report) {
    if (words === null) active.delete(kind);
    else
      active.set(kind, {
        kind,
        words,
        ...(kind === 'uplink' ? { since: known.get(kind)?.since ?? at } : {}),
      });
  }
  const faults = [...active.values()];
  const named = (before?.announced ?? []).filter((kind) => kind !== 'uplink');
  const unnamed = [...active.keys()].filter(
    (kind) => kind !== 'uplink' && !named.some((other) => isSameKind(kind, other)),
  );
  const since = named.length === 0 && unnamed.length > 0 ? at : (before?.since ?? at);
  const first = before?.first ?? {};
  const events: HostEvent[] = [];
  const lost = known.get('uplink');
  if (lost !== undefined && !active.has('uplink')) {
    events.push({ kind: 'uplink', faults: [lost], since: new Date(lost.since ?? since), at: now, first: {} });
  }
  const event = { since: new Date(since), at: now, first };
  if (unnamed.length > 0) events.push({ ...event, kind: 'host-fault', faults });
  const others = faults.filter(({ kind }) => kind !== 'uplink');
  if (others.length === 0 && named.length > 0) {
    const ended = before?.faults.filter(({ kind }) => kind !== 'uplink') ?? [];
    events.push({ ...event, kind: 'host-recovery', faults: ended });
  }
  if (faults.length === 0) return { state: null, events };
  const isOpen = others.length > 0;
  return {
    state: {
      since: isOpen ? since : (faults[0]?.since ?? since),
      first: isOpen ? first : {},
      announced: isOpen ? [...named, ...unnamed] : [],
      faults,
    },
    events,
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
