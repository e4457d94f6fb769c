import type { ClientProfile, Failure, Step, Where } from './profile.ts';

/** The client reached a gateway: an earlier address that it could not reach does not matter any more. */
const REACHED = /^Connected to /;
/** The client sends its next request. */
const ASKS_ANEW = /^(?:GET|POST) /;
/** What the gateway says before it asks; not what the client itself reports of the connection. */
const SAID = /^(?!POST |GET |Got |Connected |SSL |XML |HTTP|Username:|Password\d?:)(?<said>.*[A-Za-z].*)/;
/** Has nothing behind it: a banner may hold a line that begins like it. */
const AGAIN = /^(?:Username|Password\d?): *$/im;
const CODE = 'the one-time code';
const PASS_PHRASE = 'the pass phrase of the key';
const CODE_IN_FORM = 'the one-time code of the second form';
const NO_CODE = 'which needs totp_secret (or use an account without a second factor)';
/** Not `Login failed attempts are logged`, which is a banner's. */
const LOGIN_FAILED = /^Login failed(?:[.,:;!].*)?$/m;
/** The client's last words; those of older versions are the second. */
const GAVE_UP = /^Failed to (?:complete authentication|obtain WebVPN cookie)$/m;
/** What ocserv answers if it ends a log-in because of the credentials: with PAM at the first wrong password. */
const UNAUTHORIZED = /^(?:Got HTTP response: )?HTTP\/1\.\d 401 Authentication failed$/m;
const REJECTED = [LOGIN_FAILED, UNAUTHORIZED, GAVE_UP];
const REJECTED_CODE = 'the gateway rejected the one-time code, or the password before it: {line}';
/** What is said before a prompt for a one-time code that is called Password. */
const ABOUT_CODE =
  /^(?<said>.*\b(?:OTP|one[- ]time|token(?: ?code)?s?|pass ?code|verification code|(?:enter|type) .{0,30}\bcode)\b.*)/i;
/**
 * The prompts for a one-time code that have a name of their own, as gateways call the field of their second form. The last line has
 * those of FortiGate's HTML form, F5 and Juniper. GlobalProtect's words come before its prompt, as `Challenge: Enter ...`.
 */
const CODE_FIELD = new RegExp(
  [
    '^(?:Response|Answer|Challenge|Code|Token|Passcode|OTP|One[- ]time (?:code|pass(?:word|code))',
    '(?:OTP|Verification|Security|Authentication|Access|Token) (?:code|pass(?:word|code))|Second(?:ary)? Password',
    'credential|otp_password|token_code|token_as_second_password): ?$',
  ].join('|'),
  'im',
);
const PASSWORD_AGAIN = 'Password: of the gateway behind the portal';
const ASKS_GROUP = /^(?:[^:\n]{1,40}:? \[(?<groups>[^\]\n]*)\]|authgroup): ?$/m;

/** What {@link openconnect} speaks to a gateway: a value of its `--protocol`. */
const PROTOCOLS = ['anyconnect', 'gp', 'fortinet', 'nc', 'pulse', 'f5', 'array'] as const;
type Protocol = (typeof PROTOCOLS)[number];

function at(...protocol: readonly Protocol[]): { readonly where: Where } {
  return { where: { protocol } };
}

const CODE_STEP: Step = {
  prompt: CODE_IN_FORM,
  expect: CODE_FIELD,
  send: '{totp}',
  with: 'totp',
  optional: true,
  limit: 1,
};

/**
 * What a gateway that rejects an answer makes the client say. Those of GlobalProtect, FortiGate, Juniper, F5 and Array were seen at
 * stand-ins only. GlobalProtect asks for the password a second time without having rejected the first: behind a portal.
 */
const REJECTIONS: readonly (Pick<Failure, 'expect'> & { readonly where: Where })[] = [
  { expect: /^Unexpected 512 result from server/m, ...at('gp') },
  { expect: /^Unexpected 405 result from server/m, ...at('fortinet') },
  { expect: AGAIN, ...at('fortinet', 'nc', 'f5') },
  { expect: /^No ANsession cookie found/m, ...at('array') },
];

