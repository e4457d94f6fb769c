import type { ClientProfile } from './profile.ts';

/** The client reached a server: an earlier one that it could not reach does not matter any more. */
const CONNECTED = /^TCP connection established|^TLS: Initial packet from/;
/** The server proved who it is. */
const TRUSTED = /Peer Connection Initiated with/;
const PASS_PHRASE = 'the pass phrase of the key';
const CHALLENGE = 'CHALLENGE:';
const NO_CODE = 'which needs totp_secret (or use an account without a second factor)';
/** The client's own words; a server may send a text of any words. */
const AUTH_FAILED = '^AUTH: .{0,40}AUTH_FAILED';
/** What a server adds to AUTH_FAILED if it rejects the credentials, and not the connection, for example because it is full. */
const ABOUT_CREDENTIALS = new RegExp(
  [
    `${AUTH_FAILED}(?=,(?!CRV1:|TEMP\\b))`,
    '(?!.{0,200}\\b(?:too many|max(?:imum)?|limit|concurrent|simultaneous|already|licen[cs]e|overload\\w*|busy|unavailable|time-?d? ?out)\\b)',
    '(?=,.{0,200}\\b(?:pass(?:word|phrase)?|credentials?|user(?:name)?|log-?in|auth\\w*)\\b)',
  ].join(''),
  'i',
);
/** What a server adds to AUTH_FAILED about an account or a password that nobody may log in with. One that leaves it open rejects. */
const says = (words: string) =>
  new RegExp(
    `${AUTH_FAILED}(?=,(?!CRV1:|TEMP\\b|.{0,200}\\b(?:invalid|incorrect|wrong|bad)\\b).{0,200}?${words})`,
    'i',
  );
const LOCKED = '\\baccount\\b.{0,40}?\\b(?:locked|disabled|suspended)\\b';
const EXPIRED = '\\bpass(?:word|phrase)\\b.{0,40}?\\bexpired\\b';
/** The server lets the client in after a further answer, which is given elsewhere. */
const ANSWERED_ELSEWHERE = /^PUSH: Received control message: 'PUSH_REPLY/;

/**
 * OpenVPN, as measured with 2.6.14. `profile` is its .ovpn file. With `--connect-retry-max 1` it tries each `remote` and each
 * address once, and ends when all have failed. Its exit status is 0 even then, so only the text decides.
 */
