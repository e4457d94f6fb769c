import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countsAgainstAccount } from '../../src/model/test-result.ts';
import { CASES } from '../support/property.ts';
import { PASSWORD } from '../support/site.ts';
import { BANNER, CONNECTED, CREDENTIALS, type Form, MENU, playForms } from './connect-tunnel.ts';

const TYPED = ['monitor', PASSWORD, '1'];
const PIN = '5A:0F:3D:9C:21:7E:B4:66:D8:02:91:CF:47:AA:1B:E5:70:3C:98:2D';
const OTHER = PIN.replace('5A', '5B');
const UNTIL_PASSWORD = CREDENTIALS.slice(0, 2);
const lines = (...texts: readonly string[]) => `${texts.join('\r\n')}\r\n`;
const list = (...buttons: readonly string[]) =>
  `${buttons.map((button, index) => `${index + 1}. ${button}\r\n`).join('')}Enter your choice [1]: `;

function certificate(fingerprint: string): string {
  return `${lines(
    'Unable to verify the authenticity of this certificate. Do you want to continue?',
    'VPN: gw.example.com',
    'Certificate not trusted',
    'Issued to: gw.example.com',
    'Issued by: Example CA',
    'Serial number: 01',
    'Valid from: Jan 1 2026 to: Jan 1 2027',
    `Fingerprint: SHA1[${fingerprint}]`,
  )}Do you want to accept this certificate (Yes/No/Always)? [Yes]: `;
}

const SKIP = list('OK', 'Continue', 'Cancel');
const CHANGE = 'Do you want to change it now? Press OK to change, or press Continue to skip.';
const EXPIRES: Form = {
  prints: `1\r\n${lines('Your password will expire in 5 days.', CHANGE)}${SKIP}`,
  answer: '2',
};
const UPDATE: Form = {
  prints: `1\r\n${lines('A new version (12.50) of Connect Tunnel is available.')}${list('Update Now', 'Update Later')}`,
  answer: '2',
};
const TERMS = `1\r\n${lines('Terms of use', 'Be good.')}${list('Accept', 'Decline')}`;
const SESSIONS = `1\r\n${lines(
  'Authentication cannot proceed because you have reached your maximum session limit. Would you like to terminate your current sessions and start a new one?',
)}${list('OK', 'Cancel')}`;

describe('a log-in that works', () => {
  test.each<[string, Parameters<typeof playForms>[0], readonly string[]]>([
    ['of one form', { forms: [...CREDENTIALS, CONNECTED] }, TYPED],
    [
      'that says Connected',
      { forms: [...CREDENTIALS, { prints: '1\r\nConnecting...\r\nNot connected\r\nConnected\r\n' }] },
      TYPED,
    ],
    [
      'without a list of buttons, as the script met it',
      { forms: [...UNTIL_PASSWORD, { prints: '\r\nEnter your choice [1]: ', answer: '1' }, CONNECTED] },
      TYPED,
    ],
    [
      'whose OK is not the first',
      { forms: [...UNTIL_PASSWORD, { prints: `\r\n${list('Cancel', 'OK')}`, answer: '2' }, CONNECTED] },
      ['monitor', PASSWORD, '2'],
    ],
    [
      'of two forms, one of which has no fields',
      {
        forms: [...CREDENTIALS, { prints: `1\r\nWelcome to Example.\r\n${MENU}`, answer: '1' }, CONNECTED],
      },
      [...TYPED, '1'],
    ],
    ['with a password about to expire', { forms: [...CREDENTIALS, EXPIRES, CONNECTED] }, [...TYPED, '2']],
    [
      'with an expiry that is no question',
      {
        forms: [
          ...CREDENTIALS,
          { prints: `1\r\nYour password will expire in 3 hours and 20 minutes.\r\n${MENU}`, answer: '1' },
          CONNECTED,
        ],
      },
      [...TYPED, '1'],
    ],
    ['with a new version', { forms: [...CREDENTIALS, UPDATE, CONNECTED] }, [...TYPED, '2']],
    [
      'with terms of use that may be accepted',
      { forms: [...CREDENTIALS, { prints: TERMS, answer: '1' }, CONNECTED], allow: ['terms'] },
      [...TYPED, '1'],
    ],
    [
      'at the limit of sessions, which may be ended',
      { forms: [...CREDENTIALS, { prints: SESSIONS, answer: '1' }, CONNECTED], allow: ['end-sessions'] },
      [...TYPED, '1'],
    ],
    [
      'with a listed certificate',
      {
        forms: [
          { prints: `${BANNER}${certificate(PIN)}`, answer: 'Yes' },
          { prints: 'Yes\r\nUsername: ', answer: 'monitor' },
          ...CREDENTIALS.slice(1),
          CONNECTED,
        ],
        serverCert: PIN.toLowerCase(),
      },
      ['Yes', ...TYPED],
    ],
    [
      'with two listed certificates',
      {
        forms: [
          { prints: `${BANNER}${certificate(OTHER)}`, answer: 'Yes' },
          { prints: `Yes\r\n${certificate(PIN)}`, answer: 'Yes' },
          { prints: 'Yes\r\nUsername: ', answer: 'monitor' },
          ...CREDENTIALS.slice(1),
          CONNECTED,
        ],
        serverCert: `${PIN}, ${OTHER}`,
      },
      ['Yes', 'Yes', ...TYPED],
    ],
  ])('%s', async (_, run, typed) => {
    const played = await playForms(run);
    expect(played.comesTo).toBe('ok');
    expect(played.typed).toEqual([...typed, 'quit']);
  });
});

