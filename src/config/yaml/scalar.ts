import { boolCoreTag, floatCoreTag, intCoreTag, NOT_RESOLVED, nullCoreTag } from 'js-yaml';
import type { Scalar } from './tree.ts';

/** The value of a scalar without quotes, by YAML 1.2's core schema: `0123` is a number, `yes` a string. */
export function resolveScalar(source: string): Scalar['value'] {
  for (const tag of [nullCoreTag, boolCoreTag, intCoreTag, floatCoreTag]) {
    const value = tag.resolve(source, false, tag.tagName);
    if (value !== NOT_RESOLVED) return value;
  }
  return source;
}

/** Line breaks and control characters, also those of Unicode, lone surrogates, and {@link DIRECTION} marks. */
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** Marks that change the direction of writing. With them a name reads like another one. */
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/;
const LINE_BREAK = /[\r\n\u0085\u2028\u2029]/;

/** What a text holds that is not allowed in a line of printable characters, in words; `undefined` if nothing. */
export function controlIn(text: string): string | undefined {
  if (!CONTROL.test(text)) return undefined;
  if (LINE_BREAK.test(text)) return 'holds a line break';
  return DIRECTION.test(text)
    ? 'holds a mark that changes the direction of writing'
    : 'holds a control character';
}
