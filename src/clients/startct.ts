import type { ClientProfile, Failure } from './profile.ts';

const MENU = 'Enter your choice [1]:';
const CHOICE = /Enter your choice \[1\]:/;
const CERTIFICATE = /Do you want to accept this certificate .*:/;
const CANCELLABLE = /Enter your choice \(0 to cancel\)/;
/** A SHA1 fingerprint as the client shows it, and in a list. */
const FINGERPRINT = '[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){19}';

/**
 * A text at the start of a line, or after `Error: `, `Login Error: ` and the like. A banner may contain the same words in the
 * middle of a line. No part of it matches a newline: a gateway that sends empty lines would otherwise make the search slow.
 */
function says(text: string): RegExp {
  return new RegExp(`^[^\\w\\n]*(?:(?:(?:login|system|server) )?error[^\\w\\n]+)?(?:${text})`, 'im');
}

/** Several failures with the same cause. */
function all(cause: Failure['cause'], texts: readonly string[], more: Partial<Failure> = {}): Failure[] {
  return texts.map((text) => ({ expect: says(text), cause, ...more }));
}

const JAVA =
  'install a Java runtime and perl so that they are in the PATH of the monitor (Debian, Ubuntu: apt-get install default-jre-headless perl)';
/** The fields of a form that a code of an authenticator app fills. */
const CODE_FIELD = says('(?:Enter the code|Enter 6 digit code[^:\\n]{0,40}|One[- ]Time Password|Passcode):');
const CODE = '"{line}", which needs totp_secret (or use an account without a second factor)';
const SENT_CODE = '"{line}", which the monitor can\'t answer: use an account without a second factor';
const EXPIRED = '"{line}": log in by hand and change the password';
const CONNECTION = '(?:the )?connection (?:was |has been )?(?:refused|denied|rejected)';

/*
 * Parts of a question, one of which is on a line of its own wherever the client breaks it: at these menus OK, the default, ends
 * other people's sessions or begins the change of the password.
 */
const MAY_END_SESSIONS =
  /session limit|maximum session|cannot proceed (?:because|further)|terminate (?:your|all|the|other)\b|your current sessions?/i;
const MAY_CHANGE = /want to change|change it now|press OK(?: to|$)|OK to change/i;

/**
 * SonicWall Connect Tunnel's command line, as measured with 12.42 and as the script of 2018 used it. It asks in forms: single
 * fields, then a numbered list of buttons. `startct` is a shell script that starts java (SnwlConnect.jar or nui.jar) and
 * the setuid-root AvConnect. Its exit status is 0 after every failure, so only the text decides.
 *
 * `-y` has no value: it makes the client ignore problems of the gateway's certificate. The script passed a number after it,
 * which the client does not read.
 */
