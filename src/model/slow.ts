import { shortMs } from '../words/time.ts';
import { type SiteResult, type SlowStage, STAGE_NAMES, succeeded } from './test-result.ts';

/** For each of the three stages, the value in ms over which it is slow; `null`: never. */
export type SlowLimits = readonly [number | null, number | null, number | null];

/** The stages of a success that took longer than they should. A failure is not slow: it has worse to tell. */
export function slowStages({ stages }: Pick<SiteResult, 'stages'>, limits: SlowLimits): readonly SlowStage[] {
  if (!succeeded({ stages })) return [];
  return limits.flatMap((limitMs, index): SlowStage[] => {
    const stage = stages[index];
    if (limitMs === null || stage?.outcome !== 'ok' || stage.ms <= limitMs) return [];
    return [{ stage: (index + 1) as SlowStage['stage'], ms: stage.ms, limitMs }];
  });
}

/** Each slow stage in words: `log in 18.2 s (limit 15.0 s)`. */
export function slowInWords(
  slow: readonly { readonly stage: number; readonly ms: number; readonly limitMs: number }[],
): readonly string[] {
  return slow.map(
    ({ stage, ms, limitMs }) => `${STAGE_NAMES[stage - 1]} ${shortMs(ms)} (limit ${shortMs(limitMs)})`,
  );
}
