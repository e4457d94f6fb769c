import path from 'node:path';
import { readSmallFile, unreadable } from '../files/small-file.ts';
import { Secret } from '../model/secret.ts';
import type { Reading } from './reading.ts';
import { MAX_LENGTH } from './schema/parts-schema.ts';
import { MISSING, type Path } from './yaml/problem.ts';
import { controlIn } from './yaml/scalar.ts';
import { child, type Item, stringOf } from './yaml/tree.ts';

/** The three ways to say a password. */
export const WAYS = ['password', 'password_file', 'password_env'] as const;
const MAX_FILE_BYTES = 4096;

/** A password, and which of the ways it was said. */
export interface Credential {
  readonly secret: Secret;
  readonly way: (typeof WAYS)[number];
  /** The value of that key as it stands: for `password_env` the variable's name. */
  readonly said: string;
  /** Where that key stands. */
  readonly at: Path;
  /** The mode of the file that it names; `undefined` if it names none. */
  readonly mode: number | undefined;
  /** A password that a comment may have cut off. */
  readonly commented: boolean;
}

/**
 * The password of a site or of the mail account.
 *
 * Reports if it is not said in exactly one way, or can't be had. A file's or variable's name is never part of a
 * message: a user who misunderstands the key may have put the password itself there.
 *
 * @param owner the mapping with the keys.
 */
export function readCredential(owner: Item, at: Path, reading: Reading): Credential | undefined {
  const { report } = reading;
  const said = WAYS.flatMap((way) => {
    const item = child(owner.value, way);
    return item === undefined ? [] : [{ way, item }];
  });
  const [first, second] = said;
  if (first === undefined) {
    report({
      at: owner.at,
      path: [...at, 'password'],
      text: `${MISSING} (or password_file or password_env)`,
    });
    return undefined;
  }
  if (second !== undefined) {
    const text = `expected only one of ${WAYS.join(', ')}: ${first.way} is there as well`;
    report({ at: second.item.at, path: [...at, second.way], text });
    return undefined;
  }
  const { way, item } = first;
  const text = stringOf(item);
  if (text === undefined || !reading.isGood(item)) return undefined;
  const found = read(way, text, reading);
  if ('secret' in found) {
    const commented = way === 'password' && item.value.kind === 'scalar' && item.value.commented;
    return { mode: undefined, ...found, way, said: text, at: [...at, way], commented };
  }
  report({ at: item.at, path: [...at, way], ...found });
  return undefined;
}

type Found =
  | { readonly secret: Secret; readonly mode?: number }
  | { readonly text: string; readonly passing: boolean };

function read(way: Credential['way'], said: string, { files, env, folder, configOnly }: Reading): Found {
  if (way === 'password') return { secret: new Secret(said) };
  if (configOnly) return { secret: new Secret('') };
  if (way === 'password_env') {
    const text = Object.hasOwn(env, said) ? env[said] : undefined;
    if (text === undefined) return { text: 'the environment variable it names is not set', passing: true };
    return judge(text, 'the environment variable it names');
  }
  const file = readSmallFile(files, path.resolve(folder, said), MAX_FILE_BYTES);
  if (file.ok) {
    return { ...judge(file.text.replace(/\r?\n$/, ''), 'the file it names'), mode: file.mode };
  }
  return { text: unreadable(said, folder, file.reason), passing: file.unreadable };
}

function judge(text: string, name: string): Found {
  const control = controlIn(text);
  if (text === '') return { text: `${name} is empty`, passing: false };
  if (control !== undefined) return { text: `${name} ${control}`, passing: false };
  if (text.length > MAX_LENGTH) {
    return { text: `${name} holds more than ${MAX_LENGTH} characters`, passing: false };
  }
  return { secret: new Secret(text) };
}
