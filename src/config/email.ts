import { X509Certificate } from 'node:crypto';
import type { EmailConfig } from './config.ts';
import { type Credential, readCredential } from './credential.ts';
import { readNamedFile } from './named-file.ts';
import type { Reading } from './reading.ts';
import type { EmailSettings } from './schema/email-schema.ts';
import { secretKeys } from './schema/parts-schema.ts';
import type { Path } from './yaml/problem.ts';
import { child, type Item, stringOf } from './yaml/tree.ts';

/** Where the first channel is. */
export const EMAIL = ['logging', 'email'] as const;
const MAX_CA_BYTES = 1024 * 1024;

/** What mail settings have outside the config: the password of its account may be in a file, its authorities always are. */
export interface EmailSecrets {
  /** `undefined`: no log-in on the mail server. */
  readonly credential: Credential | undefined;
  /** PEM. */
  readonly ca: string | undefined;
}

/**
 * Reads the password of the mail account and the certificate authorities, also if other keys are wrong. Reports each problem.
 *
 * @param email the mapping with the mail settings; anything else has none
 */
export function readEmailSecrets(email: Item | undefined, path: Path, reading: Reading): EmailSecrets {
  if (email?.value.kind !== 'mapping') return { credential: undefined, ca: undefined };
  return { credential: readAccount(email, path, reading), ca: readAuthorities(email, path, reading) };
}

/** Returns mail settings as the mailer needs them. */
export function emailConfig(
  { server, security, username, from, to }: EmailSettings,
  { credential, ca }: EmailSecrets,
  path: Path,
): EmailConfig {
  const hasAccount = username !== undefined && credential !== undefined;
  const auth = hasAccount ? { username, password: credential.secret } : undefined;
  return { key: path.join('.'), ...server, security, ca, auth, from, to };
}

function readAccount(email: Item, path: Path, reading: Reading): Credential | undefined {
  if (child(email.value, 'username') !== undefined) return readCredential(email, path, reading);
  for (const key of secretKeys('password')) {
    const item = child(email.value, key);
    if (item !== undefined) {
      reading.report({ at: item.at, path: [...path, key], text: 'expected a username as well' });
    }
  }
  return undefined;
}

/**
 * Reads the certificates of the file that the key `ca` names, without anything else in it such as a key. Reports a problem with it.
 *
 * @returns PEM; `undefined`: there is no such key, or it is wrong
 */
export function readAuthorities(owner: Item, path: Path, reading: Reading): string | undefined {
  const item = child(owner.value, 'ca');
  const name = stringOf(item);
  if (item === undefined || name === undefined || !reading.isGood(item) || reading.configOnly)
    return undefined;
  const file = readNamedFile(name, reading, MAX_CA_BYTES);
  const pem = file.ok ? certificatesIn(file.value.text) : undefined;
  if (pem !== undefined) return pem;
  const text = !file.ok && file.refused ? file.why : 'the file it names is not a PEM file with certificates';
  reading.report({ at: item.at, path: [...path, 'ca'], text });
  return undefined;
}

function certificatesIn(text: string): string | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs);
  try {
    return blocks?.map((block) => new X509Certificate(block).toString()).join('');
  } catch {
    return undefined;
  }
}
