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
