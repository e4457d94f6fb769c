import { splitAddresses } from '../config/schema/address.ts';
import { DEFAULT_CLIENT } from '../config/schema/site-schema.ts';
import { type Answers, type Given, givenAt, NO_MAIL, sitesIn, VERIFY, YES } from './answers.ts';
import { clientOf } from './init-question.ts';
import {
  addAfter,
  addBlocks,
  blockOf,
  commentOut,
  isKeyInUse,
  quotedString,
  rename,
  setValue,
  yamlString,
} from './yaml-lines.ts';

type Lines = readonly string[];

const SITE = ['sites', 'site1'] as const;
const EMAIL = ['logging', 'email'] as const;
const PIN = [
  '# The pin of its certificate, if this host does not trust its issuer.',
  '#server_cert: pin-sha256:...',
];
const CHECKED = [
  '# Only a certificate that the client trusts. If a log-in fails with the cause tls, its message has the line to write here.',
  `server_cert: ${VERIFY}`,
];
const CONFIRMED =
  '# Only this certificate. When the gateway gets another one, log-ins fail with the cause tls, and the message has the line to write here.';

/**
 * Returns the text of a config: the example with its comments, and with the answers in place of its values. Sites after the first one
 * have no comments. Does not validate the answers; the config loader does.
 */
export function composeConfig(example: string, answers: Answers): string {
  const lines = example.split('\n');
  const [first = {}, ...others] = sitesIn(answers);
  const further = others.map((site) => siteAlone(lines, site));
  const withFirst = withSite(withEmail(lines, givenAt(answers, 'mail')), first);
  return named(addBlocks(withFirst, SITE, further.flat()), first).join('\n');
}

/** A site as lines without comments, made as the first one. */
function siteAlone(lines: Lines, site: Given): Lines {
  const [, ...made] = named(withSite(['sites:', ...blockOf(lines, SITE)], site), site);
  return made.filter(isKeyInUse);
}

function named(lines: Lines, { name }: Given): Lines {
  return name === undefined ? lines : rename(lines, SITE, yamlString(name));
}

function withSite(lines: Lines, given: Given): Lines {
  let result = lines;
  for (const key of ['vpn_gw', 'external_ip', 'username', 'internal_ip'] as const) {
    const value = given[key];
    if (value !== undefined) result = setValue(result, [...SITE, key], yamlString(value));
  }
  const { password, totp_secret = '', totp_with_password } = given;
  if (password !== undefined) result = setValue(result, [...SITE, 'password'], quotedString(password));
  if (totp_secret !== '') {
    const behind = totp_with_password === YES ? ['totp_with_password: true'] : [];
    const secret = `totp_secret: ${quotedString(totp_secret)}`;
    result = addAfter(result, [...SITE, 'password'], secret, ...behind);
  }
  return withClient(result, given);
}

function withEmail(lines: Lines, { server, from, to }: Given): Lines {
  if (server === NO_MAIL) return commentOut(lines, EMAIL);
  let result = lines;
  if (server !== undefined) result = setValue(result, [...EMAIL, 'server'], yamlString(server));
  if (from !== undefined) result = setValue(result, [...EMAIL, 'from'], yamlString(from));
  if (to === undefined) return result;
  return setValue(result, [...EMAIL, 'to'], splitAddresses(to).map(yamlString));
}

/** Replaces the keys of the example's client by those of the chosen one. */
function withClient(lines: Lines, given: Given): Lines {
  const client = clientOf(given);
  if (client === undefined) return lines;
  const { realm, profile, server_cert = VERIFY } = given;
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
  const confirmed = [CONFIRMED, `server_cert: ${yamlString(server_cert)}`];
  // Elsewhere a client without the key checks the certificate.
  const trusted = client.uncheckedWithout === 'server_cert' ? CHECKED : PIN;
  return addAfter(result, [...SITE, 'vpn_gw'], ...(server_cert === VERIFY ? trusted : confirmed));
}
