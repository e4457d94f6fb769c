import { daysLeft } from '../certificates/certificate-words.ts';
import type { Certificate, CertificateSeen } from '../model/certificate.ts';
import {
  decisiveFailure,
  lossOf,
  lossPercent,
  type SiteResult,
  succeeded,
  type TargetResult,
} from '../model/test-result.ts';
import { eventsOf, isSlow, isWarning, type SlowEvent, type WarningEvent } from '../results/test-event.ts';
import { printable } from '../words/printable.ts';

/**
 * The results of `once --json`: one object, indented. `ms` is null where a stage has no number, and `loss_percent` is left
 * out where no loss is known.
 */
export function resultsAsJson(results: readonly SiteResult[], version: string): string {
  return JSON.stringify({ version, sites: results.map(siteAsJson) }, null, 2);
}

function siteAsJson(result: SiteResult) {
  const failed = decisiveFailure(result);
  return {
    name: result.site,
    time: result.time.toISOString(),
    summary: succeeded(result) ? 'SUCCESS' : 'FAILURE',
    stages: result.stages.map((stage, index) => {
      const loss = lossOf(stage);
      return {
        stage: index + 1,
        ms: stage.outcome === 'ok' ? Number(stage.ms.toFixed(3)) : null,
        outcome: stage.outcome,
        ...(loss === undefined ? {} : { loss_percent: lossPercent(loss) }),
      };
    }),
    cause: failed?.cause ?? null,
    detail: failed === undefined ? null : printable(failed.detail),
    ...(result.inside === undefined ? {} : { inside: result.inside.map(targetAsJson) }),
    ...(result.slow === undefined ? {} : { slow: eventsOf(result).filter(isSlow).map(slowAsJson) }),
    warnings: eventsOf(result).filter(isWarning).map(warningAsJson),
    ...(result.certificates === undefined
      ? {}
      : { certificates: result.certificates.map((each) => seenAsJson(each, result.time)) }),
  };
}

function targetAsJson({ target, result }: TargetResult) {
  return {
    target,
    ms: result.outcome === 'ok' ? Number(result.ms.toFixed(3)) : null,
    outcome: result.outcome,
    cause: result.outcome === 'ok' ? null : result.cause,
    detail: printable(result.detail),
  };
}

/** A slow stage as `once --json` and `status --json` have it. */
export function slowAsJson({ stage, ms, limit_ms }: SlowEvent) {
  return { stage, ms, limit_ms };
}

/** A warning of a gateway as `once --json` and `status --json` have it: `time` is the test that it was given at. */
export function warningAsJson({ version: _, site: __, ...warning }: WarningEvent) {
  return warning;
}

function seenAsJson({ owner, ...seen }: CertificateSeen, at: Date) {
  return seen.certificate === null
    ? { owner, expires: null, detail: 'why' in seen ? seen.why : null }
    : certificateAsJson(seen.certificate, at.getTime());
}

/** A certificate as `once --json` and `status --json` have it. `now`: in ms since the epoch. */
export function certificateAsJson({ owner, until, from, fingerprint, wrongName }: Certificate, now: number) {
  return { owner, expires: until, daysLeft: daysLeft({ until }, now), begins: from, fingerprint, wrongName };
}
