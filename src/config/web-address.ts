import { type Credential, hasSecret, readSecretOf } from './credential.ts';
import type { Reading } from './reading.ts';
import { oldFormOfIPv4 } from './schema/address.ts';
import { MISSING, type Path } from './yaml/problem.ts';
import { child, type Item } from './yaml/tree.ts';

/** Reads the key `url` of a mapping, or the file or variable that holds it. Reports a problem, also if there is none of them. */
export function readWebAddress(owner: Item, path: Path, reading: Reading): Credential | undefined {
  if (owner.value.kind === 'mapping' && !hasSecret(owner, 'url')) {
    const text = `${MISSING} (or url_file or url_env)`;
    reading.report({ at: owner.at, path: [...path, 'url'], text });
  }
  const url = readSecretOf('url', owner, path, reading);
  checkForm(url, isWebAddress, 'a URL that begins with https:// or http://', owner, reading);
  const plain = 'four decimal numbers as the address: leading zeros are read as octal';
  checkForm(url, hasPlainHost, plain, owner, reading);
  return url;
}

/** Reports a secret that does not have the expected form, without it. One that was not read is not looked at. */
export function checkForm(
  credential: Credential | undefined,
  hasForm: (text: string) => boolean,
  expected: string,
  owner: Item,
  reading: Reading,
): void {
  const text = credential?.secret.reveal() ?? '';
  if (credential === undefined || text === '' || hasForm(text)) return;
  const { path, from } = credential;
  const at = child(owner.value, String(path.at(-1)))?.at ?? owner.at;
  const source = { config: '', file: 'the file it names: ', env: 'the environment variable it names: ' }[
    from
  ];
  reading.report({ at, path, text: `${source}expected ${expected}` });
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** Whether the host is no IPv4 address in another form than four decimal numbers, which a URL allows. */
function hasPlainHost(text: string): boolean {
  const host = /^https?:\/\/(?:[^/?#]*@)?([^/?#:]+)/i.exec(text)?.[1] ?? '';
  return oldFormOfIPv4(host) === undefined;
}
