import type { SiteConfig } from '../config/config.ts';
import type { Cause, HostFaultKind, HostReport, StageResult } from '../model/test-result.ts';

/** What the stages of a site show about the tools of the host. Says nothing about tools that were not tried. */
export function hostFindings({ name, client }: SiteConfig, stages: readonly StageResult[]): HostReport {
  const findings = new Map<HostFaultKind, string | null>();
  const detailOf = (...causes: Cause[]) => {
    const stage = stages.find((stage) => stage.outcome !== 'ok' && causes.includes(stage.cause));
    return stage?.detail ?? null;
  };
  if (detailOf('host-not-clean', 'ps-missing', 'no-uplink', 'deadline') === null) {
    // A name that is not resolved says nothing about the way to the gateway.
    if (detailOf('name-not-resolved') === null) findings.set('uplink', null);
    findings.set('ping', detailOf('ping-missing', 'ping-not-started', 'inside-not-asked'));
    // May concern only the addresses of this site, so another site's success must not end the fault.
    findings.set(`ping ${name}`, detailOf('ping-not-permitted', 'ping-not-sent'));
    if (detailOf('not-tried') === null) {
      const fault = detailOf('client-missing', 'client-not-started', 'client-busy');
      findings.set(`client ${client.name}`, fault);
    }
  }
  return findings;
}
