import * as v from 'valibot';
import { nearest } from '../../words/nearest.ts';
import { didYouMean, isPlainWord, MISSING, type Path, type Report } from '../yaml/problem.ts';
import { kindOf } from '../yaml/read-yaml.ts';
import { child, type Entry, type Item, isExtension, type Mapping, type Node } from '../yaml/tree.ts';

/**
 * Validates a value of the config against a schema and reports all that is wrong: where it stands and what was expected.
 *
 * @returns the value with its defaults; `undefined` if the schema does not take it. An unknown key is reported, and the
 * value is returned without it.
 */
export function validate<S extends v.GenericSchema>(
  schema: S,
  item: Item,
  path: Path,
  report: Report,
): v.InferOutput<S> | undefined {
  const value = plain(item.value, schema, path, report);
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  for (const issue of result.issues.flatMap((found) => innermost(found))) {
    const { at, node } = locate(item, issue.path);
    const spare = mayBeLeftOut(schema, issue.path);
    report({ at, path: [...path, ...issue.path], text: textOf(issue, node, spare) });
  }
  return undefined;
}

interface Issue {
  readonly path: (string | number)[];
  readonly kind: string;
  readonly type: string;
  /** What may be there instead, as valibot lists it. */
  readonly expected: string | null;
  /** What was expected, in our words. */
  readonly message: string;
}

/** An issue of a union is about the whole value; what is wrong within it says more. */
function innermost(issue: v.BaseIssue<unknown>, above: Issue['path'] = []): Issue[] {
  const path = [...above, ...keysOf(issue)];
  const inner = issue.issues?.filter((found) => found.path !== undefined) ?? [];
  if (inner.length > 0) return inner.flatMap((found) => innermost(found, path));
  const { kind, type, expected, message } = issue;
  return [{ path, kind, type, expected, message }];
}

function keysOf(issue: v.BaseIssue<unknown>): (string | number)[] {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
}

/** Where a value stands; for one that is missing, where it should. */
function locate(item: Item, path: Path): { at: number; node: Node | undefined } {
  let found: Item = item;
  for (const key of path) {
    const next = child(found.value, key);
    if (next === undefined) return { at: found.at, node: undefined };
    found = next;
  }
  return { at: found.at, node: found.value };
}

function textOf(issue: Issue, node: Node | undefined, spare: boolean): string {
  const expected = `expected ${issue.message}`;
  // What goes by another value may be wrong with a key that was left out.
  if (node === undefined) return issue.kind === 'schema' ? MISSING : expected;
  if (issue.type === 'picklist' && node.kind === 'scalar' && typeof node.value === 'string') {
    const options = [...(issue.expected ?? '').matchAll(/"([^"]+)"/g)].map(([, option = '']) => option);
    return `${expected}${didYouMean(node.value, options)}`;
  }
  return issue.kind === 'schema' ? `${expected}, got ${kindOf(node)}${remedy(issue, node, spare)}` : expected;
}

/** @param spare whether the key may be left out. */
function remedy({ type }: Issue, node: Node, spare: boolean): string {
  if (node.kind !== 'scalar') return '';
  if (node.value === null && node.source === '') {
    return spare && (type === 'strict_object' || type === 'record')
      ? ': fill it in or leave the key out'
      : `: fill it in${node.commented ? ' (a value that begins with # needs quotes)' : ''}`;
  }
  if (type === 'string') return ': put it in quotes';
  if (type === 'boolean' && typeof node.value === 'string') return flagRemedy(node.value);
  const isQuotedNumber = typeof node.value === 'string' && /^\d+(?:\.\d+)?$/.test(node.value);
  return type === 'number' && isQuotedNumber ? ': take the quotes away' : '';
}

/** YAML 1.1 took more words for a yes or a no than 1.2 does. */
function flagRemedy(said: string): string {
  if (/^(?:true|false)$/i.test(said)) return ': take the quotes away';
  if (/^(?:y|yes|on)$/i.test(said)) return ', did you mean true?';
  return /^(?:n|no|off)$/i.test(said) ? ', did you mean false?' : '';
}

/**
 * The plain value that a schema can validate: as deep as the schema goes, so that aliases in circles or by the million
 * cost nothing. Unknown keys are reported and left out, as all keys with `x-` are; a value of a kind that the schema
 * can't have is `null`, which no schema of ours takes.
 */
function plain(node: Node, schema: v.GenericSchema, path: Path, report: Report): unknown {
  const shape = shapeOf(schema);
  if (shape.type === 'union') return plain(node, optionFor(node, shape.options ?? []), path, report);
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'mapping') {
    return (shape.entries ?? shape.value) === undefined ? null : object(node, shape, path, report);
  }
  const { item } = shape;
  if (item === undefined) return null;
  return node.items.map(({ value }, index) => plain(value, item, [...path, index], report));
}

function object({ entries }: Mapping, shape: Shape, path: Path, report: Report): Record<string, unknown> {
  // Without a prototype, whose `constructor` would be there for a key of that name.
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of entries) {
    const schema = schemaBelow(shape, key);
    if (isExtension(key)) continue;
    if (schema !== undefined) result[key] = plain(entry.value, schema, [...path, key], report);
    else reportUnknown(key, entry, shape, path, report);
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

/** What of a schema leads to the schemas within it. */
interface Shape {
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
function shapeOf(schema: v.GenericSchema): Shape {
  const shape = schema as v.GenericSchema & Shape;
  return shape.wrapped === undefined ? shape : shapeOf(shape.wrapped);
}

/** The schema for a key or for an item of a list; `undefined` if there is none. */
function schemaBelow({ entries, value, item }: Shape, key: string | number): v.GenericSchema | undefined {
  if (typeof key === 'number') return item;
  if (entries === undefined) return value;
  return Object.hasOwn(entries, key) ? (entries[key] as v.GenericSchema) : undefined;
}

/** Whether what stands at the end of a path may be left out; so may a whole value that has a name of the user's own. */
function mayBeLeftOut(schema: v.GenericSchema, path: Path): boolean {
  let found: (v.GenericSchema & Shape) | undefined = schema;
  for (const key of path) found = found && schemaBelow(shapeOf(found), key);
  return path.length === 0 || found?.wrapped !== undefined;
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
