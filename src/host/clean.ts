import type { ClientProfile } from '../clients/profile.ts';
import type { HostFaultKind, HostReport } from '../probe/result.ts';
import { type CheckDns, DNS_DEADLINE_MS } from './dns.ts';
import { type KillLeftovers, leftoversDeadlineMs } from './leftovers.ts';

/** What remembers, from test to test, what could not be put right on this host. */
export interface HostKeeper {
  readonly killLeftovers: KillLeftovers;
  readonly checkDns: CheckDns;
}

/** How long {@link cleanHost} takes at most, in ms. */
export function cleanHostDeadlineMs(profile: ClientProfile, settleSeconds: number): number {
  const processes = profile.processes.length === 0 ? 0 : leftoversDeadlineMs(settleSeconds);
  return processes + (profile.dnsMark === undefined ? 0 : DNS_DEADLINE_MS);
}

/**
 * Ends what the client left running and restores resolv.conf. Both are tried, also if the first fails. Rejects only with
 * the signal's reason, when that is aborted.
 *
 * @returns a fault for each that failed, `null` for what is well.
 */
export async function cleanHost(
  profile: ClientProfile,
  { killLeftovers, checkDns }: HostKeeper,
  settleSeconds: number,
  signal: AbortSignal,
): Promise<HostReport> {
  const report = new Map<HostFaultKind, string | null>([
    ['ps', null],
    ['cleaning', null],
  ]);
  const leftovers = await killLeftovers({ processes: profile.processes, settleSeconds, signal });
  if (!leftovers.clean) report.set(leftovers.fault, leftovers.why);
  const dns = await checkDns(profile.dnsMark, signal);
  if (!dns.ok) {
    const others = report.get('cleaning');
    report.set('cleaning', others ? `${others}; ${dns.why}` : dns.why);
  }
  return report;
}
