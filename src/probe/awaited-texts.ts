import type { ClientProfile, Failure, Permission, Step } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Pattern } from '../console/search.ts';
import { hasKey, isWhere } from './template.ts';

/** The progress of a dialogue. */
export interface Answered {
  /** The answered prompts. */
  readonly prompts: Set<string>;
  /** How often each step was answered. */
  readonly counts: Map<number, number>;
  /** The index of the next step; earlier ones are over. */
  next: number;
}

/** A text that the client may print now, and its meaning. */
export type Awaited = { readonly pattern: Pattern } & (
  | { readonly means: 'prompt'; readonly step: Step; readonly index: number }
  | { readonly means: 'success' }
  | { readonly means: 'failure'; readonly failure: Failure }
);

/** The steps and failures of its client that concern a site. */
export function ofSite(site: SiteConfig): Pick<ClientProfile, 'dialogue' | 'success' | 'failures'> {
  const { dialogue, failures, success } = site.client;
  return {
    dialogue: dialogue
      .filter(({ where }) => isWhere(site, where))
      .filter((step) => step.with === undefined || hasKey(site, step.with)),
    failures: failures
      .filter(({ where }) => isWhere(site, where))
      .filter(({ without }) => without === undefined || !hasKey(site, without)),
    success,
  };
}

/**
 * The texts that the client may print now: questions, failures, and the success if no required question is left. If two
 * match at the same place, the first in this list counts. So a failure that differs from a question only by the lines before
 * it comes first; before that, a question that only some sites answer and that differs in the same way.
 */
export function awaitedTexts(
  { dialogue, success, failures }: Pick<ClientProfile, 'dialogue' | 'success' | 'failures'>,
  { prompts, next }: Answered,
  allowed: readonly Permission[],
): readonly Awaited[] {
  const needed = neededStep(dialogue, next);
  const questions = dialogue.flatMap((step, index): Awaited[] => {
    const { limit, permission, expect: regex, within } = step;
    if (permission !== undefined && !allowed.includes(permission)) return [];
    const inPlace = index >= next && (needed === -1 || index <= needed);
    if (!inPlace && limit === undefined) return [];
    return [{ means: 'prompt', step, index, pattern: { regex, ...optional({ within }) } }];
  });
  const ends = failures.flatMap((failure): Awaited[] => {
    const { after, before, permission, expect: regex, within, unless } = failure;
    if (after !== undefined && !prompts.has(after)) return [];
    if (before !== undefined && prompts.has(before)) return [];
    if (permission !== undefined && allowed.includes(permission)) return [];
    const pattern = { regex, wholeLine: true, ...optional({ within, unless }) };
    return [{ means: 'failure', failure, pattern }];
  });
  const { expect: regex, unless, shownBy } = success;
  const isLast = needed === -1 && shownBy === undefined;
  const pattern = { regex, wholeLine: true, ...optional({ unless }) };
  return [
    ...questions.filter(isSpecial),
    ...ends.filter(({ pattern }) => pattern.within !== undefined),
    ...questions.filter((question) => !isSpecial(question)),
    ...(isLast ? [{ means: 'success' as const, pattern }] : []),
    ...ends.filter(({ pattern }) => pattern.within === undefined),
  ];
}

function isSpecial(awaited: Awaited): boolean {
  return awaited.means === 'prompt' && awaited.step.with !== undefined && awaited.step.within !== undefined;
}

/** The patterns to wait for. */
function optional(patterns: { readonly within?: RegExp | undefined; readonly unless?: RegExp | undefined }): {
  readonly within?: RegExp;
  readonly unless?: RegExp;
} {
  const { within, unless } = patterns;
  return { ...(within === undefined ? {} : { within }), ...(unless === undefined ? {} : { unless }) };
}

/** The index of the first required prompt from `next` on; -1: there is none, so the success may come now. */
export function neededStep(dialogue: readonly Step[], next: number): number {
  return dialogue.findIndex((step, index) => index >= next && step.optional !== true);
}
