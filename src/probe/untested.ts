import type { SiteConfig } from '../config/config.ts';
import type { Cause, HostFaultKind, HostReport, SiteResult, StageResult } from '../model/test-result.ts';

/** The stages of a test on an unfit host: each is the host fault. `undefined`: the host is fit. */
export function untested(report: HostReport): SiteResult['stages'] | undefined {
  const fault = [...report].find(([, words]) => words !== null);
  return fault && stagesOf(fault[0], fault[1] ?? '');
}

/** The result of a site that was not tested because of a host fault. */
export function untestedSite(site: SiteConfig, time: Date, kind: HostFaultKind, words: string): SiteResult {
  return {
    site: site.name,
    time,
    stages: stagesOf(kind, words),
    host: new Map([[kind, words]]),
    left: [],
    transcript: '',
  };
}

/** The three stages of a test that a host fault prevents. */
export function stagesOf(kind: HostFaultKind, detail: string): SiteResult['stages'] {
  const stage: StageResult = { outcome: 'error', cause: causeOf(kind), detail };
  return [stage, stage, stage];
}

function causeOf(kind: HostFaultKind): Cause {
  if (kind === 'ps') return 'ps-missing';
  return kind === 'uplink' ? 'no-uplink' : 'host-not-clean';
}
