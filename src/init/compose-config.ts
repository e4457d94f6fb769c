import type { ClientProfile } from '../clients/profile.ts';
import { splitAddresses } from '../config/schema/address.ts';
import { DEFAULT_CLIENT } from '../config/schema/site-schema.ts';
import { addAfter, commentOut, quotedString, rename, setValue, yamlString } from './yaml-lines.ts';

/** The answers that `init` has so far. For a missing one, the example's value stays. */
export interface Answers {
  readonly name?: string;
  readonly client?: ClientProfile;
  readonly vpn_gw?: string;
  readonly external_ip?: string;
  /** For a client with this key; '' for none. */
  readonly realm?: string;
  /** For a client with this key. */
  readonly profile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly internal_ip?: string;
  /** `null` for no mail. */
  readonly server?: string | null;
  readonly from?: string;
  /** One address or several, separated by commas. */
  readonly to?: string;
}

const SITE = ['sites', 'site1'] as const;
const EMAIL = ['logging', 'email'] as const;
const PIN = [
  '# The pin of its certificate, if this host does not trust its issuer.',
  '#server_cert: pin-sha256:...',
];

const CHECKED = [
  '# Only a certificate that the client trusts. If a log-in fails with the cause tls, its message has the line to write here.',
  'server_cert: verify',
];

/**
 * Returns the text of a config: the example with its comments, and with the answers in place of its values. Does not validate the
 * answers; the config loader does.
 */
export function composeConfig(example: string, answers: Answers): string {
  let lines: readonly string[] = example.split('\n');
  const put = (path: readonly string[], value: string | undefined, written = yamlString) => {
    if (value !== undefined) lines = setValue(lines, path, written(value));
  };
  for (const key of ['vpn_gw', 'external_ip', 'username', 'internal_ip'] as const) {
    put([...SITE, key], answers[key]);
  }
  put([...SITE, 'password'], answers.password, quotedString);
  lines = withClient(lines, answers);
  lines = withEmail(lines, answers);
  if (answers.name !== undefined) lines = rename(lines, SITE, yamlString(answers.name));
  return lines.join('\n');
}

function withEmail(lines: readonly string[], { server, from, to }: Answers): readonly string[] {
  if (server === null) return commentOut(lines, EMAIL);
  let result = lines;
  if (server !== undefined) result = setValue(result, [...EMAIL, 'server'], yamlString(server));
  if (from !== undefined) result = setValue(result, [...EMAIL, 'from'], yamlString(from));
  if (to === undefined) return result;
  return setValue(result, [...EMAIL, 'to'], splitAddresses(to).map(yamlString));
}

/** Replaces the keys of the example's client by those of the chosen one. */
function withClient(lines: readonly string[], { client, realm, profile }: Answers): readonly string[] {
  if (client === undefined) return lines;
  let result = lines;
  const { keys } = client;
  if (client.name !== DEFAULT_CLIENT) result = setValue(result, [...SITE, 'client'], client.name);
  if (keys['timeout']?.required !== true) result = commentOut(result, [...SITE, 'timeout']);
  if (keys['realm'] === undefined || realm === '') result = commentOut(result, [...SITE, 'realm']);
  else if (realm !== undefined) result = setValue(result, [...SITE, 'realm'], yamlString(realm));
  if (keys['profile'] !== undefined && profile !== undefined) {
    result = addAfter(result, [...SITE, 'vpn_gw'], `profile: ${yamlString(profile)}`);
  }
  if (keys['server_cert'] === undefined) return result;
  // The fingerprint is unknown before the first log-in, and the message of that failure names it.
  const check = client.uncheckedWithout === 'server_cert' ? CHECKED : PIN;
  return addAfter(result, [...SITE, 'vpn_gw'], ...check);
}
