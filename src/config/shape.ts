import type * as v from 'valibot';
import type { Path } from './problem.ts';
import { isExtension } from './tree.ts';

/** What of a schema leads to the schemas within it. */
export interface Shape {
  readonly type: string;
  /** Of a key that may be left out. */
  readonly wrapped?: v.GenericSchema;
  /** Of a mapping with our keys. */
  readonly entries?: v.ObjectEntries;
  /** Of a mapping with the user's names. */
  readonly value?: v.GenericSchema;
  /** Of a list. */
  readonly item?: v.GenericSchema;
  /** Of a choice between schemas. */
  readonly options?: readonly v.GenericSchema[];
}

/** The shape of a schema, whether it may be left out or not. */
export function shapeOf(schema: v.GenericSchema): Shape {
  const shape = schema as v.GenericSchema & Shape;
  return shape.wrapped === undefined ? shape : shapeOf(shape.wrapped);
}

/** The schema for a key or for an item of a list; `undefined` if there is none. */
export function schemaBelow(
  { entries, value, item }: Shape,
  key: string | number,
): v.GenericSchema | undefined {
  if (typeof key === 'number') return item;
  if (entries === undefined) return value;
  return Object.hasOwn(entries, key) ? (entries[key] as v.GenericSchema) : undefined;
}

/**
 * The part of a path that a schema knows, an `x-` key at its end included. What lies deeper may be a password that
 * YAML took for a mapping, as in `password: {secret}`.
 */
export function knownPart(path: Path, schema: v.GenericSchema): Path {
  let within: v.GenericSchema | undefined = schema;
  for (const [depth, key] of path.entries()) {
    if (typeof key === 'string' && isExtension(key)) return path.slice(0, depth + 1);
    within = schemaBelow(shapeOf(within), key);
    if (within === undefined) return path.slice(0, depth);
  }
  return path;
}
