import type { SiteConfig } from '../config/config.ts';
import type { Cause, HostFaultKind, SiteResult, StageResult } from '../model/test-result.ts';

/** A host that can't be tested from: all three stages are errors of the host's. */
export function untested(kind: HostFaultKind, detail: string): SiteResult['stages'] {
  const cause: Cause = kind === 'ps' ? 'ps-missing' : 'host-not-clean';
  const stage: StageResult = { outcome: 'error', cause, detail };
  return [stage, stage, stage];
}

/** A site that was not tested at all, for a fault of this host. */
export function untestedSite(site: SiteConfig, time: Date, kind: HostFaultKind, words: string): SiteResult {
  return {
    site: site.name,
    time,
    stages: untested(kind, words),
    host: new Map([[kind, words]]),
    left: [],
    transcript: '',
  };
}
