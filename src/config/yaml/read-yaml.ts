import { EVENT_ID, type Event, parseEvents, YAMLException } from 'js-yaml';
import { compose, startOf, Unreadable } from './compose-tree.ts';
import type { Flaw } from './problem.ts';
import { explainSyntaxError } from './syntax-error.ts';
import type { Mapping, Node } from './tree.ts';

const MAX_DEPTH = 32;

/** What a YAML text came to: its tree and the flaws in it, or the one thing that made it unreadable. */
export type YamlResult =
  | { readonly ok: true; readonly root: Mapping; readonly flaws: readonly Flaw[] }
  | { readonly ok: false; readonly at: number; readonly text: string };

/**
 * Reads a YAML text that is one mapping, by YAML 1.2's core schema with merge keys.
 *
 * The tree is built from js-yaml's events and not by its `load`: a plain object puts keys such as `2` first, its
 * keys have no lines, and a duplicate key would stand alone instead of beside all else that is wrong.
 */
export function readYaml(source: string): YamlResult {
  try {
    const events = parseEvents(source, { maxDepth: MAX_DEPTH });
    const second = events.findIndex((event, index) => index > 0 && event.type === EVENT_ID.DOCUMENT);
    if (second > 0) {
      const at = offsetFrom(events, second) ?? source.length;
      return { ok: false, at, text: 'a second document begins (after a line of --- or ...): expected one' };
    }
    const { root, flaws } = compose(source, events);
    if (root === undefined || (root.kind === 'scalar' && root.value === null)) {
      return { ok: false, at: 0, text: 'the file is empty: expected frequency, logging and sites' };
    }
    if (root.kind !== 'mapping') {
      return { ok: false, at: 0, text: `expected a mapping ("key: value" lines), got ${kindOf(root)}` };
    }
    return { ok: true, root, flaws };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, at: error.at, text: error.message };
    if (!(error instanceof YAMLException)) throw error;
    return { ok: false, ...syntaxFault(source, error) };
  }
}

/** What kind of value it is, in words, never the value. */
export function kindOf(node: Node): string {
  if (node.kind === 'mapping') return 'a mapping';
  if (node.kind === 'sequence') return 'a list';
  if (node.value === null) return node.source === '' ? 'nothing' : 'null';
  return Number.isNaN(node.value) ? '.nan' : `a ${typeof node.value}`;
}

function offsetFrom(events: readonly Event[], index: number): number | undefined {
  return events
    .slice(index)
    .map(startOf)
    .find((offset) => offset !== undefined);
}

/** Where a text is no YAML, and why: never by js-yaml's own words alone, which quote the text. */
function syntaxFault(source: string, { reason, mark }: YAMLException): { at: number; text: string } {
  const at = mark?.position ?? 0;
  // Cut before what it quotes: that may be a password that begins with `!`.
  const said = reason.replace(/ (?:for )?".*$|: .*$/s, '');
  if (/non-printable|null byte|valid JSON character/.test(said))
    return { at, text: 'holds a control character' };
  if (said.includes('maxDepth')) return { at, text: `nested deeper than ${MAX_DEPTH} levels` };
  const fault = explainSyntaxError(source, at, said);
  return { at: fault.at, text: `not valid YAML: ${fault.text}` };
}
