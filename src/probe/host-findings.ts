import type { ClientProfile } from '../clients/profile.ts';
import type { Cause, HostFaultKind, HostReport, StageResult } from '../model/test-result.ts';

/** What the stages tell about the host's own tools. Only what was tried is said. */
export function hostFindings(profile: ClientProfile, stages: readonly StageResult[]): HostReport {
  const findings = new Map<HostFaultKind, string | null>();
  const detailOf = (...causes: Cause[]) => {
    const stage = stages.find((stage) => stage.outcome !== 'ok' && causes.includes(stage.cause));
    return stage?.detail ?? null;
  };
  if (detailOf('host-not-clean', 'ps-missing', 'deadline') === null) {
    findings.set('ping', detailOf('ping-missing', 'ping-not-permitted', 'ping-not-started'));
    if (detailOf('not-tried') === null) {
      const fault = detailOf('client-missing', 'client-not-started', 'client-busy');
      findings.set(`client ${profile.name}`, fault);
    }
  }
  return findings;
}
