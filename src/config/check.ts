import * as v from 'valibot';
import { didYouMean, MISSING, type Path, type Report } from './problem.ts';
import { child, type Item, type Node } from './tree.ts';
import { kindOf } from './yaml.ts';

/**
 * Checks a value of {@link plain} and reports all that is wrong, where it stands and what was expected.
 *
 * @param item the tree that the value was made from.
 * @returns the value with its defaults; `undefined` if anything was wrong.
 */
export function check<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  item: Item,
  path: Path,
  report: Report,
): v.InferOutput<S> | undefined {
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  for (const issue of result.issues.flatMap((found) => innermost(found))) {
    const { at, node } = locate(item, issue.path);
    report({ at, path: [...path, ...issue.path], text: textOf(issue, node) });
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

function textOf(issue: Issue, node: Node | undefined): string {
  const expected = `expected ${issue.message}`;
  // What goes by another value may be wrong with a key that was left out.
  if (node === undefined) return issue.kind === 'schema' ? MISSING : expected;
  if (issue.type === 'picklist' && node.kind === 'scalar' && typeof node.value === 'string') {
    const options = [...(issue.expected ?? '').matchAll(/"([^"]+)"/g)].map(([, option = '']) => option);
    return `${expected}${didYouMean(node.value, options)}`;
  }
  return issue.kind === 'schema' ? `${expected}, got ${kindOf(node)}${remedy(issue, node)}` : expected;
}

function remedy({ type }: Issue, node: Node): string {
  if (node.kind !== 'scalar') return '';
  if (node.value === null && node.source === '') {
    return type === 'strict_object' ? ': fill it in or leave the key out' : ': fill it in';
  }
  if (type === 'string') return ': put it in quotes';
  const isQuotedNumber = typeof node.value === 'string' && /^\d+(?:\.\d+)?$/.test(node.value);
  return type === 'number' && isQuotedNumber ? ': take the quotes away' : '';
}
