import { nearest } from '../../words/nearest.ts';
import { controlIn } from './scalar.ts';
import { child, type Mapping, type Node } from './tree.ts';

/** The way from the top of the config to a value: keys of mappings, and indexes in lists from 0. */
export type Path = readonly (string | number)[];

/** Something that is wrong in a config, with its place in the text. */
export interface Problem {
  /** Offset in the text of the config. */
  readonly at: number;
  readonly path: Path;
  /** What is wrong. Never holds a value of the config. */
  readonly text: string;
  /** Whether it may go away without a change of the config: a secret that is not there yet. */
  readonly temporary?: boolean;
  /** For an unknown key: the known key that was most likely meant. */
  readonly meant?: string;
}

/** Records a problem. */
export type Report = (problem: Problem) => void;

/** A problem as a user reads it. */
export interface ConfigProblem {
  /** From 1; `undefined` for a problem with the whole file. */
  readonly line: number | undefined;
  /** `sites.site1.password`; empty for a problem with no single key. */
  readonly path: string;
  /** What was expected, what kind of value is there, and the remedy. Holds no secret. */
  readonly text: string;
}

/** The first word of {@link Problem.text} for a key that is missing. */
export const MISSING = 'missing';

/** The form of the keys of a config. */
const PLAIN_WORD = /^[A-Za-z_][\w-]{0,39}$/;

/** Whether a key has the form of a known one. Others are not shown: `password:secret` without its space is a key too. */
export function isPlainWord(key: string): boolean {
  return PLAIN_WORD.test(key);
}

/** The hint for an unknown word, or ''. Holds the known word only: the unknown one may be a secret. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? '' : `, did you mean ${near}?`;
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** The problems as a user reads them, in the order of the file. A problem that sites share by an anchor is listed once. */
export function toConfigProblems(
  problems: readonly Problem[],
  source: string,
  root: Mapping,
): ConfigProblem[] {
  const sorted = withoutRepeats(withoutMistyped(problems)).sort((a, b) => a.at - b.at);
  let line = 1;
  let from = 0;
  return sorted.map(({ at, path, text }) => {
    line += breaksIn(source.slice(from, at));
    from = at;
    return { line, path: showPath(root, path), text };
  });
}

/** Without the missing keys that an unknown key was most likely meant to be. */
function withoutMistyped(problems: readonly Problem[]): Problem[] {
  const meant = new Set(
    problems.flatMap(({ path, meant: key }) =>
      key === undefined ? [] : JSON.stringify([...path.slice(0, -1), key]),
    ),
  );
  return problems.filter(({ path, text }) => !text.startsWith(MISSING) || !meant.has(JSON.stringify(path)));
}

/** Each alias of an anchor reports the problems of the anchor again. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, Problem>();
  for (const problem of problems) {
    const id = JSON.stringify([problem.at, problem.path.at(-1), problem.text]);
    if (!seen.has(id)) seen.set(id, problem);
  }
  return [...seen.values()];
}

/**
 * The lines to print: `config.yml:14: sites.site1.password: expected a string, got ...`.
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

/** The number, from 1, of the line with an offset. */
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

/** A site may have any name. The name of a mapping is the name of a site, and not a secret in the wrong place. */
function showKey(key: string, node: Node | undefined): string {
  if (isPlainWord(key)) return key;
  const isName = node?.kind === 'mapping' && key.length <= 64 && controlIn(key) === undefined;
  return isName ? JSON.stringify(key) : '(a name that is not shown)';
}
