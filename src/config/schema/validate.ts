import * as v from 'valibot';
import { nearest } from '../../words/nearest.ts';
import { didYouMean, isPlainWord, MISSING, type Path, type Report } from '../yaml/problem.ts';
import { child, type Entry, type Item, isExtension, kindOf, type Mapping, type Node } from '../yaml/tree.ts';

/**
 * Validates a value of the config against a schema. Reports each problem with its place and what was expected.
 *
 * @returns the output of the schema, or `undefined` if the value is invalid. An unknown key is reported and left out; the
 * value may still be valid.
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
    const isOptional = mayBeLeftOut(schema, issue.path);
    report({ at, path: [...path, ...issue.path], text: textOf(issue, node, isOptional) });
  }
  return undefined;
}

/** What is used of an issue that valibot found. */
interface Issue {
  readonly path: (string | number)[];
  readonly kind: string;
  readonly type: string;
  /** The valid values of a picklist, as valibot writes them. */
  readonly expected: string | null;
  /** What was expected, in the words of the schema. */
  readonly message: string;
}

/** An issue of a union is about the whole value. The issues within the value, if there are any, say more. */
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

/** The place of a value, or of the mapping in which it is missing. */
function locate(item: Item, path: Path): { at: number; node: Node | undefined } {
  let found: Item = item;
  for (const key of path) {
    const next = child(found.value, key);
    if (next === undefined) return { at: found.at, node: undefined };
    found = next;
  }
  return { at: found.at, node: found.value };
}

function textOf(issue: Issue, node: Node | undefined, isOptional: boolean): string {
  const expected = `expected ${issue.message}`;
  // A check that compares keys, such as of ping.timeout, may fail for a key that was left out.
  if (node === undefined) return issue.kind === 'schema' ? MISSING : expected;
  if (issue.type === 'picklist' && node.kind === 'scalar' && typeof node.value === 'string') {
    const options = [...(issue.expected ?? '').matchAll(/"([^"]+)"/g)].map(([, option = '']) => option);
    const numbers = [...(issue.expected ?? '').matchAll(/(?<![\w"])\d+/g)].map(([number]) => number);
    if (numbers.includes(node.value)) return `${expected}: take the quotes away`;
    return `${expected}${didYouMean(node.value, options)}`;
  }
  return issue.kind === 'schema'
    ? `${expected}, got ${kindOf(node)}${remedy(issue, node, isOptional)}`
    : expected;
}

function remedy({ type, message }: Issue, node: Node, isOptional: boolean): string {
  if (node.kind !== 'scalar') return '';
  if (node.value === null && node.source === '') {
    return isOptional && (type === 'strict_object' || type === 'record')
      ? ': fill it in or leave the key out'
      : `: fill it in${node.commented ? ' (a value that begins with # needs quotes)' : ''}`;
  }
  // Another value is needed if the schema says more than that.
  if (type === 'string') return message === 'a string' ? ': put it in quotes' : '';
  if (type === 'boolean' && typeof node.value === 'string') return flagRemedy(node.value);
  const isQuotedNumber = typeof node.value === 'string' && /^\d+(?:\.\d+)?$/.test(node.value);
  return type === 'number' && isQuotedNumber ? ': take the quotes away' : '';
}

/** Unlike YAML 1.2, YAML 1.1 has words such as `yes` and `off` for true and false. */
function flagRemedy(text: string): string {
  if (/^(?:true|false)$/i.test(text)) return ': take the quotes away';
  if (/^(?:y|yes|on)$/i.test(text)) return ', did you mean true?';
  return /^(?:n|no|off)$/i.test(text) ? ', did you mean false?' : '';
}

/**
 * Makes the plain value that a schema can validate, only as deep as the schema goes: aliases in circles or by the million
 * cost nothing. Reports unknown keys and leaves them out, and leaves `x-` keys out. A value whose kind does not fit the
 * schema becomes `null`, which no schema of the config accepts.
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
  // Without a prototype: valibot would find its `constructor` under a key with that name.
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of entries) {
    const schema = schemaBelow(shape, key);
    if (isExtension(key)) continue;
    if (schema !== undefined) result[key] = plain(entry.value, schema, [...path, key], report);
    else reportUnknown(key, entry, shape, path, report);
  }
  return result;
}

/** Reports an unknown key: its name only if that cannot be a secret, its value never. */
function reportUnknown(key: string, { at, value }: Entry, shape: Shape, path: Path, report: Report): void {
  const known = Object.keys(shape.entries ?? {});
  const meant = nearest(key, known);
  // A key without a value may be a secret in braces: `{ password, secret }`.
  const isNamed =
    isPlainWord(key) && (meant !== undefined || value.kind !== 'scalar' || value.value !== null);
  if (isNamed) {
    const isWithin =
      value.kind === 'mapping' && meant === undefined && known.some((name) => value.entries.has(name));
    const text = `unknown key${isWithin ? ': is it indented too far?' : didYouMean(key, known)}`;
    report({ at, path: [...path, key], text, ...(meant === undefined ? {} : { meant }) });
  } else {
    const hint = key.includes(':') ? ': is the space after its colon missing?' : '';
    report({ at, path, text: `holds an unknown key that is not shown${hint}` });
  }
}

/** The option of a union for this kind of value. */
function optionFor(node: Node, options: readonly v.GenericSchema[]): v.GenericSchema {
  const option = options.find(({ type }) => kindFor(type) === node.kind) ?? options[0];
  if (option === undefined) throw new Error('a union of nothing');
  return option;
}

function kindFor(type: string): Node['kind'] {
  if (type === 'array') return 'sequence';
  return type === 'strict_object' || type === 'record' ? 'mapping' : 'scalar';
}

/** The properties of a schema that lead to the schemas within it. */
interface Shape {
  readonly type: string;
  /** Of an optional key. */
  readonly wrapped?: v.GenericSchema;
  /** Of a mapping with known keys. */
  readonly entries?: v.ObjectEntries;
  /** Of a mapping with names that the user chooses. */
  readonly value?: v.GenericSchema;
  /** Of a list. */
  readonly item?: v.GenericSchema;
  /** Of a union. */
  readonly options?: readonly v.GenericSchema[];
}

/** The shape of a schema, or of the schema that an optional key has. */
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

/** Whether the key at the end of a path is optional. The value itself (an empty path) is optional: a user chose its name. */
function mayBeLeftOut(schema: v.GenericSchema, path: Path): boolean {
  let found: (v.GenericSchema & Shape) | undefined = schema;
  for (const key of path) found = found && schemaBelow(shapeOf(found), key);
  return path.length === 0 || found?.wrapped !== undefined;
}

/**
 * The part of a path that a schema knows, including an `x-` key at its end. The rest may hold a password that YAML reads
 * as a mapping, as in `password: {secret}`.
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
