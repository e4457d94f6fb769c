import type { Result } from '../../src/model/result.ts';

/** Why something failed; `null`: it did not. */
export function whyOf(result: Result<unknown>): string | null {
  return result.ok ? null : result.why;
}