export const openvpn: ClientProfile = {
  name: 'openvpn',
  described: false,
  command: 'openvpn',
  package: 'openvpn',
  // The first --log counts: what the profile says of a log or of syslog does not. The last --verb counts. auth-user-pass
  // without a file: the password is typed, whatever the profile contains; so is the pass phrase (the last --askpass counts) if
  // the site has one. No timestamps: its output is quoted in the log and in mails, which have their own.
  args: [
    '--log',
    '/dev/stdout',
    '--config',
    '{profile}',
    '--verb',
    '3',
    '--auth-user-pass{?username}',
    '--askpass{?key_password}',
    '--connect-retry-max',
    '1',
    '--suppress-timestamps',
    // Asks a challenge of the server, too, and not only the one of the profile.
    ['--auth-retry{?totp}', 'interact'],
  ],
  insteadOf: { username: [], password: [] },
  keys: {
    key_password: { required: false, file: false, secret: true },
    profile: {
      required: true,
      file: true,
      gateway: /^[ \t]*remote[ \t]+["']?([^\s"']+)/gm,
      // Without it, a session over UDP stays at the server until that misses its pings. OpenVPN ends a session over TCP by closing the
      // connection; 2.5 and older refuse the option if any of the remotes is reached over TCP (2.6.14 ignores it there). Before
      // --config it counts for each <connection> of the profile, and gives way to the profile's own.
      adds: {
        args: ['--explicit-exit-notify', '1'],
        unless:
          /^[ \t]*(?:proto(?:-force)?[ \t]+["']?tcp|remote[ \t]+\S+[ \t]+\S+[ \t]+["']?tcp|http-proxy|explicit-exit-notify)/m,
      },
      unwatched: /^[ \t]*((?:daemon|management-query-passwords|management-hold)\b.*)$/gm,
    },
  },
  // Asked again at each further remote if the profile has auth-nocache; after a rejection AUTH_FAILED comes first.
  dialogue: [
    {
      prompt: 'Enter Auth Username:',
      expect: /^Enter Auth Username:/m,
      send: '{username}',
      with: 'username',
      limit: 4,
    },
    {
      prompt: 'Enter Auth Password:',
      expect: /^Enter Auth Password:/m,
      send: '{password}',
      with: 'username',
      limit: 4,
    },
    {
      prompt: PASS_PHRASE,
      expect: /^Enter Private Key Password:/m,
      send: '{key_password}',
      with: 'key_password',
      optional: true,
      limit: 1,
    },
    { prompt: CHALLENGE, expect: /^CHALLENGE: /m, send: '{totp}', with: 'totp', optional: true, limit: 4 },
  ],
  success: { expect: /Initialization Sequence Completed/, unless: /With Errors/ },
  failures: [
    {
      expect: /private key password verification failed/,
      cause: 'client-exited',
      words: 'the pass phrase of the key is wrong: key_password, or askpass in the profile ({line})',
    },
    {
      expect: /^Enter Private Key Password:/m,
      without: 'key_password',
      cause: 'client-exited',
      words: 'the key has a pass phrase: set key_password',
    },
    {
      expect: /^Enter Auth Username:/m,
      without: 'username',
      cause: 'prompt-not-seen',
      words: 'the client asks for a username and a password: set username and password',
    },
    // Followed by "Please correct these errors." and "Use --help for more information.". After the log-in it is about a
    // pushed option, and the client continues.
    { expect: /^Options error: /m, cause: 'client-exited', before: 'Enter Auth Username:' },
    {
      expect: new RegExp(`${AUTH_FAILED}(?=,CRV1:)`),
      cause: 'second-factor',
      after: 'Enter Auth Password:',
      without: 'totp',
      words: `the server asks for a further answer, ${NO_CODE}`,
    },
    // The server is overloaded, say: the client goes on to the next one.
    {
      expect: new RegExp(`${AUTH_FAILED}(?=,TEMP\\b)`),
      cause: 'refused',
      after: 'Enter Auth Password:',
      passing: TRUSTED,
    },
    // The server does not say which was wrong.
    {
      expect: new RegExp(`${AUTH_FAILED}(?!,(?:CRV1:|TEMP\\b)).*`),
      cause: 'second-factor',
      after: CHALLENGE,
      words: 'the server rejected the one-time code, or the password before it: {line}',
      rejects: true,
    },
    { expect: says(LOCKED), cause: 'account-locked', after: 'Enter Auth Password:' },
    { expect: says(EXPIRED), cause: 'password-expired', after: 'Enter Auth Password:' },
    { expect: ABOUT_CREDENTIALS, cause: 'credentials-rejected', after: 'Enter Auth Password:' },
    {
      expect: new RegExp(`${AUTH_FAILED}(?=,(?!CRV1:|TEMP\\b))`),
      cause: 'refused',
      after: 'Enter Auth Password:',
    },
    {
      expect: new RegExp(`${AUTH_FAILED}(?!,)`),
      cause: 'credentials-rejected',
      after: 'Enter Auth Password:',
    },
    {
      expect: /^CHALLENGE: /m,
      without: 'totp',
      cause: 'second-factor',
      words: `"{line}", ${NO_CODE}`,
    },
    // OPEN_URL is the older name of WEB_AUTH.
    {
      expect: /^Info command was pushed by server \('(?:WEB_AUTH|OPEN_URL|CR_TEXT):.*/,
      cause: 'second-factor',
      words: 'the server waits for a further answer, which a monitor does not give: {line}',
      passing: ANSWERED_ELSEWHERE,
    },
    { expect: /^Halt command was pushed by server.*/, cause: 'refused' },
    { expect: /^Connection reset, restarting.*/, cause: 'refused', passing: CONNECTED },
    {
      expect: /^(?:HTTP proxy returned: '(?!HTTP\/\S+ 2)|socks_\w+: |recv_socks_reply: ).*/,
      cause: 'unreachable',
      passing: CONNECTED,
    },
    // Says what the line about the handshake does not, such as that there is no cipher in common.
    { expect: /^OpenSSL: error:.*/, cause: 'tls', passing: TRUSTED },
    { expect: /(?:VERIFY ERROR|certificate verify failed).*/, cause: 'tls', passing: TRUSTED },
    { expect: /TLS handshake failed.*/, cause: 'tls', passing: TRUSTED, vague: true },
    { expect: /RESOLVE: Cannot resolve host address.*/, cause: 'name-not-resolved', passing: CONNECTED },
    {
      expect: /(?:TCP: connect to .{0,200} failed|ECONNREFUSED).*/,
      cause: 'unreachable',
      passing: CONNECTED,
    },
    {
      expect: /(?:TLS key negotiation failed to occur|No reply from server).*/,
      cause: 'unreachable',
      passing: CONNECTED,
    },
    { expect: /Cannot ioctl TUNSETIFF/, cause: 'client-exited' },
  ],
  ends: [/SIG(?:TERM|USR1|HUP)\[soft,/],
  logout: { signal: 'SIGINT' },
  own: { by: 'mark' },
  tunnel: 'device',
};
