import { failed, good, type Result } from '../model/result.ts';
import { Secret } from '../model/secret.ts';
import { readNamedFile } from './named-file.ts';
import type { Reading } from './reading.ts';
import { MAX_LENGTH, secretKeys } from './schema/parts-schema.ts';
import { MISSING, type Path } from './yaml/problem.ts';
import { controlIn } from './yaml/scalar.ts';
import { child, type Item, stringOf } from './yaml/tree.ts';

const MAX_FILE_BYTES = 4096;

/** A secret, and where the config has it. */
export interface Credential {
  readonly secret: Secret;
  /** Where it is: in the config, in a file, or in an environment variable. */
  readonly from: 'config' | 'file' | 'env';
  /** Path of its key in the config. */
  readonly path: Path;
  /** The value of that key: the secret itself, a file or the name of an environment variable. */
  readonly value: string;
  /** Permission bits of the file; `undefined` if it is in none. */
  readonly mode: number | undefined;
  /** Whether a comment follows a secret without quotes, so that part of it may be missing. */
  readonly commented: boolean;
}

/**
 * Reads the password of a site or of the mail account. See {@link readSecretOf}. Reports a problem if there is none.
 *
 * @param owner the mapping with the keys.
 */
export function readCredential(owner: Item, path: Path, reading: Reading): Credential | undefined {
  if (!hasSecret(owner, 'password')) {
    const text = `${MISSING} (or password_file or password_env)`;
    reading.report({ at: owner.at, path: [...path, 'password'], text });
    return undefined;
  }
  return readSecretOf('password', owner, path, reading);
}

/** Whether one of the keys of a secret is there. */
export function hasSecret(owner: Item, name: string): boolean {
  return secretKeys(name).some((key) => child(owner.value, key) !== undefined);
}

/**
 * Reads a secret; `undefined` if there is none.
 *
 * Reports a problem if there is more than one of its keys, or if it cannot be read. No message holds the name of a file or
 * variable: a user may have put the secret itself there by mistake.
 *
 * @param owner the mapping with the keys.
 */
export function readSecretOf(
  name: string,
  owner: Item,
  path: Path,
  reading: Reading,
): Credential | undefined {
  const { report } = reading;
  const [first, second] = secretKeys(name).flatMap((key, index) => {
    const item = child(owner.value, key);
    const from = (['config', 'file', 'env'] as const)[index] ?? 'config';
    return item === undefined ? [] : [{ key, item, from }];
  });
  if (first === undefined) return undefined;
  if (second !== undefined) {
    const text = `expected only one of ${secretKeys(name).join(', ')}: ${first.key} is there as well`;
    report({ at: second.item.at, path: [...path, second.key], text });
    return undefined;
  }
  const { key, item, from } = first;
  const value = stringOf(item);
  if (value === undefined || !reading.isGood(item)) return undefined;
  const read = readSecret(from, value, reading);
  if (read.ok) {
    const commented = from === 'config' && item.value.kind === 'scalar' && item.value.commented;
    return { ...read.value, from, path: [...path, key], value, commented };
  }
  report({ at: item.at, path: [...path, key], text: read.why, temporary: read.temporary ?? false });
  return undefined;
}

/** A secret that was read. A failure may be temporary: a later try may succeed without a change of the config. */
type ReadSecret = Result<Pick<Credential, 'secret' | 'mode'>> & { readonly temporary?: boolean };

function readSecret(from: Credential['from'], value: string, reading: Reading): ReadSecret {
  if (from === 'config') return good({ secret: new Secret(value), mode: undefined });
  if (reading.configOnly) return good({ secret: new Secret(''), mode: undefined });
  if (from === 'env') {
    const { env } = reading;
    const text = Object.hasOwn(env, value) ? env[value] : undefined;
    if (text !== undefined) return checkSecret(text, 'the environment variable it names', undefined);
    return { ...failed('the environment variable it names is not set'), temporary: true };
  }
  const file = readNamedFile(value, reading, MAX_FILE_BYTES);
  if (!file.ok) return { ...failed(file.why), temporary: file.refused };
  return checkSecret(file.value.text.replace(/\r?\n$/, ''), 'the file it names', file.value.mode);
}

function checkSecret(text: string, source: string, mode: number | undefined): ReadSecret {
  const control = controlIn(text);
  if (text === '') return failed(`${source} is empty`);
  if (control !== undefined) return failed(`${source} ${control}`);
  if (text.length > MAX_LENGTH) return failed(`${source} holds more than ${MAX_LENGTH} characters`);
  return good({ secret: new Secret(text), mode });
}
