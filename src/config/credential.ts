import { failed, good, type Result } from '../model/result.ts';
import { Secret } from '../model/secret.ts';
import { readNamedFile } from './named-file.ts';
import type { Reading } from './reading.ts';
import { MAX_LENGTH } from './schema/parts-schema.ts';
import { MISSING, type Path } from './yaml/problem.ts';
import { controlIn } from './yaml/scalar.ts';
import { child, type Item, stringOf } from './yaml/tree.ts';

/** The keys that can hold or name a password. A site has exactly one of them. */
export const PASSWORD_KEYS = ['password', 'password_file', 'password_env'] as const;
type PasswordKey = (typeof PASSWORD_KEYS)[number];

const MAX_FILE_BYTES = 4096;

/** A password, and where the config has it. */
export interface Credential {
  readonly secret: Secret;
  readonly key: PasswordKey;
  /** Path of that key in the config. */
  readonly path: Path;
  /** The value of that key: the password itself, a file or the name of an environment variable. */
  readonly value: string;
  /** Permission bits of the file; `undefined` for another key than `password_file`. */
  readonly mode: number | undefined;
  /** Whether a comment follows a `password` without quotes, so that part of the password may be missing. */
  readonly commented: boolean;
}

/**
 * Reads the password of a site or of the mail account.
 *
 * Reports a problem if not exactly one key is there, or if the password cannot be read. No message holds the name of a
 * file or variable: a user may have put the password itself there by mistake.
 *
 * @param owner the mapping with the keys.
 */
export function readCredential(owner: Item, path: Path, reading: Reading): Credential | undefined {
  const { report } = reading;
  const [first, second] = PASSWORD_KEYS.flatMap((key) => {
    const item = child(owner.value, key);
    return item === undefined ? [] : [{ key, item }];
  });
  if (first === undefined) {
    const text = `${MISSING} (or password_file or password_env)`;
    report({ at: owner.at, path: [...path, 'password'], text });
    return undefined;
  }
  if (second !== undefined) {
    const text = `expected only one of ${PASSWORD_KEYS.join(', ')}: ${first.key} is there as well`;
    report({ at: second.item.at, path: [...path, second.key], text });
    return undefined;
  }
  const { key, item } = first;
  const value = stringOf(item);
  if (value === undefined || !reading.isGood(item)) return undefined;
  const read = readSecret(key, value, reading);
  if (read.ok) {
    const commented = key === 'password' && item.value.kind === 'scalar' && item.value.commented;
    return { ...read.value, key, path: [...path, key], value, commented };
  }
  report({ at: item.at, path: [...path, key], text: read.why, temporary: read.temporary ?? false });
  return undefined;
}

/** A password that was read. A failure may be temporary: a later try may succeed without a change of the config. */
type ReadSecret = Result<Pick<Credential, 'secret' | 'mode'>> & { readonly temporary?: boolean };

function readSecret(key: PasswordKey, value: string, reading: Reading): ReadSecret {
  if (key === 'password') return good({ secret: new Secret(value), mode: undefined });
  if (reading.configOnly) return good({ secret: new Secret(''), mode: undefined });
  if (key === 'password_env') {
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
