import { X509Certificate } from 'node:crypto';
import type { EmailConfig } from './config.ts';
import { type Credential, PASSWORD_KEYS, readCredential } from './credential.ts';
import { readNamedFile } from './named-file.ts';
import type { Reading } from './reading.ts';
import { parseAddresses, parseServer } from './schema/address.ts';
import type { RawEmail } from './schema/email-schema.ts';
import { child, find, type Item, stringOf } from './yaml/tree.ts';

const EMAIL = ['logging', 'email'] as const;
const MAX_CA_BYTES = 1024 * 1024;

/** What `logging.email` names that lies elsewhere: the account's password and the certificate authorities. */
export interface EmailExtras {
  readonly credential: Credential | undefined;
  readonly ca: string | undefined;
}

/** Reads what `logging.email` names, and reports what is wrong with that; to be called if all else is wrong, too. */
export function readEmailExtras(reading: Reading): EmailExtras {
  const email = find(reading.root, ...EMAIL);
  if (email?.value.kind !== 'mapping') return { credential: undefined, ca: undefined };
  return { credential: readAccount(email, reading), ca: readAuthorities(email, reading) };
}

/** `logging.email` in the form the mailer wants. */
export function emailConfig(raw: RawEmail, { credential, ca }: EmailExtras): EmailConfig {
  const { host, port } = parseServer(raw.server) ?? impossible();
  const [from] = parseAddresses(raw.from) ?? impossible();
  const recipients = [raw.to].flat().flatMap((text) => parseAddresses(text) ?? impossible());
  const [first, ...others] = recipients.filter(
    ({ address }, index) => recipients.findIndex((each) => each.address === address) === index,
  );
  return {
    host,
    port,
    security: raw.security,
    ca,
    auth:
      raw.username === undefined || credential === undefined
        ? undefined
        : { username: raw.username, password: credential.secret },
    from: from ?? impossible(),
    to: [first ?? impossible(), ...others],
  };
}

function readAccount(email: Item, reading: Reading): Credential | undefined {
  if (child(email.value, 'username') !== undefined) return readCredential(email, EMAIL, reading);
  for (const key of PASSWORD_KEYS) {
    const item = child(email.value, key);
    if (item !== undefined) {
      reading.report({ at: item.at, path: [...EMAIL, key], text: 'expected a username beside it' });
    }
  }
  return undefined;
}

/** The certificates of the file, and nothing else that may be in it, such as a key. */
function readAuthorities(email: Item, reading: Reading): string | undefined {
  const item = child(email.value, 'ca');
  const name = stringOf(item);
  if (item === undefined || name === undefined || !reading.isGood(item) || reading.configOnly)
    return undefined;
  const file = readNamedFile(name, reading, MAX_CA_BYTES);
  const pem = file.ok ? certificatesIn(file.value.text) : undefined;
  if (pem !== undefined) return pem;
  const text = !file.ok && file.refused ? file.why : 'the file it names is no PEM file of certificates';
  reading.report({ at: item.at, path: [...EMAIL, 'ca'], text });
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

function impossible(): never {
  throw new Error('a config that was checked holds what can not be read');
}