test('what the gateway warns of is in the result and in the log', async () => {
  const grace: Form = {
    prints: `2\r\n${lines('You have 3 grace logins remaining before you must change your password.', CHANGE)}${list('OK', 'Continue')}`,
    answer: '2',
  };
  const { comesTo, warnings, log } = await playForms({ forms: [...CREDENTIALS, EXPIRES, UPDATE, CONNECTED] });
  expect(comesTo).toBe('ok');
  expect(warnings).toEqual([
    { kind: 'password-expires', inMs: 5 * 86_400_000, words: 'Your password will expire in 5 days.' },
    { kind: 'new-version', words: 'A new version (12.50) of Connect Tunnel is available.' },
  ]);
  expect(log.lines).toEqual([
    'WARNING site1: Your password will expire in 5 days.',
    'WARNING site1: A new version (12.50) of Connect Tunnel is available.',
  ]);
  expect((await playForms({ forms: [...CREDENTIALS, grace, CONNECTED] })).warnings).toEqual([
    {
      kind: 'grace-logins',
      left: 3,
      words: 'You have 3 grace logins remaining before you must change your password.',
    },
  ]);
});

test.each([
  ['3 hours and 20 minutes', 12_000_000],
  ['20 minutes and 5 seconds', 1_205_000],
  ['1 day', 86_400_000],
])('a password that expires in %s', async (time, inMs) => {
  const form = {
    prints: `1\r\n${lines(`Your password will expire in ${time}.`, CHANGE)}${SKIP}`,
    answer: '2',
  };
  const { warnings } = await playForms({ forms: [...CREDENTIALS, form, CONNECTED] });
  expect(warnings).toMatchObject([{ kind: 'password-expires', inMs }]);
});

const AGAIN = `Username: `;
const GONE = ['Disconnected', 'Disconnected', 'Disconnected'];

