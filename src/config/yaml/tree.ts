/** A value of a YAML text: what stands there, not yet what it means to us. */
export type Node = Scalar | Sequence | Mapping;

/** A text, a number, a yes or no, or nothing. */
export interface Scalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** The text it was read from, quotes and escapes resolved. */
  readonly source: string;
  /** Without quotes and with a comment behind it on its line, which may have been meant as its end, or as all of it. */
  readonly commented: boolean;
}

/** A list. */
export interface Sequence {
  readonly kind: 'sequence';
  readonly items: readonly Item[];
}

/** Keys with their values. */
export interface Mapping {
  readonly kind: 'mapping';
  /** In the order of the file, aliases and merge keys resolved. A Map, so that `2` and `__proto__` are keys like others. */
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A value in its place. */
export interface Item {
  /** Offset in the text where messages point to: the key, or the value itself in a list. */
  readonly at: number;
  readonly value: Node;
}

/** A value under a key. */
export interface Entry extends Item {
  /** Whether it came in by a merge key; `at` then lies in the mapping that was merged. */
  readonly merged: boolean;
}

/** The value under a key or at a place in a list; `undefined` if there is none. */
export function child(node: Node, key: string | number): Item | undefined {
  if (node.kind === 'mapping') return node.entries.get(String(key));
  return node.kind === 'sequence' ? node.items[Number(key)] : undefined;
}

/** The value at the end of a path; `undefined` if there is none. */
export function find(node: Node, ...path: readonly string[]): Item | undefined {
  let item: Item | undefined = { at: 0, value: node };
  for (const key of path) item = item && child(item.value, key);
  return item;
}

/** The text of a string; `undefined` for any other value. */
export function stringOf(item: Item | undefined): string | undefined {
  if (item?.value.kind !== 'scalar' || typeof item.value.value !== 'string') return undefined;
  return item.value.value;
}

/** Whether a key is the user's own, ignored everywhere. */
export function isExtension(key: string): boolean {
  return key.startsWith('x-');
}

/** The entries of a mapping that are ours to understand. */
export function ownEntries({ entries }: Mapping): [string, Entry][] {
  return [...entries].filter(([key]) => !isExtension(key));
}

/** The same without some of its keys, for a look at the rest of them. */
export function without(item: Item, keys: readonly string[]): Item {
  if (item.value.kind !== 'mapping') return item;
  const entries = [...item.value.entries].filter(([key]) => !keys.includes(key));
  return { at: item.at, value: { kind: 'mapping', entries: new Map(entries) } };
}
