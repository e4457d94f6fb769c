/** A value of a YAML text: what the text says, before the schema gives it a meaning. */
export type Node = Scalar | Sequence | Mapping;

/** A text, a number, true or false, or nothing. */
export interface Scalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** The text of the value, quotes and escapes resolved. */
  readonly source: string;
  /** Whether it has no quotes and a comment follows on its line, which may have been meant as a part of the value. */
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
  /**
   * In the order of the file, aliases and merge keys resolved. In a Map, unlike in an object, the keys `2` and `__proto__` are
   * ordinary keys.
   */
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A value with its place. */
export interface Item {
  /** Offset in the text to which messages point: of the key, or in a list of the value itself. */
  readonly at: number;
  readonly value: Node;
}

/** A value under a key. */
export interface Entry extends Item {
  /** Whether a merge key brought it in; `at` is then in the merged mapping. */
  readonly merged: boolean;
}

/** The kind of a value, in words, without the value. */
export function kindOf(node: Node): string {
  if (node.kind === 'mapping') return 'a mapping';
  if (node.kind === 'sequence') return 'a list';
  if (node.value === null) return node.source === '' ? 'nothing' : 'null';
  return Number.isNaN(node.value) ? '.nan' : `a ${typeof node.value}`;
}

/** The value under a key, or at an index of a list; `undefined` if there is none. */
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

/** Whether a key begins with `x-`. Such keys are for the user's own notes and are ignored everywhere. */
export function isExtension(key: string): boolean {
  return key.startsWith('x-');
}

/** The entries of a mapping, without {@link isExtension} keys. */
export function ownEntries({ entries }: Mapping): [string, Entry][] {
  return [...entries].filter(([key]) => !isExtension(key));
}

/** The same mapping without some of its keys; any other value unchanged. */
export function without(item: Item, keys: readonly string[]): Item {
  if (item.value.kind !== 'mapping') return item;
  const entries = [...item.value.entries].filter(([key]) => !keys.includes(key));
  return { at: item.at, value: { kind: 'mapping', entries: new Map(entries) } };
}
