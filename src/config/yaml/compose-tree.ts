import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { lineAt, type Problem } from './problem.ts';
import { controlIn, resolveScalar } from './scalar.ts';
import type { Entry, Item, Mapping, Node, Scalar } from './tree.ts';

/** Limits far above any real config. Without them a few lines of nested aliases could take minutes. */
const MAX_ALIASES = 1000;
const MAX_MERGED_KEYS = 10_000;
const MERGE_KEY = '<<';
/** The beginning of a comment directly after a value, or after the key of an empty value. */
const COMMENT = /^["']?[ \t]*:?[ \t]+#/;

/** Why there is no tree, and the offset of the cause. The message holds nothing of the text. */
export class ComposeError extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/**
 * Builds the tree of the first document in a stream of events. Resolves aliases and merge keys.
 *
 * @returns the tree (`undefined`: there is no document), and its duplicate keys and control characters as problems.
 * @throws ComposeError for an unknown alias, a tag, a list as a key, or more aliases or merged keys than the limits.
 */
export function compose(
  source: string,
  events: readonly Event[],
): { root: Node | undefined; problems: readonly Problem[] } {
  const composer = new Composer(source, events);
  return { root: events.length === 0 ? undefined : composer.root(), problems: composer.problems };
}

/** The offset where an event begins; `undefined` if it has none, such as an empty value. */
export function startOf(event: Event): number | undefined {
  const offsets = [
    'tagStart' in event ? event.tagStart : -1,
    'anchorStart' in event ? event.anchorStart : -1,
    'valueStart' in event ? event.valueStart : -1,
    'start' in event ? event.start : -1,
  ].filter((offset) => offset >= 0);
  return offsets.length === 0 ? undefined : Math.min(...offsets);
}

/** Has one method for each kind of event. Each method leaves the cursor after the events that it has read. */
class Composer {
  readonly problems: Problem[] = [];
  readonly #source: string;
  readonly #events: readonly Event[];
  readonly #anchors = new Map<string, Node>();
  readonly #seen = new Set<Node>();
  readonly #path: (string | number)[] = [];
  #cursor = 0;
  /** Where the last event with an offset began. An empty value has no other place. */
  #at = 0;
  /** Where the last scalar with a text ended. */
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
    if (this.#aliases > MAX_ALIASES) throw new ComposeError(start, `more than ${MAX_ALIASES} aliases`);
    const node = this.#anchors.get(this.#source.slice(start, end));
    if (node !== undefined) return node;
    throw new ComposeError(start, 'an alias without its anchor: a value that begins with * needs quotes');
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
    while (!this.#passEnd()) {
      items.push(
        this.#inside(items.length, () => {
          const item = this.#item();
          this.#checkControl(item.value, item.at, '');
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
    while (!this.#passEnd()) {
      const isMerge = this.#mergeKeyIsNext();
      const { at, value: key } = this.#item();
      if (key.kind !== 'scalar') {
        throw new ComposeError(
          at,
          'a list or a mapping as a key: a value that begins with [ or { needs quotes',
        );
      }
      this.#checkControl(key, at, 'has a key that ');
      const value = this.#inside(key.source, () => {
        const item = this.#item();
        this.#checkControl(item.value, at, '');
        return item.value;
      });
      if (isMerge) this.#merge(entries, value, at);
      else this.#add(entries, key.source, { at, value, merged: false });
    }
    return node;
  }

  /** Reports a control character in a key or a value, once for all aliases of it. */
  #checkControl(node: Node, at: number, prefix: string): void {
    if (node.kind !== 'scalar' || this.#seen.has(node)) return;
    this.#seen.add(node);
    const control = controlIn(node.source);
    if (control !== undefined) this.problems.push({ at, path: [...this.#path], text: `${prefix}${control}` });
  }

  #add(entries: Map<string, Entry>, key: string, entry: Entry): void {
    const before = entries.get(key);
    if (before !== undefined && !before.merged) {
      const text = `is a duplicate key, first on line ${lineAt(this.#source, before.at)}`;
      this.problems.push({ at: entry.at, path: [...this.#path, key], text });
      // The first one stays: what a repeated name lacks is not missing.
      return;
    }
    entries.set(key, entry);
  }

  #merge(entries: Map<string, Entry>, from: Node, at: number): void {
    const sources = from.kind === 'sequence' ? from.items.map((item) => item.value) : [from];
    for (const source of sources) {
      if (source.kind !== 'mapping') {
        throw new ComposeError(at, '<< needs a mapping or a list of mappings (as in "<<: *name")');
      }
      this.#mergedKeys += source.entries.size + 1;
      if (this.#mergedKeys > MAX_MERGED_KEYS) {
        throw new ComposeError(at, `more than ${MAX_MERGED_KEYS} keys brought in by <<`);
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

  /** Whether the next key is `<<` without quotes. */
  #mergeKeyIsNext(): boolean {
    const event = this.#events[this.#cursor];
    if (event?.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN) return false;
    return getScalarValue(this.#source, event) === MERGE_KEY;
  }

  /** Whether the list or mapping ends here. Moves the cursor after its end. */
  #passEnd(): boolean {
    if (this.#events[this.#cursor]?.type !== EVENT_ID.POP) return false;
    this.#cursor += 1;
    return true;
  }

  #anchor(event: Event, node: Node): void {
    if (!('anchorStart' in event) || event.anchorStart < 0) return;
    this.#anchors.set(this.#source.slice(event.anchorStart, event.anchorEnd), node);
  }

  /** The tag of a value, or ''. Throws for any tag except `!` and the one that the value has anyway. */
  #tag(event: Event, allowed: string): string {
    if (!('tagStart' in event) || event.tagStart < 0) return '';
    const tag = this.#source.slice(event.tagStart, event.tagEnd);
    if (tag === allowed || tag === '!') return tag;
    throw new ComposeError(event.tagStart, 'a tag: a value that begins with ! needs quotes');
  }
}
