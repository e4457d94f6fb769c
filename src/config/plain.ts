import type * as v from 'valibot';
import { nearest } from '../nearest.ts';
import { didYouMean, isPlainWord, type Path, type Report } from './problem.ts';
import { type Shape, schemaBelow, shapeOf } from './shape.ts';
import { type Entry, isExtension, type Mapping, type Node } from './tree.ts';

/**
 * The plain value that a schema can check: as deep as the schema goes, so that aliases in circles or by the million
 * cost nothing. Unknown keys are reported and left out, as all keys with `x-` are; a value of a kind that the schema
 * can't have is `null`, which no schema of ours takes.
 */
export function plain(node: Node, schema: v.GenericSchema, path: Path, report: Report): unknown {
  const shape = shapeOf(schema);
  if (shape.type === 'union') return plain(node, optionFor(node, shape.options ?? []), path, report);
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'mapping') return shape.entries === undefined ? null : object(node, shape, path, report);
  const { item } = shape;
  if (item === undefined) return null;
  return node.items.map(({ value }, index) => plain(value, item, [...path, index], report));
}

function object({ entries }: Mapping, shape: Shape, path: Path, report: Report): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, entry] of entries) {
    const schema = schemaBelow(shape, key);
    if (schema !== undefined) result[key] = plain(entry.value, schema, [...path, key], report);
    else if (!isExtension(key)) reportUnknown(key, entry, shape, path, report);
  }
  return result;
}

/** Says that a key is unknown; its name only if it can be no secret, its value never. */
function reportUnknown(key: string, { at, value }: Entry, shape: Shape, path: Path, report: Report): void {
  const known = Object.keys(shape.entries ?? {});
  const meant = nearest(key, known);
  // A key without a value may come of a secret in braces, `{ password, secret }`.
  const isNamed =
    isPlainWord(key) && (meant !== undefined || value.kind !== 'scalar' || value.value !== null);
  if (isNamed) {
    const text = `unknown key${didYouMean(key, known)}`;
    report({ at, path: [...path, key], text, ...(meant === undefined ? {} : { meant }) });
  } else {
    const hint = key.includes(':') ? ': is the space after its colon missing?' : '';
    report({ at, path, text: `holds an unknown key that is not shown${hint}` });
  }
}

/** The one of several schemas that is for this kind of value. */
function optionFor(node: Node, options: readonly v.GenericSchema[]): v.GenericSchema {
  const option = options.find(({ type }) => (type === 'array') === (node.kind === 'sequence')) ?? options[0];
  if (option === undefined) throw new Error('a union of nothing');
  return option;
}
