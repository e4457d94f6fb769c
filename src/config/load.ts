import type nodeFs from 'node:fs';
import path from 'node:path';
import type { ClientProfile } from '../clients/profile.ts';
import { FOLDER, NO_SUCH_FILE, readSmallFile, type UnreadableFile } from '../files/small-file.ts';
import { buildConfig } from './build.ts';
import type { Config } from './config.ts';
import { ConfigSchema } from './schema/config-schema.ts';
import { knownPart } from './schema/validate.ts';
import { type ConfigProblem, type Flaw, lineAt, toProblems } from './yaml/problem.ts';
import { readYaml } from './yaml/read-yaml.ts';

const MAX_BYTES = 1024 * 1024;

/** What {@link loadConfig} needs of the machine and of the program. */
export interface LoadOptions {
  readonly files: typeof nodeFs;
  /** Where `password_env` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The built-in clients, by name. */
  readonly clients: ReadonlyMap<string, ClientProfile>;
  /**
   * Neither reads nor needs the files and variables that the config names: for a user who only looks at results, and may not
   * know the secrets. Those are empty then.
   */
  readonly configOnly?: boolean;
}

/** A good config, or all that is wrong with it. */
export type LoadResult =
  | {
      readonly ok: true;
      readonly config: Config;
      /** The environment variables that hold its secrets: children must not see them. */
      readonly secretVariables: readonly string[];
      /** Absolute paths of the files that hold its secrets; with `configOnly` they need not be there. */
      readonly secretFiles: readonly string[];
    }
  | {
      readonly ok: false;
      /** In the order of the file. None holds a secret. */
      readonly errors: readonly ConfigProblem[];
      /** Nothing is wrong but secrets that are not there yet: it may be well later, as it is. */
      readonly retry: boolean;
    };

/**
 * Reads a config and all that it names: the secrets' files and the certificate authorities.
 *
 * @param file path of the config, relative to the working directory.
 * @returns never throws for anything that a config may hold.
 */
export function loadConfig(file: string, options: LoadOptions): LoadResult {
  const absolute = path.resolve(file);
  const read = readSmallFile(options.files, absolute, MAX_BYTES);
  if (!read.ok) return onlyError(read.line, whyNoConfig(read, file));
  return readConfigText(read.value.text, { file: absolute, mode: read.value.mode }, options);
}

/**
 * Reads a config that stands, or is to stand, in a file.
 *
 * @param origin absolute path of the file, and its permission bits.
 */
export function readConfigText(
  text: string,
  origin: { readonly file: string; readonly mode: number },
  options: LoadOptions,
): LoadResult {
  const yaml = readYaml(text);
  if (!yaml.ok) return onlyError(lineAt(text, yaml.at), yaml.text);
  const flaws: Flaw[] = [];
  const bad = new Set<number>();
  const report = (flaw: Flaw) => {
    flaws.push(flaw);
    bad.add(flaw.at);
  };
  yaml.flaws.map(withinSchema).forEach(report);
  const built = buildConfig({
    ...options,
    configOnly: options.configOnly ?? false,
    ...origin,
    folder: path.dirname(origin.file),
    root: yaml.root,
    report,
    isGood: ({ at }) => !bad.has(at),
  });
  if (built !== undefined && flaws.length === 0) return { ok: true, ...built };
  return {
    ok: false,
    errors: toProblems(flaws, text, yaml.root),
    retry: flaws.every((flaw) => flaw.temporary),
  };
}

/** A flaw of the text, shown no deeper than where the schema knows the keys. */
function withinSchema(flaw: Flaw): Flaw {
  const path = knownPart(flaw.path, ConfigSchema);
  return path.length === flaw.path.length ? flaw : { ...flaw, path, text: `something in it ${flaw.text}` };
}

/** The result for a file that has no tree to check. */
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
