import { EVENT_ID, type Event, parseEvents, YAMLException } from 'js-yaml';
import { ComposeError, compose, startOf } from './compose-tree.ts';
import type { Problem } from './problem.ts';
import { explainSyntaxError, type SyntaxProblem } from './syntax-error.ts';
import { kindOf, type Mapping } from './tree.ts';

const MAX_DEPTH = 32;

/** The tree of a YAML text and the problems in it, or the one problem because of which there is no tree. */
export type YamlResult =
  | { readonly ok: true; readonly root: Mapping; readonly problems: readonly Problem[] }
  | ({ readonly ok: false } & SyntaxProblem);

/**
 * Reads a YAML text that is one mapping, by YAML 1.2's core schema with merge keys.
 *
 * The tree is built from js-yaml's events and not by its `load`, whose objects put keys such as `2` first and have no
 * line numbers, and which stops at the first duplicate key.
 */
export function readYaml(source: string): YamlResult {
  try {
    const events = parseEvents(source, { maxDepth: MAX_DEPTH });
    const second = events.findIndex((event, index) => index > 0 && event.type === EVENT_ID.DOCUMENT);
    if (second > 0) {
      const at = offsetFrom(events, second) ?? source.length;
      return { ok: false, at, text: 'a second document begins (after a line of --- or ...): expected one' };
    }
    const { root, problems } = compose(source, events);
    if (root === undefined || (root.kind === 'scalar' && root.value === null)) {
      return { ok: false, at: 0, text: 'the file is empty: expected frequency, logging and sites' };
    }
    if (root.kind !== 'mapping') {
      return { ok: false, at: 0, text: `expected a mapping ("key: value" lines), got ${kindOf(root)}` };
    }
    return { ok: true, root, problems };
  } catch (error) {
    if (error instanceof ComposeError) return { ok: false, at: error.at, text: error.message };
    if (!(error instanceof YAMLException)) throw error;
    return { ok: false, ...syntaxProblem(source, error) };
  }
}

function offsetFrom(events: readonly Event[], index: number): number | undefined {
  return events
    .slice(index)
    .map(startOf)
    .find((offset) => offset !== undefined);
}

/** Where a text is not YAML, and why. Does not repeat js-yaml's message, which quotes the text. */
function syntaxProblem(source: string, { reason, mark }: YAMLException): SyntaxProblem {
  const at = mark?.position ?? 0;
  // The quoted part may be a password that begins with `!`.
  const withoutQuote = reason.replace(/ (?:for )?".*$|: .*$/s, '');
  if (/non-printable|null byte|valid JSON character/.test(withoutQuote))
    return { at, text: 'holds a control character' };
  if (withoutQuote.includes('maxDepth')) return { at, text: `nested deeper than ${MAX_DEPTH} levels` };
  const problem = explainSyntaxError(source, at, withoutQuote);
  return { at: problem.at, text: `not valid YAML: ${problem.text}` };
}