/** What is printed after the credentials (or, with `first`, before them), and what it comes to. */
const FAILURES: readonly {
  readonly says: string;
  readonly first?: true;
  readonly ends?: true;
  readonly comesTo: string;
  /** Counts against the account. */
  readonly counts?: true;
  readonly typed?: readonly string[];
  readonly serverCert?: string;
}[] = [
  ...[
    "Error: 'gw.example.com' is either currently unreachable or is not a valid SonicWall appliance.",
    "Error: 'gw.example.com' is currently unreachable, please check your internet connection.",
    'Error: Connection refused',
  ].map((line) => ({
    says: `${BANNER}${lines(line)}`,
    first: true as const,
    ends: true as const,
    comesTo: `unreachable: ${line}`,
  })),
  {
    says: 'Error: Another instance of this Application is running. Please close the application and then retry.\r\n',
    first: true,
    ends: true,
    comesTo:
      'client-busy: another instance of Connect Tunnel runs on this host, and the monitor may not end it: close it (Error: Another instance of this Application is running. Please close the application and then retry.)',
  },
  ...[
    'Connect Tunnel cannot start: java is not in PATH (/usr/bin)',
    'Try to run anyway? (y/n) ',
    '/usr/bin/startct: line 12: perl: command not found',
  ].map((line) => ({
    says: line,
    first: true as const,
    comesTo: `client-not-started: ${line.trim()}: install a Java runtime and perl so that they are in the PATH of the monitor (Debian, Ubuntu: apt-get install default-jre-headless perl)`,
  })),
  {
    says: `${BANNER}${certificate(PIN)}`,
    first: true,
    typed: ['No'],
    serverCert: OTHER,
    comesTo: `tls: the certificate ${PIN} (SHA1) is not listed; if it is the gateway's, write server_cert: ${OTHER}, ${PIN}`,
  },
  {
    says: `${BANNER}${certificate(PIN)}`,
    first: true,
    typed: ['No'],
    serverCert: 'verify',
    comesTo: `tls: the certificate ${PIN} (SHA1) is not listed; if it is the gateway's, write server_cert: ${PIN}`,
  },
  {
    says: `${BANNER}Login Group:\r\n1. Staff\r\n2. Partners\r\n3. Other...\r\nEnter your choice (0 to cancel) [1]: `,
    first: true,
    comesTo: 'no-such-group: the gateway has no login group corp, it offers: Staff, Partners',
  },
  {
    says: `${BANNER}Choose one.\r\n1. This\r\n2. That\r\nEnter your choice (0 to cancel) [1]: `,
    first: true,
    comesTo: 'prompt-not-seen: the client asks for a choice that the monitor does not know: This, That',
  },
  {
    says: `${BANNER}Select a certificate\r\n1. monitor\r\nEnter your choice (0 to cancel) [1]: `,
    first: true,
    comesTo:
      'prompt-not-seen: the client asks for a certificate of the user, which the monitor does not give: monitor',
  },
  {
    says: `${BANNER}Do you want to accept this certificate (Yes/No/Always)? [Yes]: `,
    first: true,
    comesTo:
      'tls: the client asks about a certificate without its SHA1 fingerprint (Do you want to accept this certificate (Yes/No/Always)? [Yes]:)',
  },
  {
    says: `${BANNER}The login group you entered does not exist. Please try again.\r\nEnter Realm name:`,
    first: true,
    comesTo:
      'no-such-group: The login group you entered does not exist. Please try again. the gateway has no login group corp (Enter Realm name:)',
  },
  ...[
    'The credentials provided were invalid.',
    'Authentication failed due to wrong credentials.',
    'Authentication failure',
  ].map((line) => ({
    says: `${lines(line)}${AGAIN}`,
    comesTo: `credentials-rejected: ${line}`,
    counts: true as const,
  })),
  {
    says: `Access Denied\r\n${AGAIN}`,
    comesTo: 'credentials-rejected: Access Denied: Username:',
    counts: true,
  },
  { says: AGAIN, comesTo: 'credentials-rejected: Username:', counts: true },
  { says: 'Password: ', comesTo: 'credentials-rejected: Password:', counts: true },
  ...[
    'Your account is locked.',
    'Access Denied. Your account has been locked due to too many invalid codes.',
  ].map((line) => ({ says: lines(line), comesTo: `account-locked: ${line}`, counts: true as const })),
  ...['Invalid code.', 'Invalid code, you are left with 2 attempt(s).'].map((line) => ({
    says: lines(line),
    comesTo: `second-factor: ${line}`,
    counts: true as const,
  })),
  ...[
    'To continue with your login, enter the 6 digit code generated by the One Time Password app',
    'Enter the code:',
    'Enter 6 digit code or backup code:',
    'One Time Password:',
    'Passcode:',
  ].map((line) => ({
    says: line,
    comesTo: `second-factor: "${line}", which needs totp_secret (or use an account without a second factor)`,
  })),
  ...[
    'Your One Time Password has been sent to m***@example.com',
    'New passcode needed. Wait.',
    'Please enter new tokencode after it changes on your token',
  ].map((line) => ({
    says: line,
    comesTo: `second-factor: "${line}", which the monitor can't answer: use an account without a second factor`,
  })),
  ...[
    'Your password has expired. Please change it now.',
    'You must change your password after it has been reset.',
    'Old Password:',
    'New Password:',
    'Verify New Password:',
  ].map((line) => ({
    says: line,
    comesTo: `password-expired: "${line}": log in by hand and change the password`,
  })),
  {
    says: SESSIONS.slice(3),
    comesTo:
      'session-limit: Authentication cannot proceed because you have reached your maximum session limit. Would you like to terminate your current sessions and start a new one? (end the other sessions, or let the monitor: login.allow: [end-sessions])',
  },
  ...[
    [
      'Authentication cannot proceed because you have reached your',
      'maximum session limit. Would you like to terminate your',
      'current sessions and start a new one?',
    ],
    [
      'Authentication cannot proceed because you have reached your maximum session',
      'limit. Would you like to terminate your current sessions and start a new one?',
    ],
    ['You have reached your maximum session limit. Terminate?'],
    [
      'Message: Authentication cannot proceed because you have reached your maximum session limit. Would you like to terminate your current sessions and start a new one?',
    ],
    ['Would you like to terminate', 'your current sessions?'],
  ].map((says) => ({
    says: lines(...says) + list('OK', 'Cancel'),
    comesTo:
      'session-limit: the gateway asks whether to end other sessions of this account: end them, or let the monitor: login.allow: [end-sessions]',
  })),
  {
    says:
      lines('Do you want to', 'change it now?', 'Press OK', 'to change, or press Cancel to skip.') +
      list('OK', 'Cancel'),
    comesTo: 'prompt-not-seen: the client does not offer Continue to choose, but OK, Cancel',
  },
  {
    says: TERMS.slice(3),
    comesTo:
      'refused: the gateway asks to accept its terms of use: login.allow: [terms] lets the monitor accept them',
  },
  {
    says: lines(CHANGE) + list('OK', 'Cancel'),
    comesTo: 'prompt-not-seen: the client does not offer Continue to choose, but OK, Cancel',
  },
  {
    says: list('Weiter', 'Abbrechen'),
    comesTo: 'prompt-not-seen: the client does not offer OK to choose, but Weiter, Abbrechen',
  },
  {
    says: lines(
      'A new version (12.50) of Connect Tunnel is available.',
      'You must install this update before accessing the remote network.',
    ),
    comesTo: 'refused: You must install this update before accessing the remote network.',
  },
  {
    says: lines(
      'Access Denied.',
      'The required system capabilities are not present, enabled, or current.',
      ...GONE,
    ),
    ends: true,
    comesTo: 'refused: Access Denied. The required system capabilities are not present, enabled, or current.',
  },
  {
    says: lines(
      'The service you are looking for is currently unavailable.',
      'The appliance exceeded the license count.',
    ),
    comesTo:
      'refused: The service you are looking for is currently unavailable. The appliance exceeded the license count.',
  },
  { says: 'Access Denied.\r\n', comesTo: 'refused: Access Denied.' },
  ...[
    'Login Error: VPN access was denied',
    'Error: Connect Tunnel is unable to negotiate with the VPN server.',
    'Error: VPN server could not allocate an IP address.',
    'System Error: VPN server could not authorize.',
    'Your local network configuration is causing the VPN Connection to fail.',
    'Access Denied. Invalid Client Identity Certificate.',
    'Login Error: Authentication type not supported.',
    'Server Error: VPN connections cannot be established with this version of the client.',
  ].map((line) => ({ says: lines(line, ...GONE), ends: true as const, comesTo: `refused: ${line}` })),
  {
    says: lines('Error: Could not establish secure connection with the VPN server.', ...GONE),
    comesTo: 'tls: Error: Could not establish secure connection with the VPN server.',
  },
  {
    says: lines('Error: VPN Connection timed out.', ...GONE),
    comesTo: 'unreachable: Error: VPN Connection timed out.',
  },
  {
    says: lines('Login Error: RPC_ENCODING_ERROR', ...GONE),
    ends: true,
    comesTo:
      'client-exited: the client ended (exit status 0) before the prompt Enter your choice [1]: came: Login Error: RPC_ENCODING_ERROR',
  },
  {
    says: lines(...GONE.slice(1), 'Login Error: RPC_ENCODING_ERROR', 'Disconnected'),
    ends: true,
    comesTo:
      'client-exited: the client ended (exit status 0) before the prompt Enter your choice [1]: came: Login Error: RPC_ENCODING_ERROR',
  },
];

