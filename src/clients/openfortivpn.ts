import type { ClientProfile, Failure } from './profile.ts';

const PASSWORD = 'VPN account password:';
const TOKEN = 'Two-factor authentication token:';
/** The prompt in a gateway's form, as openfortivpn looks for it, or its own where there is none. */
const FORM = 'Please enter one-time password:';
const IN_FORM = /^Please \S.*/m;
/** Older versions say why in parentheses. */
const REJECTED = /^ERROR: +Could not authenticate to gateway(?! \((?!Permission|No cookie)).*/m;

/**
 * openfortivpn (FortiGate), as measured with 1.19 against a stand-in, up to the start of pppd: no tunnel was seen, and what it prints of
 * one is only inferred. It asks for the password before it connects, and ends with status 0 or 1 after a failure. On SIGINT it logs out at
 * the gateway. It can change resolv.conf, without a mark that would tell its lines from others: so it must not.
 */
export const openfortivpn: ClientProfile = {
  name: 'openfortivpn',
  replaceable: true,
  described: false,
  command: 'openfortivpn',
  package: 'openfortivpn',
  args: [
    '--username={username}',
    '--realm={realm}',
    '--trusted-cert={server_cert}',
    '--ca-file={ca}',
    '--user-cert={certificate}',
    '--user-key={key}',
    '--set-dns=0',
    '--pppd-use-peerdns=0',
    // The gateway may offer a push to a phone instead of the code.
    '--no-ftm-push{?totp}',
    '{vpn_gw}',
  ],
  keys: {
    realm: { required: false, file: false },
    server_cert: {
      required: false,
      file: false,
      value: {
        pattern: /^[0-9a-f]{64}$/,
        expected:
          "the SHA-256 digest of the gateway's certificate, 64 of 0-9 and a-f as openfortivpn prints it",
      },
    },
    ca: { required: false, file: true },
    certificate: { required: false, file: true },
    key: { required: false, file: true },
    key_password: { required: false, file: false, secret: true },
  },
  dialogue: [
    { prompt: PASSWORD, expect: /^VPN account password: ?$/m, send: '{password}' },
    {
      prompt: 'Enter PEM pass phrase:',
      expect: /^Enter PEM pass phrase:/m,
      send: '{key_password}',
      with: 'key_password',
      optional: true,
      limit: 1,
    },
    {
      prompt: TOKEN,
      expect: /^Two-factor authentication token: ?$/m,
      send: '{totp}',
      with: 'totp',
      optional: true,
      limit: 1,
    },
    { prompt: FORM, expect: IN_FORM, send: '{totp}', with: 'totp', optional: true, limit: 1 },
  ],
  success: { expect: /^INFO: +Tunnel is up and running/m },
  failures: [
    {
      expect: /^Enter PEM pass phrase:/m,
      without: 'key_password',
      cause: 'client-exited',
      words: 'the key of the certificate has a pass phrase: set key_password',
    },
    {
      expect: /^ERROR: +SSL_CTX_use_.*/m,
      cause: 'client-exited',
      words: '{line} (certificate, key, key_password)',
    },
    ...[/^Two-factor authentication token: ?$/m, IN_FORM].map(
      (expect): Failure => ({
        expect,
        without: 'totp',
        cause: 'second-factor',
        words: '"{line}", which needs totp_secret (or use an account without a second factor)',
      }),
    ),
    ...[TOKEN, FORM].map(
      (after): Failure => ({
        expect: REJECTED,
        after,
        cause: 'second-factor',
        words: 'the gateway rejected the one-time code, or the password before it: {line}',
        rejects: true,
      }),
    ),
    {
      expect: /^ERROR: +Gateway replied to authentication with an unsupported challenge/m,
      cause: 'second-factor',
    },
    { expect: REJECTED, after: PASSWORD, cause: 'credentials-rejected' },
    {
      expect:
        /^ERROR: +(?:Could not (?:authenticate to (?:the )?gateway \(|get VPN configuration|start tunnel)|VPN allocation request failed).*/m,
      cause: 'refused',
    },
    {
      expect: /^ERROR: +--trusted-cert (?<digest>[0-9a-f]+)/m,
      cause: 'tls',
      words: "the gateway's certificate is not trusted; if it is the right one, set server_cert: {digest}",
    },
    { expect: /^ERROR: +SSL_connect: .*/m, cause: 'tls' },
    { expect: /^ERROR: +getaddrinfo: .*/m, cause: 'name-not-resolved' },
    // Also printed after a name that was not resolved.
    { expect: /^ERROR: +connect: .*/m, cause: 'unreachable' },
    { expect: /^ERROR: +(?<why>pppd: .*)/m, cause: 'client-exited', words: '{why}' },
  ],
  logout: { signal: 'SIGINT' },
  own: { by: 'mark' },
  tunnel: 'device',
  ppp: true,
  tls: { port: 443 },
};