/**
 * OpenConnect, as measured with 9.01 and 8.10 against ocserv 1.1.6, and with 9.01 against stand-ins of other gateways. `Connected to`
 * and `Got CONNECT response` come before or without a log-in: only `Configured as` (before 8.20: `Connected as`) is the success. It
 * has no `quit`: on SIGINT it logs out at the gateway (BYE) and restores routes and resolv.conf.
 */
export const openconnect: ClientProfile = {
  name: 'openconnect',
  described: false,
  command: 'openconnect',
  package: 'openconnect',
  // Without --no-dtls a gateway whose UDP port is dropped costs 12 s at each log-in (measured).
  args: [
    '--no-dtls',
    '--protocol={protocol}',
    '--authgroup={realm}',
    '--servercert={server_cert}',
    '--certificate={certificate}',
    '--sslkey={key}',
    '{vpn_gw}',
  ],
  keys: {
    protocol: { required: false, file: false, choices: PROTOCOLS },
    realm: { required: false, file: false },
    server_cert: { required: false, file: false, fingerprint: 'pin-sha256' },
    certificate: { required: false, file: true },
    key: { required: false, file: true },
    key_password: { required: false, file: false, secret: true },
  },
  insteadOf: { username: ['certificate'], password: ['certificate', 'totp'] },
  dialogue: [
    {
      prompt: PASS_PHRASE,
      expect: /^Enter (?:PEM|PKCS#\d+) pass phrase:/m,
      send: '{key_password}',
      with: 'key_password',
      optional: true,
      limit: 1,
    },
    // What --authgroup names elsewhere.
    { prompt: 'authgroup:', expect: /^authgroup:/m, send: '{realm}', with: 'realm', ...at('array') },
    { prompt: 'Username:', expect: /^Username:/im, send: '{username}', with: 'username' },
    { prompt: 'Password:', expect: /^Password:/im, send: '{password}', with: 'password' },
    {
      prompt: PASSWORD_AGAIN,
      expect: /^Password:/im,
      send: '{password}',
      with: 'password',
      optional: true,
      ...at('gp'),
    },
    {
      prompt: CODE,
      expect: /^Password\d?:/im,
      within: ABOUT_CODE,
      send: '{totp}',
      with: 'totp',
      optional: true,
      limit: 1,
      ...at('anyconnect', 'pulse'),
    },
    { ...CODE_STEP, ...at('anyconnect', 'fortinet', 'nc', 'pulse', 'f5', 'array') },
    // The portal and the gateway behind it may ask for one each.
    { ...CODE_STEP, limit: 2, ...at('gp') },
  ],
  success: {
    expect: /^(?:Configured as .*, with SSL (?:dis)?connected|Connected (?:\S+ )?as .*, using SSL)/m,
  },
  failures: [
    {
      expect: /^(?:Failed to decrypt PKCS#\d+|Loading certificate failed).*/m,
      cause: 'client-exited',
      words: '{line} (certificate, key, key_password)',
    },
    {
      expect: /^Enter .* pass phrase:/m,
      without: 'key_password',
      cause: 'client-exited',
      words: 'the key of the certificate has a pass phrase: set key_password',
    },
    {
      expect: /^Got HTTP response: HTTP\/1\.1 401 No certificate/m,
      cause: 'refused',
      words: 'the gateway asks for a certificate of the user: set certificate ({line})',
    },
    ...['username', 'password'].map(
      (key): Failure => ({
        expect: new RegExp(`^${key}\\d?: *$`, 'im'),
        without: key,
        cause: 'prompt-not-seen',
        words: `the gateway asks for a ${key}, which the site does not have ({line})`,
      }),
    ),
    // The same prompt as for the password, also instead of it.
    {
      expect: /^Password\d?:/im,
      within: ABOUT_CODE,
      without: 'totp',
      cause: 'second-factor',
      words: `"{said}", ${NO_CODE}`,
      ...at('anyconnect', 'pulse'),
    },
    { expect: CODE_FIELD, without: 'totp', cause: 'second-factor', words: `"{line}", ${NO_CODE}` },
    // A gateway that checks both at the end does not say which was wrong.
    ...[CODE, CODE_IN_FORM].flatMap((after): Failure[] =>
      [
        ...REJECTED.map((text) => ({ expect: text })),
        { expect: AGAIN, ...at('anyconnect', 'pulse', 'array') },
        ...REJECTIONS,
      ].map((rejection) => ({
        ...rejection,
        cause: 'second-factor',
        after,
        words: REJECTED_CODE,
        rejects: true,
      })),
    ),
    ...REJECTIONS.map(
      (rejection): Failure => ({ ...rejection, cause: 'credentials-rejected', after: 'Password:' }),
    ),
    // A banner may hold the same words.
    { expect: LOGIN_FAILED, cause: 'credentials-rejected', after: 'Password:' },
    { expect: UNAUTHORIZED, cause: 'credentials-rejected', after: 'Password:' },
    // Nothing says that the password was wrong: it may be a second factor.
    {
      expect: AGAIN,
      within: SAID,
      cause: 'prompt-not-seen',
      after: 'Password:',
      words: 'after the password the gateway asks {line} again: {said}',
      ...at('anyconnect', 'pulse', 'array'),
    },
    {
      expect: AGAIN,
      cause: 'prompt-not-seen',
      after: 'Password:',
      words: 'after the password the gateway asks {line} again and gives no reason',
      ...at('anyconnect', 'pulse', 'array'),
    },
    {
      expect: AGAIN,
      cause: 'prompt-not-seen',
      after: PASSWORD_AGAIN,
      words: 'after portal and gateway have got the password, {line} is asked again',
      ...at('gp'),
    },
    {
      expect: /^SAML \w+ authentication is required/m,
      cause: 'prompt-not-seen',
      words: 'the gateway wants the log-in in a browser, which a monitor has not: {line}',
      ...at('gp'),
    },
    // It uses the only group there is, or asks.
    {
      expect: ASKS_GROUP,
      within: /^Auth choice "(?<group>.*)" (?:not available|matches multiple options)/,
      cause: 'no-such-group',
      words: 'the gateway has no login group {group}, it offers {groups}',
    },
    {
      expect: ASKS_GROUP,
      without: 'realm',
      cause: 'prompt-not-seen',
      words: 'the gateway asks for a group: set realm ({line})',
    },
    { expect: /None of the \d+ fingerprint\(s\)/, cause: 'tls' },
    // Printed before the question whether to accept; only this line contains the certificate's pin.
    {
      expect: /^[ \t]*--servercert (?<pin>\S+)/m,
      cause: 'tls',
      words: "the certificate is not trusted; if it is the gateway's, write server_cert: {pin}",
    },
    { expect: /Enter 'yes' to accept/, cause: 'tls' },
    { expect: /^(?:SSL|TLS) (?:connection failure|negotiation failed).*/im, cause: 'tls', passing: REACHED },
    { expect: /^Cookie was rejected by server/m, cause: 'refused', after: 'Password:' },
    // A gateway that is overloaded or has no session left.
    { expect: /^VPN service unavailable; reason: .*/m, cause: 'refused' },
    { expect: /^Got inappropriate HTTP CONNECT response: (?!HTTP\/1\.1 401 ).*/m, cause: 'refused' },
    { expect: /^No (?:IP address|MTU) received\. Aborting/m, cause: 'refused' },
    // It may ask again in another way, as it does for gateways that do not understand its first request.
    { expect: /^Unexpected (?!401 )\d+ result from server/m, cause: 'refused', passing: ASKS_ANEW },
    { expect: GAVE_UP, cause: 'refused', after: 'Password:', passing: ASKS_ANEW, vague: true },
    { expect: GAVE_UP, cause: 'refused', without: 'password', passing: ASKS_ANEW, vague: true },
    {
      expect: /^(?:Proxy CONNECT request failed: |SOCKS proxy error |SOCKS server requ).*/m,
      cause: 'unreachable',
      passing: REACHED,
    },
    { expect: /^getaddrinfo failed for host/m, cause: 'name-not-resolved' },
    { expect: /^Failed to connect to \[?[\w.:%]+\]?:\d+.*/m, cause: 'unreachable', passing: REACHED },
    { expect: /^Failed to connect to host.*/m, cause: 'unreachable', passing: REACHED, vague: true },
  ],
  ends: [/^Session terminated by server/],
  logout: { signal: 'SIGINT' },
  own: { by: 'mark' },
  tunnel: 'device',
  tls: { port: 443 },
  dns: { mark: '#@VPNC_GENERATED@' },
};
