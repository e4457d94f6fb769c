import type { SiteResult, StageResult } from '../../src/model/test-result.ts';

/** A stage with a number. */
export const ok = (ms: number): StageResult => ({ outcome: 'ok', ms, detail: '' });

/** Rejected credentials. */
export const REJECTED: StageResult = {
  outcome: 'error',
  cause: 'credentials-rejected',
  detail: 'Login failed.',
};

/** No reply to a ping. */
export const SILENT: StageResult = {
  outcome: 'timeout',
  cause: 'unreachable',
  detail: 'no reply to 5 echo requests',
};

/** A result, of a success unless stages are given. */
export function resultOf(
  site: string,
  stages: SiteResult['stages'] = [ok(5.0021), ok(157.5), ok(12)],
): SiteResult {
  return { site, time: new Date(2018, 10, 14, 5, 18, 2), stages, host: new Map(), left: [], transcript: '' };
}
