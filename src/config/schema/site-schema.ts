import * as v from 'valibot';
import { type ClientProfile, type SiteKey, templatesOf } from '../../clients/profile.ts';
import { gatewayHost } from '../../model/gateway.ts';
import { oneOf } from '../yaml/problem.ts';
import { oldFormOfIPv4 } from './address.ts';
import {
  credential,
  flag,
  host,
  MAX_SECONDS,
  mapping,
  optional,
  path,
  required,
  secretKeys,
  secretText,
  string,
  variable,
  withDefault,
} from './parts-schema.ts';
import { SlowSchema } from './slow-schema.ts';
import { TargetsSchema } from './target-schema.ts';

/** The client of a site without the key `client`. */
export const DEFAULT_CLIENT = 'startct';

/** The name of a site. It is the second column of the CSV. */
export const SiteNameSchema = v.pipe(
  string,
  v.regex(/^[^=+@-]/, 'a name that does not begin with = + - or @ (spreadsheets run those)'),
);

const gateway = v.pipe(
  string,
  v.regex(/^[^\s-]\S*$/, 'a gateway, without spaces or a leading -'),
  v.check(
    (text) => oldFormOfGateway(text) === undefined,
    ({ input }) => `four decimal numbers: ${oldFormOfGateway(input) ?? ''}`,
  ),
);

/** For a client of the config the gateway may be any text, such as a number or a version. */
function oldFormOfGateway(text: string): string | undefined {
  const host = gatewayHost(text);
  return host.includes(':') || host.split('.').length === 4 ? oldFormOfIPv4(host) : undefined;
}

const realm = v.pipe(string, v.regex(/^(?!-)/, 'a realm without a leading -'));
const value = v.pipe(string, v.regex(/^(?!-)/, 'a value without a leading -'));
const usernameInArgument = v.pipe(
  string,
  v.regex(/^(?!-)/, 'a username without a leading -: it becomes an argument of this client'),
);

// The script accepted a number as well. No other key accepts a number in place of a text.
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

/** Where a test runs. */
export const ISOLATION = v.picklist(['none', 'cell', 'auto'], 'none, cell or auto');

const USERNAME =
  'The user who logs in. Best is an account with no other use. A client with a certificate may need none.';

/** The keys of every site, whatever its client. */
const common = {
  external_ip: required(host, 'Stage 1 pings this from outside the tunnel: host name or address, v4 or v6.'),
  vpn_gw: required(
    gateway,
    'Stage 2 logs in here: the VPN gateway as the client accepts it (startct -s; openconnect: HOST or HOST:PORT). With openvpn it is the name of the gateway; the remote of the profile says where it logs in.',
  ),
  internal_ip: optional(host, 'Stage 3 pings this through the tunnel: host name or address, v4 or v6.'),
  username: required(string, USERNAME),
  ...credential,
  client: withDefault(string, DEFAULT_CLIENT, 'The VPN client: a built-in one, or one of clients.'),
  enabled: withDefault(
    flag,
    true,
    'Whether the cycles test this site. "once" tests it in any case, by its name.',
  ),
  isolation: optional(
    ISOLATION,
    'Where this site is tested: none, cell or auto. none: on this host, while no other test runs. Default: the top-level isolation.',
  ),
};

/** The keys of one-time codes. A client may add keys with the same names, which then mean what it says. */
const codes = {
  totp_secret: optional(
    secretText,
    'The secret of the one-time codes (TOTP) that the gateway asks for beside the password: base32, or the otpauth:// URI of the QR code. Default: no codes.',
  ),
  totp_secret_file: optional(path, 'Instead of totp_secret: the file that holds it.'),
  totp_secret_env: optional(variable, 'Instead of totp_secret: the environment variable that holds it.'),
  totp_with_password: withDefault(
    flag,
    false,
    'Whether the gateway asks for the code in the same line as the password: the password is typed with the code behind it.',
  ),
};

/** Whether every site may have this key. No client may add a key with the same name. */
export function isCommon(key: string): boolean {
  return Object.hasOwn(common, key);
}

/** Whether a client gives a meaning of its own to a key of one-time codes. Its sites then have no such codes. */
export function declaresCodes(keys: ClientProfile['keys']): boolean {
  return Object.keys(codes).some((key) => Object.hasOwn(keys, key));
}

/** Whether sites of any client may have this key. */
export function isOfAnyClient(key: string): boolean {
  return isCommon(key) || Object.hasOwn(codes, key) || Object.hasOwn(inside, key);
}

/** Keys of every site whose client does not declare a key with the same name. */
const inside = {
  inside: optional(
    TargetsSchema,
    'Instead of internal_ip: what stage 3 asks through the tunnel. ping://HOST, tcp://HOST:PORT (time to connect), https://HOST/PATH (time to the end of the response) or dns://SERVER/NAME (time to the answer); or a list of them: all must work, the first gives the value. https may also be a mapping with target, status, text and ca.',
  ),
  slow_ms: optional(
    SlowSchema,
    'Milliseconds over which a stage of this site is slow. Default, for each of the three: the top-level slow_ms.',
  ),
};

