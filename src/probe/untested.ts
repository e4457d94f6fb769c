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

function stagesOf(kind: HostFaultKind, detail: string): SiteResult['stages'] {
  const cause: Cause = kind === 'ps' ? 'ps-missing' : 'host-not-clean';
  const stage: StageResult = { outcome: 'error', cause, detail };
  return [stage, stage, stage];
}
