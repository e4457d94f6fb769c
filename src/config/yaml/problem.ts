import { nearest } from '../../words/nearest.ts';
import { controlIn } from './scalar.ts';
import { child, type Mapping, type Node } from './tree.ts';

/** The way from the top of the config to a value: keys of mappings, and from 0 the places in lists. */
export type Path = readonly (string | number)[];

/** Something wrong, where it stands in the text. Its `text` never holds a value of the config. */
export interface Flaw {
  /** Offset in the text of the config. */
  readonly at: number;
  readonly path: Path;
  readonly text: string;
  /** Whether it may go away without a change of the config: a secret that is not there yet. */
  readonly temporary?: boolean;
  /** For an unknown key: the known one beside it that it was most likely meant to be. */
  readonly meant?: string;
}

/** Takes note of a flaw. */
export type Report = (flaw: Flaw) => void;

/** One thing that is wrong with a config, ready to be printed. */
export interface ConfigProblem {
  /** From 1; `undefined` if it is about the file as a whole. */
  readonly line: number | undefined;
  /** `sites.site1.password`; empty if it is about no key. */
  readonly path: string;
  /** What was expected, what is there by kind, and the remedy. Holds no secret. */
  readonly text: string;
}

/** How the text begins for a key that should be there and is not. */
export const MISSING = 'missing';

/** What one of our keys looks like, and one that was meant to be. */
const PLAIN_WORD = /^[A-Za-z_][\w-]{0,39}$/;

/** Whether a key looks like one of ours. A `password:secret` without its space makes a key as well. */
export function isPlainWord(key: string): boolean {
  return PLAIN_WORD.test(key);
}

/** The hint for a word that is none of ours; the word itself may be anything and is not said. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? '' : `, did you mean ${near}?`;
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** The flaws as problems, in the order of the file; what several sites share by an anchor is said once. */
export function toProblems(flaws: readonly Flaw[], source: string, root: Mapping): ConfigProblem[] {
  const sorted = withoutRepeats(withoutMistyped(flaws)).sort((a, b) => a.at - b.at);
  let line = 1;
  let from = 0;
  return sorted.map(({ at, path, text }) => {
    line += breaksIn(source.slice(from, at));
    from = at;
    return { line, path: showPath(root, path), text };
  });
}

/** A mistyped key is not missing as well. */
function withoutMistyped(flaws: readonly Flaw[]): Flaw[] {
  const meant = new Set(
    flaws.flatMap(({ path, meant: key }) =>
      key === undefined ? [] : JSON.stringify([...path.slice(0, -1), key]),
    ),
  );
  return flaws.filter(({ path, text }) => !text.startsWith(MISSING) || !meant.has(JSON.stringify(path)));
}

/** A flaw of an anchor is found by every alias of it. */
function withoutRepeats(flaws: readonly Flaw[]): Flaw[] {
  const seen = new Map<string, Flaw>();
  for (const flaw of flaws) {
    const id = JSON.stringify([flaw.at, flaw.path.at(-1), flaw.text]);
    if (!seen.has(id)) seen.set(id, flaw);
  }
  return [...seen.values()];
}

/**
 * The lines that tell a user what is wrong: `config.yml:14: sites.site1.password: expected a string, got ...`.
 *
 * @param file the config as the user named it.
 */
export function formatProblems(file: string, problems: readonly ConfigProblem[]): string[] {
  const name = file.replace(/^\.\//, '');
  return problems.map(({ line, path, text }) => {
    const place = line === undefined ? name : `${name}:${line}`;
    return path === '' ? `${place}: ${text}` : `${place}: ${path}: ${text}`;
  });
}

/** The number, from 1, of the line that holds an offset. */
export function lineAt(source: string, offset: number): number {
  return 1 + breaksIn(source.slice(0, offset));
}

/** Lines end as in YAML: LF, CR LF or CR. */
function breaksIn(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

function showPath(root: Mapping, path: Path): string {
  let node: Node | undefined = root;
  let shown = '';
  for (const key of path) {
    node = node && child(node, key)?.value;
    if (typeof key === 'number') shown += `[${key}]`;
    else shown += `${shown === '' ? '' : '.'}${showKey(key, node)}`;
  }
  return shown;
}

/** Names of sites may be anything; what names a mapping is a site and no stray secret. */
function showKey(key: string, node: Node | undefined): string {
  if (isPlainWord(key)) return key;
  const isName = node?.kind === 'mapping' && key.length <= 64 && controlIn(key) === undefined;
  return isName ? JSON.stringify(key) : '(a name that is not shown)';
}