describe('a log-in that fails, and nothing more is typed', () => {
  test.each(FAILURES)('$says', async ({ says, first, ends, comesTo, counts, typed, serverCert }) => {
    const before = first ? [] : UNTIL_PASSWORD;
    const played = await playForms({
      forms: [...before, { prints: first ? says : `\r\n${says}` }],
      ends: ends === true,
      ...(serverCert === undefined ? {} : { serverCert }),
    });
    expect(played.comesTo).toBe(comesTo);
    expect(countsAgainstAccount(played.result)).toBe(counts === true);
    expect(played.typed).toEqual(typed ?? (first ? [] : TYPED.slice(0, 2)));
  });
});

test('forms without an end: they are answered a few times, and then it has failed', async () => {
  const form = { prints: `1\r\nWelcome.\r\n${MENU}`, answer: '1' };
  const { comesTo, typed } = await playForms({ forms: [...CREDENTIALS, ...Array(9).fill(form)] });
  expect(comesTo).toBe(
    'prompt-not-seen: the client asks Enter your choice [1]: again, which was answered 4 times',
  );
  expect(typed).toEqual([...TYPED, '1', '1', '1']);
});

test.each([
  'VPN disconnected due to credential expiration.',
  'Your session has been terminated because of a change in your system status.',
  'Your session has been idle for 10 minutes and has been disconnected.',
  'Session Expired.',
])('a session that has ended by itself: %s', async (line) => {
  const forms = [...CREDENTIALS, CONNECTED];
  const ended = await playForms({ forms, later: `\r\n${lines(line, ...GONE)}`, ends: true });
  expect(ended.comesTo).toBe('ok');
  expect(ended.endedEarly).toBe(`the client ended (exit status 0): ${line}`);
  expect(ended.typed).toEqual(TYPED);
  const stays = await playForms({ forms, later: `\r\n${line}\r\nCONNECT CMD> ` });
  expect(stays.endedEarly).toBe(`the client said: ${line}`);
  expect((await playForms({ forms, later: '\r\nstatus\r\nConnected\r\n' })).endedEarly).toBeUndefined();
});

