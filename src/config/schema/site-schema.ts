import * as v from 'valibot';
import type { ClientProfile, SiteKey } from '../../clients/profile.ts';
import {
  choice,
  credential,
  described,
  flag,
  host,
  MAX_SECONDS,
  path,
  setting,
  string,
} from './parts-schema.ts';

/** The client of a site that names none. */
export const DEFAULT_CLIENT = 'startct';

/** The name of a site. It is the second column of the CSV. */
export const SiteNameSchema = v.pipe(
  string,
  v.regex(/^[^=+@-]/, 'a name that does not begin with = + - or @ (spreadsheets run those)'),
);

const gateway = v.pipe(string, v.regex(/^[^\s-]\S*$/, 'a gateway, without spaces or a leading -'));
const realm = v.pipe(string, v.regex(/^(?!-)/, 'a realm without a leading -'));
const value = v.pipe(string, v.regex(/^(?!-)/, 'a value without a leading -'));
const usernameInArgument = v.pipe(
  string,
  v.regex(/^(?!-)/, 'a username without a leading -: this client takes it as an argument'),
);

// The script took a number as well: the one place where one may stand for a text.
const WHOLE_SECONDS = `a whole number of seconds up to ${MAX_SECONDS}`;
const timeout = v.union(
  [
    v.pipe(
      v.number(),
      v.integer(WHOLE_SECONDS),
      v.minValue(0, WHOLE_SECONDS),
      v.maxValue(MAX_SECONDS, WHOLE_SECONDS),
    ),
    v.pipe(v.string(), v.regex(/^\d{1,6}$/, WHOLE_SECONDS)),
  ],
  WHOLE_SECONDS,
);

/** What every site may say, whatever its client. */
const common = {
  external_ip: described(host, 'Stage 1 pings this from outside the tunnel: host name or address, v4 or v6.'),
  vpn_gw: described(
    gateway,
    'Stage 2 logs in here: the VPN gateway, as the client takes it (startct -s; openconnect: HOST or HOST:PORT). With openvpn it is the name of the gateway: the remote of the profile says where it logs in.',
  ),
  internal_ip: described(host, 'Stage 3 pings this through the tunnel: host name or address, v4 or v6.'),
  username: described(string, 'Who logs in. Best an account that is used for nothing else.'),
  ...credential,
  client: setting(string, DEFAULT_CLIENT, 'Which VPN client: a built-in one, or one of the clients below.'),
  enabled: setting(flag, true, 'false: not tested in the cycles, only when named to "once".'),
};

/** Whether every site may have this key, so that no client can have one of the same name. */
export function isCommon(key: string): boolean {
  return Object.hasOwn(common, key);
}

/** The keys of the built-in clients, for editors. Which of them a site needs or may have is up to its client. */
const builtIn = {
  realm: choice(realm, 'The realm (startct -r), or the auth group (openconnect --authgroup).'),
  timeout: choice(
    timeout,
    'Seconds, passed to the client as they are (startct -y): a number, or digits in quotes.',
  ),
  server_cert: choice(value, 'The pin of the certificate, pin-sha256:... (openconnect --servercert).'),
  profile: choice(path, 'The profile, an .ovpn file (openvpn --config). Its remote says where it logs in.'),
};

/** One site, whatever its client. */
export const AnySiteSchema = v.strictObject({ ...common, ...builtIn }, 'a mapping');

/** A site of one client. */
export function siteSchema({ keys, args }: Pick<ClientProfile, 'keys' | 'args'>) {
  const own: v.ObjectEntries = Object.fromEntries(
    Object.entries(keys).map(([key, kind]) => [key, entryFor(key, kind)]),
  );
  const takesUsername = args.some((template) => template.includes('{username}'));
  const username = takesUsername ? usernameInArgument : string;
  return v.strictObject({ ...common, username, ...own }, 'a mapping');
}

function entryFor(key: string, { required, file }: SiteKey): v.GenericSchema {
  const schema = file ? path : key === 'realm' ? realm : key === 'timeout' ? timeout : value;
  return required ? schema : v.optional(schema);
}