export const startct: ClientProfile = {
  name: 'startct',
  described: false,
  command: 'startct',
  args: ['-s', '{vpn_gw}', '-r', '{realm}', '-y{!server_cert}', '{timeout}{!server_cert}'],
  keys: {
    realm: { required: true, file: false },
    timeout: { required: false, file: false },
    server_cert: {
      required: false,
      file: false,
      fingerprint: 'SHA1',
      value: {
        pattern: new RegExp(`^(?:verify|${FINGERPRINT}(?:[ ,]+${FINGERPRINT})*)$`),
        expected: 'SHA1 fingerprints (AA:BB:..., 20 pairs, several separated by commas) or verify',
      },
    },
  },
  uncheckedWithout: 'server_cert',
  dialogue: [
    {
      // Asked for each untrusted certificate of the chain.
      prompt: 'the certificate',
      expect: CERTIFICATE,
      within: new RegExp(`Fingerprint: SHA1\\[(?<fingerprint>${FINGERPRINT})\\]`),
      send: 'Yes',
      optional: true,
      limit: 3,
      listed: {
        group: 'fingerprint',
        key: 'server_cert',
        otherwise: {
          send: 'No',
          cause: 'tls',
          words:
            "the certificate {fingerprint} (SHA1) is not listed; if it is the gateway's, write server_cert: {wanted}",
        },
      },
    },
    { prompt: 'Username:', expect: /Username:/, send: '{username}' },
    // Does not match another field whose name ends with this text.
    {
      prompt: 'Password:',
      expect: /(?<!\b(?:Old|New|Current|Verify|Confirm|Time|time|OTP) ?)Password:/,
      send: '{password}',
    },
    {
      prompt: MENU,
      expect: CHOICE,
      within: MAY_CHANGE,
      send: '{button:Continue}',
      optional: true,
      limit: 1,
    },
    {
      prompt: MENU,
      expect: CHOICE,
      within: /^Your password will expire in|grace log-?ins? remaining/i,
      send: '{button:Continue|OK}',
      optional: true,
      limit: 1,
    },
    {
      prompt: MENU,
      expect: CHOICE,
      within: /^A new version .* is available/i,
      send: '{button:Update Later}',
      optional: true,
      limit: 1,
    },
    {
      prompt: MENU,
      expect: CHOICE,
      within: /^\d+\.[ \t]+Decline/,
      send: '{button:Accept}',
      optional: true,
      limit: 1,
      permission: 'terms',
    },
    {
      prompt: MENU,
      expect: CHOICE,
      within: MAY_END_SESSIONS,
      send: '{button:OK|Yes|Continue}',
      optional: true,
      limit: 1,
      permission: 'end-sessions',
    },
    {
      prompt: 'the one-time code',
      expect: CODE_FIELD,
      send: '{totp}',
      with: 'totp',
      optional: true,
      limit: 1,
    },
    // Submits the form. The script typed 1, and some forms list no buttons.
    { prompt: MENU, expect: CHOICE, send: '{button:OK|1}', limit: 4 },
  ],
  success: {
    // `CONNECT CMD>`; some versions print Connected.
    expect: /CONNECT|\bConnected\b/,
    unless:
      /REFUSED|FAILED|FAILURE|DENIED|CANNOT|CAN'T|COULD NOT|UNABLE|ERROR|DISCONNECT|NOT CONNECT|CONNECTING|CONNECTION|CONNECT TUNNEL|RECONNECT|TIMED? ?OUT/i,
  },
  // Most count only after the password: a banner may mention failed log-ins and denied access.
  failures: [
    // This host.
    ...all('client-busy', ['Another instance of this Application is running'], {
      words:
        'another instance of Connect Tunnel runs on this host, and the monitor may not end it: close it ({line})',
    }),
    ...all('client-not-started', ['Connect Tunnel cannot start', 'Try to run anyway'], {
      before: 'Username:',
      words: `{line}: ${JAVA}`,
    }),
    {
      expect: /^.{0,200}: line \d+: (?:java|perl): (?:command )?not found/m,
      cause: 'client-not-started',
      before: 'Username:',
      words: `{line}: ${JAVA}`,
    },
    // The way to the gateway.
    {
      expect: says("'[^']*' is (?:either )?currently (?:either )?(?:unreachable|not reachable)"),
      cause: 'unreachable',
      // Sometimes a line with the reason follows: Error: Connection refused.
      vague: true,
    },
    ...all('unreachable', ['VPN Connection timed out']),
    ...all('tls', ['Could not establish secure connection with the VPN server']),
    {
      expect: CERTIFICATE,
      cause: 'tls',
      words: 'the client asks about a certificate without its SHA1 fingerprint ({line})',
    },
    // The login group.
    {
      expect: CANCELLABLE,
      within: /^Login Group:/i,
      cause: 'no-such-group',
      words: 'the gateway has no login group {realm}, it offers: {list}',
    },
    ...all('no-such-group', ['Enter Realm name:'], {
      words: 'the gateway has no login group {realm} ({line})',
    }),
    // The list of those that there are may follow.
    ...all('no-such-group', ['The login group you entered does not exist'], { vague: true }),
    {
      expect: CANCELLABLE,
      within: /certificate/i,
      cause: 'prompt-not-seen',
      words: 'the client asks for a certificate of the user, which the monitor does not give: {list}',
    },
    {
      expect: CANCELLABLE,
      cause: 'prompt-not-seen',
      words: 'the client asks for a choice that the monitor does not know: {list}',
    },
    ...all('prompt-not-seen', ['Please enter the password to access your certificates']),
    // The account.
    ...all(
      'account-locked',
      ['(?:access denied\\.? *)?(?:your )?account (?:is|has been|was) (?:temporarily )?(?:locked|disabled)'],
      { after: 'Password:' },
    ),
    ...all(
      'password-expired',
      [
        'Your password (?:has|is) expired',
        'You must change your password (?:after|before|now)',
        '(?:Old|Current) Password:',
        '(?:Verify |Confirm )?New Password:',
      ],
      { after: 'Password:', words: EXPIRED },
    ),
    ...all('second-factor', ['Invalid code', 'Invalid passcode', 'Invalid tokencode'], { rejects: true }),
    ...all(
      'second-factor',
      ['Your One[- ]Time Password has been sent', 'New passcode needed', 'Please enter new tokencode'],
      { words: SENT_CODE },
    ),
    ...all(
      'second-factor',
      [
        'To continue with your login, enter the',
        'Enter the code:',
        'Enter 6 digit code',
        'One[- ]Time Password:',
        'Passcode:',
      ],
      { without: 'totp', words: CODE },
    ),
    ...all(
      'session-limit',
      [
        'Authentication cannot proceed because you have reached your maximum session limit',
        'Your session cannot proceed further because',
      ],
      {
        permission: 'end-sessions',
        words: '{line} (end the other sessions, or let the monitor: login.allow: [end-sessions])',
      },
    ),
    {
      expect: CHOICE,
      within: MAY_END_SESSIONS,
      cause: 'session-limit',
      permission: 'end-sessions',
      words:
        'the gateway asks whether to end other sessions of this account: end them, or let the monitor: login.allow: [end-sessions]',
    },
    {
      expect: CHOICE,
      within: /^\d+\.[ \t]+Decline/,
      cause: 'refused',
      permission: 'terms',
      words: 'the gateway asks to accept its terms of use: login.allow: [terms] lets the monitor accept them',
    },
    // The credentials.
    ...all(
      'credentials-rejected',
      [
        '(?:the |your )?(?:log-?in|logon|authentication) (?:has )?(?:failed|failure|was rejected)',
        '(?:invalid|incorrect|wrong|bad) (?:user ?name|password|credentials|login)',
        '(?:the |your )?(?:credentials|password) (?:\\w+ ){0,2}(?:rejected|incorrect|invalid)',
      ],
      { after: 'Password:' },
    ),
    { expect: /^[ \t]*Username:/m, cause: 'credentials-rejected', after: 'Password:' },
    { expect: /^[ \t]*Password:/m, cause: 'credentials-rejected', after: 'Password:' },
    // Other messages of the gateway.
    ...all('refused', [
      'VPN access was denied',
      'Connect Tunnel is unable to negotiate with the VPN server',
      'VPN server could not (?:allocate an IP address|authorize)',
      'Your local network configuration is causing the VPN Connection to fail',
      'The required system capabilities are not present',
      '.{0,80}exceeded the license count',
      '(?:access denied\\.? *)?Invalid Client Identity Certificate',
      'Authentication type not supported',
      'VPN connections cannot be established with this version of the client',
      'You must install this update before',
    ]),
    ...all('refused', [CONNECTION], { after: 'Username:' }),
    ...all('unreachable', [CONNECTION], { before: 'Username:' }),
    ...all('refused', ['The service you are looking for is currently unavailable'], { vague: true }),
    ...all('refused', ['(?:access|permission) (?:was |is )?denied'], {
      after: 'Password:',
      unless: /account (?:is|has been|was) (?:temporarily )?(?:locked|disabled)|identity certificate/i,
      vague: true,
    }),
  ],
  notices: [
    {
      kind: 'password-expires',
      expect:
        /^Your password will expire in (?:(?<days>\d+) days?)?(?:(?<hours>\d+) hours?)?(?: and )?(?:(?<minutes>\d+) minutes?)?(?: and )?(?:(?<seconds>\d+) seconds?)?/i,
    },
    { kind: 'grace-logins', expect: /^You have (?<left>\d+) grace log-?ins? remaining/i },
    { kind: 'new-version', expect: /^A new version .* is available/i },
  ],
  ends: [/^VPN disconnected due to/i, /^Your session has been (?:terminated|idle)/i, /^Session expired/i],
  logout: { line: 'quit' },
  own: {
    by: 'name',
    processes: [
      { name: 'startct' },
      { name: 'AvConnect' },
      { name: 'java', code: /^\/usr\/local\/Aventail(?:\/|$)|(?:^|[/.])SnwlConnect(?:\.jar)?$/ },
    ],
  },
  tunnel: 'unknown',
  tls: { port: 443 },
  setuid: true,
  // Measured with 12.42: its lock, settings and accepted certificates are there, whatever HOME says.
  home: { folder: '.sonicwall/AventailConnect', trustKey: 'server_cert' },
  dns: { mark: 'SonicWall' },
};
