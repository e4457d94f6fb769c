import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { type Flaw, lineAt } from './problem.ts';
import { controlIn, resolveScalar } from './scalar.ts';
import type { Entry, Item, Mapping, Node, Scalar } from './tree.ts';

/** Bounds that no honest config comes near: beyond them a few lines could cost minutes. */
const MAX_ALIASES = 1000;
const MAX_MERGED_KEYS = 10_000;
const MERGE_KEY = '<<';
/** What begins a comment right behind a value, or behind the key of an empty one. */
const COMMENT = /^["']?[ \t]*:?[ \t]+#/;

/** Why no tree can be built. The message holds nothing of the text. */
export class Unreadable extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/**
 * Builds the tree of the first document in a stream of events, aliases and merge keys resolved.
 *
 * @returns the tree (`undefined`: there is no document) and the duplicate keys and control characters in it.
 * @throws Unreadable for what has no meaning as a tree: an unknown alias, a tag, a list as a key.
 */
export function compose(
  source: string,
  events: readonly Event[],
): { root: Node | undefined; flaws: readonly Flaw[] } {
  const composer = new Composer(source, events);
  return { root: events.length === 0 ? undefined : composer.root(), flaws: composer.flaws };
}

/** The offset where an event begins; `undefined` for what has none, as an empty value. */
export function startOf(event: Event): number | undefined {
  const offsets = [
    'tagStart' in event ? event.tagStart : -1,
    'anchorStart' in event ? event.anchorStart : -1,
    'valueStart' in event ? event.valueStart : -1,
    'start' in event ? event.start : -1,
  ].filter((offset) => offset >= 0);
  return offsets.length === 0 ? undefined : Math.min(...offsets);
}

/** One method a kind of event; each leaves the cursor behind what it has read. */
class Composer {
  readonly flaws: Flaw[] = [];
  readonly #source: string;
  readonly #events: readonly Event[];
  readonly #anchors = new Map<string, Node>();
  readonly #seen = new Set<Node>();
  readonly #path: (string | number)[] = [];
  #cursor = 0;
  /** Where the last thing with an offset began: an empty value is as good as there. */
  #at = 0;
  /** Where the last scalar that is not empty ended. */
  #end = 0;
  #aliases = 0;
  #mergedKeys = 0;

  constructor(source: string, events: readonly Event[]) {
    this.#source = source;
    this.#events = events;
  }

  root(): Node {
    this.#cursor = 1;
    return this.#item().value;
  }

  #item(): Item {
    const event = this.#events[this.#cursor++];
    if (event === undefined) throw new Error('the YAML parser ended its events too early');
    const at = startOf(event) ?? this.#at;
    this.#at = at;
    if (event.type === EVENT_ID.SCALAR) return { at, value: this.#scalar(event) };
    if (event.type === EVENT_ID.SEQUENCE) return { at, value: this.#sequence(event) };
    if (event.type === EVENT_ID.MAPPING) return { at, value: this.#mapping(event) };
    if (event.type === EVENT_ID.ALIAS) return { at, value: this.#alias(event.anchorStart, event.anchorEnd) };
    throw new Error('the YAML parser opened no value where one begins');
  }

  #alias(start: number, end: number): Node {
    this.#aliases += 1;
    if (this.#aliases > MAX_ALIASES) throw new Unreadable(start, `more than ${MAX_ALIASES} aliases`);
    const node = this.#anchors.get(this.#source.slice(start, end));
    if (node !== undefined) return node;
    throw new Unreadable(start, 'an alias without its anchor: a value that begins with * needs quotes');
  }

  #scalar(event: ScalarEvent): Scalar {
    const source = getScalarValue(this.#source, event);
    const end = event.valueEnd < 0 ? this.#end : event.valueEnd;
    this.#end = end;
    const isString = this.#tag(event, '!!str') !== '' || event.style !== SCALAR_STYLE.PLAIN;
    const scalar: Scalar = {
      kind: 'scalar',
      source,
      value: isString ? source : resolveScalar(source),
      commented: event.style === SCALAR_STYLE.PLAIN && COMMENT.test(this.#source.slice(end)),
    };
    this.#anchor(event, scalar);
    return scalar;
  }

  #sequence(event: Event): Node {
    this.#tag(event, '!!seq');
    const items: Item[] = [];
    const node: Node = { kind: 'sequence', items };
    this.#anchor(event, node);
    while (!this.#closed()) {
      items.push(
        this.#inside(items.length, () => {
          const item = this.#item();
          this.#look(item.value, item.at, '');
          return item;
        }),
      );
    }
    return node;
  }

  #mapping(event: Event): Mapping {
    this.#tag(event, '!!map');
    const entries = new Map<string, Entry>();
    const node: Mapping = { kind: 'mapping', entries };
    this.#anchor(event, node);
    while (!this.#closed()) {
      const isMerge = this.#mergeKeyIsNext();
      const { at, value: key } = this.#item();
      if (key.kind !== 'scalar') {
        throw new Unreadable(
          at,
          'a list or a mapping as a key: a value that begins with [ or { needs quotes',
        );
      }
      this.#look(key, at, 'has a key that ');
      const value = this.#inside(key.source, () => {
        const item = this.#item();
        this.#look(item.value, at, '');
        return item.value;
      });
      if (isMerge) this.#merge(entries, value, at);
      else this.#add(entries, key.source, { at, value, merged: false });
    }
    return node;
  }

  /** Looks for control characters in a key or a value, once however many aliases lead to it. */
  #look(node: Node, at: number, what: string): void {
    if (node.kind !== 'scalar' || this.#seen.has(node)) return;
    this.#seen.add(node);
    const control = controlIn(node.source);
    if (control !== undefined) this.flaws.push({ at, path: [...this.#path], text: `${what}${control}` });
  }

  #add(entries: Map<string, Entry>, key: string, entry: Entry): void {
    const before = entries.get(key);
    if (before !== undefined && !before.merged) {
      const text = `is a duplicate key, first on line ${lineAt(this.#source, before.at)}`;
      this.flaws.push({ at: entry.at, path: [...this.#path, key], text });
    }
    entries.set(key, entry);
  }

  #merge(entries: Map<string, Entry>, from: Node, at: number): void {
    const sources = from.kind === 'sequence' ? from.items.map((item) => item.value) : [from];
    for (const source of sources) {
      if (source.kind !== 'mapping') {
        throw new Unreadable(at, '<< takes a mapping or a list of mappings (as in "<<: *name")');
      }
      this.#mergedKeys += source.entries.size + 1;
      if (this.#mergedKeys > MAX_MERGED_KEYS) {
        throw new Unreadable(at, `more than ${MAX_MERGED_KEYS} keys brought in by <<`);
      }
      for (const [key, entry] of source.entries) {
        if (!entries.has(key)) entries.set(key, { ...entry, merged: true });
      }
    }
  }

  #inside<T>(key: string | number, read: () => T): T {
    this.#path.push(key);
    try {
      return read();
    } finally {
      this.#path.pop();
    }
  }

  /** A merge key is `<<` without quotes. */
  #mergeKeyIsNext(): boolean {
    const event = this.#events[this.#cursor];
    if (event?.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN) return false;
    return getScalarValue(this.#source, event) === MERGE_KEY;
  }

  #closed(): boolean {
    if (this.#events[this.#cursor]?.type !== EVENT_ID.POP) return false;
    this.#cursor += 1;
    return true;
  }

  #anchor(event: Event, node: Node): void {
    if (!('anchorStart' in event) || event.anchorStart < 0) return;
    this.#anchors.set(this.#source.slice(event.anchorStart, event.anchorEnd), node);
  }

  /** The tag of a value, empty for none. Any but the one that says nothing new is no part of a config. */
  #tag(event: Event, allowed: string): string {
    if (!('tagStart' in event) || event.tagStart < 0) return '';
    const tag = this.#source.slice(event.tagStart, event.tagEnd);
    if (tag === allowed || tag === '!') return tag;
    throw new Unreadable(event.tagStart, 'a tag: a value that begins with ! needs quotes');
  }
}
