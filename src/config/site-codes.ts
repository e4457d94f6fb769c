import type { OneTimeCodes } from '../codes/one-time-codes.ts';
import { type ParsedSecret, parseSecret } from '../codes/parse-secret.ts';
import { good } from '../model/result.ts';
import { Secret } from '../model/secret.ts';
import { type Credential, hasSecret, readSecretOf } from './credential.ts';
import type { Reading } from './reading.ts';
import { declaresCodes } from './schema/site-schema.ts';
import type { SiteClient } from './site-client.ts';
import type { Path } from './yaml/problem.ts';
import { child, type Item } from './yaml/tree.ts';

/** What is assumed of a secret that is not read: see {@link Reading.configOnly}. */
const UNREAD: ParsedSecret = { secret: new Secret(''), digits: 6, period: 30, algorithm: 'SHA1' };

/**
 * Reads the one-time codes of a site. Reports each problem with them.
 *
 * @returns `undefined` if there are none, if they are wrong, or if the client declares these keys as its own.
 */
export function readTotp(
  site: Item,
  { client }: SiteClient,
  path: Path,
  reading: Reading,
): { readonly codes: OneTimeCodes; readonly credential: Credential } | undefined {
  if (declaresCodes(client.keys)) return undefined;
  const flag = child(site.value, 'totp_with_password');
  if (!hasSecret(site, 'totp_secret')) {
    if (flag !== undefined)
      reading.report({
        at: flag.at,
        path: [...path, 'totp_with_password'],
        text: 'expected a totp_secret as well',
      });
    return undefined;
  }
  const credential = readSecretOf('totp_secret', site, path, reading);
  if (credential === undefined) return undefined;
  const text = credential.secret.reveal();
  const parsed = text === '' ? good(UNREAD) : parseSecret(text);
  if (!parsed.ok) {
    const at = child(site.value, String(credential.path.at(-1)))?.at ?? site.at;
    const source = {
      config: '',
      file: 'the file it names is no secret of one-time codes: ',
      env: 'the environment variable it names is no secret of one-time codes: ',
    }[credential.from];
    reading.report({ at, path: credential.path, text: `${source}expected ${parsed.why}` });
    return undefined;
  }
  const withPassword = flag?.value.kind === 'scalar' && flag.value.value === true;
  return { codes: { ...parsed.value, withPassword, written: credential.secret }, credential };
}
