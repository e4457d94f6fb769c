import type { ClientProfile, Failure } from './profile.ts';

/** The client reached a gateway: an earlier address that it could not reach does not matter any more. */
const REACHED = /^Connected to /;
/** What the gateway says before it asks; not what the client itself reports of the connection. */
const SAID = /^(?!POST |GET |Got |Connected |SSL |XML |HTTP|Username:|Password\d?:)(?<said>.*[A-Za-z].*)/;
const AGAIN = /^(?:Username|Password\d?):/m;
const CODE = 'the one-time code';
const PASS_PHRASE = 'the pass phrase of the key';
const CODE_IN_FORM = 'the one-time code of the second form';
const NO_CODE = 'which needs totp_secret (or use an account without a second factor)';
const REJECTED = /^(?:Login failed|Failed to complete authentication)/m;
const REJECTED_CODE = 'the gateway rejected the one-time code, or the password before it: {line}';
/** What is said before a prompt for a one-time code that is called Password. */
const ABOUT_CODE = /^(?<said>.*\b(?:OTP|one[- ]time|tokens?|verification code)\b.*)/i;
/** The prompts for a one-time code that have a name of their own, as gateways call the field of their second form. */
const CODE_FIELD =
  /^(?:Response|Answer|Challenge|Code|Token|Passcode|OTP|One[- ]time (?:code|pass(?:word|code))|(?:OTP|Verification|Security|Authentication|Access|Token) (?:code|pass(?:word|code))|Second(?:ary)? Password): ?$/im;

/**
 * OpenConnect (AnyConnect, ocserv, ...), as measured with 9.01 and 8.10 against ocserv 1.1.6. `Connected to` and `Got CONNECT
 * response` come before or without a log-in: only `Configured as` (before 8.20: `Connected as`) is the success. It has no
 * `quit`: on SIGINT it logs out at the gateway (BYE) and restores routes and resolv.conf.
 */
export const openconnect: ClientProfile = {
  name: 'openconnect',
  described: false,
  command: 'openconnect',
  package: 'openconnect',
  // Without --no-dtls a gateway whose UDP port is dropped costs 12 s at each log-in (measured).
  args: [
    '--no-dtls',
    '--authgroup={realm}',
    '--servercert={server_cert}',
    '--certificate={certificate}',
    '--sslkey={key}',
    '{vpn_gw}',
  ],
  keys: {
    realm: { required: false, file: false },
    server_cert: { required: false, file: false },
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
    { prompt: 'Username:', expect: /^Username:/m, send: '{username}', with: 'username' },
    { prompt: 'Password:', expect: /^Password:/m, send: '{password}', with: 'password' },
    {
      prompt: CODE,
      expect: /^Password\d?:/m,
      within: ABOUT_CODE,
      send: '{totp}',
      with: 'totp',
      optional: true,
      limit: 1,
    },
    { prompt: CODE_IN_FORM, expect: CODE_FIELD, send: '{totp}', with: 'totp', optional: true, limit: 1 },
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
        expect: new RegExp(`^${key}\\d?:`, 'im'),
        without: key,
        cause: 'prompt-not-seen',
        words: `the gateway asks for a ${key}, which the site does not have ({line})`,
      }),
    ),
    // The same prompt as for the password, also instead of it.
    {
      expect: /^Password\d?:/m,
      within: ABOUT_CODE,
      without: 'totp',
      cause: 'second-factor',
      words: `"{said}", ${NO_CODE}`,
    },
    { expect: CODE_FIELD, without: 'totp', cause: 'second-factor', words: `"{line}", ${NO_CODE}` },
    // A gateway that checks both at the end does not say which was wrong.
    ...[CODE, CODE_IN_FORM].flatMap((after): Failure[] => [
      { expect: REJECTED, cause: 'second-factor', after, words: REJECTED_CODE, rejects: true },
      { expect: AGAIN, cause: 'second-factor', after, words: REJECTED_CODE, rejects: true },
    ]),
    // A banner may hold the same words.
    { expect: /^Login failed/m, cause: 'credentials-rejected', after: 'Password:' },
    // Nothing says that the password was wrong: it may be a second factor.
    {
      expect: AGAIN,
      within: SAID,
      cause: 'prompt-not-seen',
      after: 'Password:',
      words: 'after the password the gateway asks {line} again: {said}',
    },
    {
      expect: AGAIN,
      cause: 'prompt-not-seen',
      after: 'Password:',
      words: 'after the password the gateway asks {line} again and gives no reason',
    },
    // It uses the only group there is, or asks.
    {
      expect: /^[^:\n]{1,40}: \[(?<groups>[^\]\n]*)\]:/m,
      within: /^Auth choice "(?<group>.*)" (?:not available|matches multiple options)/,
      cause: 'no-such-group',
      words: 'the gateway has no login group {group}, it offers {groups}',
    },
    { expect: /None of the \d+ fingerprint\(s\)/, cause: 'tls' },
    // Printed before the question whether to accept; only this line contains the certificate's pin.
    { expect: /^[ \t]*--servercert \S/m, cause: 'tls' },
    { expect: /Enter 'yes' to accept/, cause: 'tls' },
    { expect: /^(?:SSL|TLS) (?:connection failure|negotiation failed).*/im, cause: 'tls', passing: REACHED },
    {
      expect: /^(?:Cookie was rejected by server|Failed to complete authentication)/m,
      cause: 'refused',
      after: 'Password:',
    },
    { expect: /^Failed to complete authentication/m, cause: 'refused', without: 'password' },
    { expect: /^getaddrinfo failed for host/m, cause: 'name-not-resolved' },
    { expect: /^Failed to connect to \[?[\w.:%]+\]?:\d+.*/m, cause: 'unreachable', passing: REACHED },
    { expect: /^Failed to connect to host.*/m, cause: 'unreachable', passing: REACHED, vague: true },
  ],
  ends: [/^Session terminated by server/],
  logout: { signal: 'SIGINT' },
  own: { by: 'mark' },
  tunnel: 'device',
  dns: { mark: '#@VPNC_GENERATED@' },
};