test.each<[string | undefined, string]>([
  [undefined, '/usr/bin/startct -s gw.example.com -r corp -y'],
  ['verify', '/usr/bin/startct -s gw.example.com -r corp'],
  [PIN, '/usr/bin/startct -s gw.example.com -r corp'],
])('with server_cert %s it is started so', async (serverCert, command) => {
  const more = serverCert === undefined ? {} : { serverCert };
  expect((await playForms({ forms: [], ends: true, ...more })).started).toEqual([command]);
});

/** Forms that may come in any order, and how each is answered; without an answer it is the end. */
const ANY: readonly Form[] = [
  { prints: 'Username: ', answer: 'monitor' },
  { prints: '\r\nPassword: ', answer: PASSWORD },
  { prints: `\r\n${MENU}`, answer: '1' },
  { prints: `\r\n${list('Cancel', 'OK')}`, answer: '2' },
  { prints: `\r\n${certificate(PIN)}`, answer: 'Yes' },
  { prints: `\r\n${certificate(OTHER)}`, answer: 'No' },
  EXPIRES,
  UPDATE,
  { prints: TERMS },
  { prints: SESSIONS },
  {
    prints: `1\r\n${lines('You have reached your maximum session', 'limit. Terminate?')}${list('OK', 'Cancel')}`,
  },
  {
    prints: `1\r\n${lines('Authentication failed due to wrong credentials.')}\r\nUsername:`,
    answer: 'monitor',
  },
  { prints: '\r\nOld Password: ' },
  { prints: '\r\nOne Time Password: ' },
  { prints: '\r\nCONNECT CMD> ' },
  { prints: '\r\nDisconnected\r\n' },
];

test('any order, repetition and chunks of forms: one outcome, and each secret once at most', async () => {
  const chunks = fc.array(fc.record({ at: fc.nat(), after: fc.integer({ min: 0, max: 250 }) }), {
    maxLength: 8,
  });
  // A simulated program hears no answer that comes before all of its prompt is printed: its prompts end where they match.
  const any = ANY.map((form) => ({ ...form, prints: form.prints.replace(/ $/, '') }));
  const forms = fc.array(fc.constantFrom(...any), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(forms, fc.boolean(), chunks, async (forms, ends, places) => {
      const whole = await playForms({ forms, ends, serverCert: PIN });
      const cut = await playForms({ forms, ends, serverCert: PIN, places });
      expect(cut.comesTo).toBe(whole.comesTo);
      expect(cut.typed).toEqual(whole.typed);
      const { typed } = whole;
      expect(typed.filter((line) => line === PASSWORD).length).toBeLessThanOrEqual(1);
      expect(typed.filter((line) => line === 'monitor').length).toBeLessThanOrEqual(1);
      // Each line is the answer to a form that has come, in the order of the forms.
      const answers = forms.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
      const expected = typed.filter((line) => line !== 'quit');
      expect(answers.slice(0, expected.length)).toEqual(expected);
    }),
    { ...CASES, numRuns: Math.min(CASES.numRuns, 300) },
  );
});
