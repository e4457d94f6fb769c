import type { SiteConfig } from '../config/config.ts';
import type { Cause, HostFaultKind, HostReport, StageResult } from '../model/test-result.ts';

/** What the stages of a site tell about the host's own tools. Only what was tried is said. */
export function hostFindings({ name, client }: SiteConfig, stages: readonly StageResult[]): HostReport {
  const findings = new Map<HostFaultKind, string | null>();
  const detailOf = (...causes: Cause[]) => {
    const stage = stages.find((stage) => stage.outcome !== 'ok' && causes.includes(stage.cause));
    return stage?.detail ?? null;
  };
  if (detailOf('host-not-clean', 'ps-missing', 'deadline') === null) {
    findings.set('ping', detailOf('ping-missing', 'ping-not-started'));
    // It may be so for the addresses of this site only: what another site finds must not end it.
    findings.set(`ping ${name}`, detailOf('ping-not-permitted', 'ping-not-sent'));
    if (detailOf('not-tried') === null) {
      const fault = detailOf('client-missing', 'client-not-started', 'client-busy');
      findings.set(`client ${client.name}`, fault);
    }
  }
  return findings;
}
