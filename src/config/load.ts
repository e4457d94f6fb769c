import type nodeFs from 'node:fs';
import path from 'node:path';
import type { ClientProfile } from '../clients/profile.ts';
import { FOLDER, NO_SUCH_FILE, readSmallFile, type UnreadableFile } from '../files/small-file.ts';
import { buildConfig } from './build.ts';
import type { Config } from './config.ts';
import { ConfigSchema } from './schema/config-schema.ts';
import { knownPart } from './schema/validate.ts';
import { type ConfigProblem, lineAt, type Problem, toConfigProblems } from './yaml/problem.ts';
import { readYaml } from './yaml/read-yaml.ts';

const MAX_BYTES = 1024 * 1024;

/** What {@link loadConfig} needs of the machine and of the program. */
export interface LoadOptions {
  readonly files: typeof nodeFs;
  /** The environment in which `password_env` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The built-in clients, by name. */
  readonly clients: ReadonlyMap<string, ClientProfile>;
  /**
   * Does not read the files and variables that the config names; secrets are then empty. For commands that only show
   * results: their user may have no right to read the secrets.
   */
  readonly configOnly?: boolean;
}

/** A valid config, or all problems of an invalid one. */
export type LoadResult =
  | {
      readonly ok: true;
      readonly config: Config;
      /** The environment variables that hold its secrets. Child processes must not see them. */
      readonly secretVariables: readonly string[];
      /** Absolute paths of the files that hold its secrets. With `configOnly` they may be missing. */
      readonly secretFiles: readonly string[];
    }
  | {
      readonly ok: false;
      /** In the order of the file. None holds a secret. */
      readonly errors: readonly ConfigProblem[];
      /** Whether the only problem is a secret that is not there yet: the same config may be valid later. */
      readonly retry: boolean;
    };

/**
 * Reads a config and what it names: the files of secrets and the certificate authorities. Never throws, whatever the
 * config holds.
 *
 * @param file path of the config, relative to the working directory.
 */
export function loadConfig(file: string, options: LoadOptions): LoadResult {
  const absolute = path.resolve(file);
  const read = readSmallFile(options.files, absolute, MAX_BYTES);
  if (!read.ok) return onlyError(read.line, whyNoConfig(read, file));
  return readConfigText(read.value.text, { file: absolute, mode: read.value.mode }, options);
}

/**
 * Reads a config from a text.
 *
 * @param origin absolute path of its file, which need not exist, and the permission bits of the file.
 */
export function readConfigText(
  text: string,
  origin: { readonly file: string; readonly mode: number },
  options: LoadOptions,
): LoadResult {
  const yaml = readYaml(text);
  if (!yaml.ok) return onlyError(lineAt(text, yaml.at), yaml.text);
  const problems: Problem[] = [];
  const bad = new Set<number>();
  const report = (problem: Problem) => {
    problems.push(problem);
    bad.add(problem.at);
  };
  yaml.problems.map(withinSchema).forEach(report);
  const built = buildConfig({
    ...options,
    configOnly: options.configOnly ?? false,
    ...origin,
    folder: path.dirname(origin.file),
    root: yaml.root,
    report,
    isGood: ({ at }) => !bad.has(at),
  });
  if (built !== undefined && problems.length === 0) return { ok: true, ...built };
  return {
    ok: false,
    errors: toConfigProblems(problems, text, yaml.root),
    retry: problems.every(({ temporary }) => temporary),
  };
}

/** A problem of the text, with its path only as deep as the schema knows the keys. The rest may hold a secret. */
function withinSchema(problem: Problem): Problem {
  const path = knownPart(problem.path, ConfigSchema);
  if (path.length === problem.path.length) return problem;
  return { ...problem, path, text: `something in it ${problem.text}` };
}

/** The result for a file without a tree: nothing else in it can be checked. */
function onlyError(line: number | undefined, text: string): LoadResult {
  return { ok: false, errors: [{ line, path: '', text }], retry: false };
}

function whyNoConfig({ why, refused }: UnreadableFile, file: string): string {
  if (why === NO_SUCH_FILE) {
    return `${why}: make one with vpn-monitor init, or name another with --config FILE`;
  }
  if (why === FOLDER) return `${why}: name the file in it, ${path.join(file, 'config.yml')}`;
  return refused ? `can't be read: ${why}` : why;
}
