import type { HostFaultKind, HostReport } from '../model/test-result.ts';
import type { HostFaultState } from '../state/store.ts';

/** What people are told about this host. */
export interface HostEvent {
  /** 'host-fault': it opened, or a kind of fault came that no mail has named; 'host-recovery': all is well again. */
  readonly kind: 'host-fault' | 'host-recovery';
  /** What is wrong (for a recovery: what was wrong last). */
  readonly faults: HostFaultState['faults'];
  /** When the incident opened. */
  readonly since: Date;
  readonly at: Date;
  /** The mail that opened the incident; `null`: this one does, or none was sent. */
  readonly replyTo: string | null;
}

/**
 * What a test found out about the host, against the open incident (`null`: none). One mail when it opens, one more for
 * each kind of fault that none has named yet, one when every kind is well again. What a report does not mention stays
 * as it was. The caller fills in `messageId` once the mail that opens the incident has one.
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
  const replyTo = before?.messageId ?? null;
  const event = { since: new Date(since), at: now, replyTo };
  if (faults.length === 0) {
    if (before === null) return { state: null, event: null };
    return { state: null, event: { ...event, kind: 'host-recovery', faults: before.faults } };
  }
  const named = before?.announced ?? [];
  const unnamed = [...active.keys()].filter((kind) => !named.some((other) => isSameKind(kind, other)));
  return {
    state: { since, messageId: replyTo, announced: [...named, ...unnamed], faults },
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

/** The new incident when the mail of its event could not be built: it is due again at the next report. */
export function hostWithoutAnnouncement(
  before: HostFaultState | null,
  next: HostFaultState | null,
): HostFaultState | null {
  return next === null ? before : { ...next, announced: before?.announced ?? [] };
}