/** The keys that built-in clients add, for editors. The client says which of them a site needs. */
const builtIn = {
  realm: optional(
    realm,
    'The realm (startct -r), or the auth group (openconnect --authgroup), which other gateways call gateway, realm or domain. openfortivpn: its realm (--realm).',
  ),
  timeout: optional(
    timeout,
    'An argument that startct does not read, from the configs of the Python script: a number, or digits in quotes. It is no time limit (login.step_timeout is) and has no effect.',
  ),
  server_cert: optional(
    value,
    "The gateway's certificate. openconnect: its pin, pin-sha256:... openfortivpn: its SHA-256 digest, 64 of 0-9 and a-f (--trusted-cert). startct: its SHA1 fingerprint as the client shows it (AA:BB:...), several separated by commas, or verify: only certificates that the client trusts. Without it startct does not check the certificate (-y), and whoever sits between this host and the gateway gets the password.",
  ),
  certificate: optional(
    path,
    'The certificate of the user, a PEM or PKCS#12 file (openconnect --certificate); openfortivpn: PEM (--user-cert). Default: none.',
  ),
  key: optional(
    path,
    'The key of the certificate, if it is in a file of its own (openconnect --sslkey, openfortivpn --user-key). Default: none.',
  ),
  key_password: optional(
    secretText,
    'The pass phrase of the key of the certificate (openconnect, openvpn, openfortivpn). Default: none.',
  ),
  key_password_file: optional(path, 'Instead of key_password: the file that holds it.'),
  key_password_env: optional(variable, 'Instead of key_password: the environment variable that holds it.'),
  protocol: optional(
    value,
    'The kind of gateway (openconnect --protocol): anyconnect (also ocserv), gp (GlobalProtect), fortinet (FortiGate), nc (Juniper Network Connect), pulse (Pulse Connect Secure), f5 (F5 BIG-IP) or array (Array Networks). Default: anyconnect.',
  ),
  interface: optional(
    value,
    'The WireGuard interface (wg-quick up): wg0 for /etc/wireguard/wg0.conf. Its Endpoint says which gateway it is.',
  ),
  ca: optional(
    path,
    "The certificate, or that of its authority, with which the gateway's certificate is checked (charon-cmd --cert, openfortivpn --ca-file). Default: those of strongSwan or of this host.",
  ),
  remote_id: optional(
    value,
    'The identity that the gateway must have (charon-cmd --remote-identity). Default: vpn_gw.',
  ),
  remote_ts: optional(
    value,
    'The network that the tunnel leads to, such as 10.0.0.0/8 (charon-cmd --remote-ts). Default: all.',
  ),
  profile: optional(
    path,
    'The profile. openvpn: an .ovpn file (--config); its remote says where it logs in. vpnc: a config file with the group and its password.',
  ),
};

/** A site of any client, for editors. */
export const AnySiteSchema = mapping({
  ...common,
  ...inside,
  username: optional(string, USERNAME),
  ...codes,
  ...builtIn,
});

/** Whether a site of a built-in client may have this key. */
export function isOfAnySite(key: string): boolean {
  return Object.hasOwn(AnySiteSchema.entries, key);
}

/** The names of the keys that a client adds to its sites: a secret has three. */
export function siteKeyNames(keys: ClientProfile['keys']): readonly string[] {
  return Object.entries(keys).flatMap(([key, { secret }]) => (secret === true ? secretKeys(key) : [key]));
}

/** A site of a client with these keys and arguments. */
export function siteSchema({ keys, args }: Pick<ClientProfile, 'keys' | 'args'>, needsUsername = true) {
  const added: v.ObjectEntries = {
    ...(declaresCodes(keys) ? {} : codes),
    ...Object.fromEntries(Object.entries(keys).flatMap(([key, kind]) => entriesFor(key, kind))),
  };
  const passesUsername = templatesOf(args).some((template) => template.includes('{username}'));
  const username = passesUsername ? usernameInArgument : string;
  return mapping({
    ...common,
    ...inside,
    username: needsUsername ? username : v.optional(username),
    ...added,
  });
}

function entriesFor(key: string, kind: SiteKey): [string, v.GenericSchema][] {
  if (kind.secret !== true) return [[key, entryFor(key, kind)]];
  const [, inFile = '', inVariable = ''] = secretKeys(key);
  return [
    [key, v.optional(secretText)],
    [inFile, v.optional(path)],
    [inVariable, v.optional(variable)],
  ];
}

function entryFor(key: string, { required, file, value: expected, choices }: SiteKey): v.GenericSchema {
  if (choices !== undefined) return v.optional(v.picklist(choices, oneOf(choices)));
  const text = key === 'realm' ? realm : key === 'timeout' ? timeout : value;
  const checked = expected && v.pipe(value, v.regex(expected.pattern, expected.expected));
  const schema = file ? path : (checked ?? text);
  return required ? schema : v.optional(schema);
}
