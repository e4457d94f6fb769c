import { type FingerprintForm, fingerprintForm } from '../certificates/fingerprint.ts';
import { PROFILES } from '../clients/built-in.ts';
import { offered } from '../clients/profile.ts';
import { DEFAULT_CLIENT, declaresCodes } from '../config/schema/site-schema.ts';
import { oneOf } from '../config/yaml/problem.ts';
import { isExtension } from '../config/yaml/tree.ts';
import { gatewayHost } from '../model/gateway.ts';
import { failed, good } from '../model/result.ts';
import { NO, VERIFY, YES } from './answers.ts';
import { type About, clientOf, type Question, readYesOrNo } from './init-question.ts';

/** The others have keys that are not asked for here. */
const CLIENTS = offered([...PROFILES.values()].filter(({ replaceable }) => replaceable !== true));

/** How a fingerprint is called and written, and its beginning where the config's schema does not know it. */
const FINGERPRINTS: Record<
  FingerprintForm,
  { readonly name: string; readonly words: string; readonly prefix: string }
> = {
  SHA1: { name: 'a SHA1', words: 'a SHA1 fingerprint (AA:BB:...)', prefix: '' },
  'pin-sha256': { name: 'a pin', words: 'a pin-sha256:...', prefix: 'pin-sha256:' },
};

/** The questions about a site, in this order. */
export const SITE_QUESTIONS: readonly Question[] = [
  {
    key: 'name',
    label: 'Site',
    words: 'Name',
    byDefault: ({ number }) => `site${number}`,
    read: (text, { names }) => {
      if (names.includes(text)) return failed('a name that no other site has');
      return isExtension(text)
        ? failed('a name that does not begin with x-: the config loader ignores such names')
        : good(text);
    },
  },
  {
    key: 'client',
    label: 'VPN client',
    words: `VPN client: ${oneOf(CLIENTS)}`,
    byDefault: ({ previous, facts }) =>
      previous?.client ??
      CLIENTS.find((name) => facts.hasCommand(PROFILES.get(name)?.command ?? name)) ??
      DEFAULT_CLIENT,
    read: (text) =>
      CLIENTS.includes(text) ? good(text) : failed(`${oneOf(CLIENTS)}; describe other clients in the file`),
    outdates: ['realm', 'profile', 'server_cert', 'totp_secret', 'totp_with_password'],
    look: ({ given }) => {
      const client = clientOf(given);
      return client && { kind: 'client', client };
    },
  },
  {
    key: 'vpn_gw',
    label: 'Gateway',
    words: (about) =>
      keysOf(about)['profile'] ? 'Gateway (the profile says where to log in)' : 'Gateway to log in to',
    byDefault: ({ number, facts }) =>
      number === 1 ? facts.example.vpnGw : facts.example.vpnGw.replace(/\d/, String(number)),
    outdates: ['external_ip', 'server_cert'],
    look: ({ given }) => ({ kind: 'host', host: gatewayHost(given.vpn_gw ?? '') }),
  },
  {
    key: 'external_ip',
    label: 'Ping from outside',
    words: 'Host or address to ping from outside',
    byDefault: ({ given }) => gatewayHost(given.vpn_gw ?? ''),
    look: ({ given: { vpn_gw = '', external_ip = '' } }) =>
      external_ip === gatewayHost(vpn_gw) ? undefined : { kind: 'host', host: external_ip },
  },
  {
    key: 'realm',
    label: 'Realm',
    words: 'Realm',
    when: (about) => keysOf(about)['realm']?.required === true,
    byDefault: ({ previous, facts }) => previous?.realm || (facts.example.clientKeys.get('realm') ?? ''),
  },
  {
    key: 'realm',
    label: 'Auth group',
    words: 'Auth group, if the gateway asks for one',
    when: (about) => keysOf(about)['realm']?.required === false,
    optional: true,
  },
  {
    key: 'profile',
    label: 'Profile',
    words: 'Profile (.ovpn)',
    when: (about) => keysOf(about)['profile'] !== undefined,
    byDefault: ({ given }) => `${given.name}.ovpn`,
    look: ({ given }) => ({ kind: 'file', name: given.profile ?? '' }),
  },
  {
    key: 'server_cert',
    label: 'Certificate',
    words: (about) => {
      const shown = about.fingerprint === undefined ? '' : `${YES}: only this; `;
      return `Certificate (${shown}${VERIFY}: any trusted one; or ${formOf(about).name})`;
    },
    when: ({ given }) => fingerprintForm(clientOf(given)) !== undefined,
    byDefault: () => VERIFY,
    read: (text, about) => {
      const { words, prefix } = formOf(about);
      const answer = readYesOrNo(text);
      if (text === VERIFY || (answer.ok && answer.value === NO)) return good(VERIFY);
      if (about.fingerprint !== undefined && answer.ok) return good(about.fingerprint);
      if (!answer.ok && text.startsWith(prefix)) return good(text);
      return failed(`${about.fingerprint === undefined ? '' : `${YES}, `}${VERIFY} or ${words}`);
    },
    showsCertificate: true,
  },
  {
    key: 'username',
    label: 'Username',
    words: 'Username',
    byDefault: ({ previous, facts }) => previous?.username ?? facts.example.username ?? '',
  },
  { key: 'password', label: 'Password', words: 'Password (not shown)', hidden: true },
  {
    key: 'totp_secret',
    label: 'One-time codes',
    words: 'Secret of one-time codes, if the gateway asks for them (not shown)',
    when: ({ given }) => {
      const client = clientOf(given);
      return (
        client?.dialogue.some(({ send }) => send.includes('{totp}')) === true && !declaresCodes(client.keys)
      );
    },
    hidden: true,
    optional: true,
  },
  {
    key: 'totp_with_password',
    label: 'Code behind password',
    words: 'Does the gateway ask for password and code in one line?',
    when: ({ given }) => (given.totp_secret ?? '') !== '',
    byDefault: () => NO,
    read: readYesOrNo,
  },
  {
    key: 'internal_ip',
    label: 'Ping inside',
    words: 'Host or address to ping through the tunnel',
    byDefault: ({ facts }) => facts.example.internalIp,
  },
  { key: 'more', label: 'Another site', words: 'Another site?', byDefault: () => NO, read: readYesOrNo },
];

function keysOf({ given }: About) {
  return clientOf(given)?.keys ?? {};
}

function formOf({ given }: About) {
  return FINGERPRINTS[fingerprintForm(clientOf(given)) ?? 'SHA1'];
}
