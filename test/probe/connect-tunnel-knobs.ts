import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Permission } from '../../src/clients/profile.ts';
import { startct } from '../../src/clients/startct.ts';
import { good } from '../../src/model/result.ts';
import { Secret } from '../../src/model/secret.ts';
import { decisiveFailure, type SiteResult, stageValues, succeeded } from '../../src/model/test-result.ts';
import { diagnose } from '../../src/probe/diagnosis.ts';
import { probeSite } from '../../src/probe/site.ts';
import { realSystem } from '../../src/system/real-system.ts';
import { readTexts, standIn, type Typed } from '../support/connect-tunnel.ts';
import { never } from '../support/never.ts';
import { PATH } from '../support/paths.ts';
import { probeConfig, probeContext } from '../support/probe.ts';
import { PASSWORD, simulatedSite } from '../support/site.ts';

/** A test of a gateway that the stand-in for Connect Tunnel plays, and what must come of it. */
export interface Knob {
  /** Its name in knobs.txt, with numbers and the key of a fault in place of capital letters. */
  readonly gateway: string;
  /** The site's `server_cert`. Without it the client is started with `-y`. */
  readonly serverCert?: string;
  /** Whether the site has a `totp_secret`. */
  readonly code?: true;
  /** `login.allow`. */
  readonly allow?: readonly Permission[];
  /** The cause of the failure, or `ok`. */
  readonly cause: string;
  /** What the detail of the failure contains, or a warning of a success. */
  readonly words?: string;
  /** All that is typed, each with its prompt. */
  readonly typed: readonly Typed[];
  /** What the inside does, where the log-in works: it answers by default. */
  readonly inside?: 'silent' | 'silent for longer than the session lasts';
}

const MENU = 'Enter your choice [1]: ';
const CODE = '123456';
const SECRET = new Secret('JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP');
const TOTP = {
  secret: SECRET,
  written: SECRET,
  digits: 6,
  period: 30,
  algorithm: 'SHA1',
  withPassword: false,
} as const;
const CERTIFICATE = 'Do you want to accept this certificate (Yes/No/Always)? [Yes]: ';
const choice = (typed: string): Typed => ({ prompt: MENU, typed });
const certificate = (typed: string): Typed => ({ prompt: CERTIFICATE, typed });
const FORM: readonly Typed[] = [
  { prompt: 'Username:', typed: 'monitor' },
  { prompt: 'Password:', typed: PASSWORD },
  choice('1'),
];
const QUIT: Typed = { prompt: 'CONNECT CMD>', typed: 'quit' };

/** A log-in that works; `more` is typed after the form for name and password. */
function works(gateway: string, more: readonly Typed[] = [], rest: Partial<Knob> = {}): Knob {
  return { gateway, cause: 'ok', typed: [...FORM, ...more, QUIT], ...rest };
}

/** A failure before the form for name and password, at which nothing is typed. */
function early(gateway: string, cause: string, words: string, rest: Partial<Knob> = {}): Knob {
  return { gateway, cause, words, typed: [], ...rest };
}

/** A failure after the form for name and password, at which nothing more is typed. */
function late(gateway: string, cause: string, words: string, rest: Partial<Knob> = {}): Knob {
  return { gateway, cause, words, typed: FORM, ...rest };
}

/** The fingerprints of knobs.txt. */
const SERVER = 'D3:4B:0A:7F:52:91:CC:08:E6:1D:39:F4:70:AB:25:8E:97:60:BF:14';
const ROOT = '6E:C2:18:95:F0:3D:A7:44:0B:DE:81:5C:29:73:E8:16:B4:9F:02:6A';
const OTHER = '91:07:5D:EE:3A:B8:64:C9:12:F7:80:4E:D5:2B:96:0C:73:A1:58:EF';
const YES = { typed: [certificate('Yes'), ...FORM, QUIT] };
const ENDS = { inside: 'silent for longer than the session lasts' } as const;
const NO = { typed: [certificate('No')] };

/** What an error after the forms comes to, where it is not `refused`. */
const FAULT_CAUSES: Readonly<Record<string, string>> = {
  'rpc-encoding': 'client-exited',
  'not-secure': 'tls',
  'timed-out': 'unreachable',
};
const PREFIXES = ['login-error', 'error', 'system-error', 'server-error'];

/** Each error once before and once after three times `Disconnected`; each prefix comes among them. */
function faults(): readonly Knob[] {
  const texts = readTexts().filter(({ key }) => /^fault-[a-z-]+$/.test(key));
  return texts.flatMap(({ key, text }, index) => {
    const fault = key.replace('fault-', '');
    const prefix = PREFIXES[index % PREFIXES.length] ?? '';
    const cause = FAULT_CAUSES[fault] ?? 'refused';
    return [late(`${prefix}-${fault}`, cause, text), late(`${prefix}-late-${fault}`, cause, text)];
  });
}

/** Every gateway of knobs.txt. */
export const KNOBS: readonly Knob[] = [
  works('works'),
  works('works-help-after', [], {
    typed: [...FORM, { prompt: 'CONNECT CMD> USE ? FOR HELP', typed: 'quit' }],
  }),
  late('many-forms', 'second-factor', 'enter the 6 digit code'),
  early('java-missing', 'client-not-started', 'install a Java runtime'),
  early('perl-missing', 'client-not-started', 'perl'),
  early('busy', 'client-busy', 'Another instance of this Application is running'),
  early('unreachable', 'unreachable', 'is not a valid SonicWall appliance'),
  early('unreachable-internet', 'unreachable', 'please check your internet connection'),
  early(
    'unreachable-refused',
    'unreachable',
    'is not a valid SonicWall appliance. Error: Connection refused',
  ),
  early('silent', 'step-timed-out', 'the client last said: Connecting...'),
  works('cert'),
  works('cert', [], { serverCert: SERVER, ...YES }),
  early('cert', 'tls', `write server_cert: ${SERVER}`, { serverCert: 'verify', ...NO }),
  early('cert-twice', 'tls', `write server_cert: ${SERVER}, ${ROOT}`, {
    serverCert: SERVER,
    typed: [certificate('Yes'), certificate('No')],
  }),
  works('cert-twice', [], { serverCert: `${ROOT}, ${SERVER}`, typed: [certificate('Yes'), ...YES.typed] }),
  works('cert-expired', [], { serverCert: SERVER, ...YES }),
  early('cert-other', 'tls', `write server_cert: ${SERVER}, ${OTHER}`, { serverCert: SERVER, ...NO }),
  early('group-missing', 'no-such-group', 'no login group Staff, it offers: Staff, Partners'),
  early('group-unknown', 'no-such-group', 'no login group Staff, it offers: Staff, Partners'),
  late('wrong', 'credentials-rejected', 'The credentials provided were invalid.'),
  late('wrong-credentials', 'credentials-rejected', 'Authentication failed due to wrong credentials.'),
  late('wrong-failure', 'credentials-rejected', 'Authentication failure'),
  late('wrong-denied', 'credentials-rejected', 'Access Denied'),
  late('locked', 'account-locked', 'Your account is locked.'),
  late('hangs', 'step-timed-out', 'the client said nothing more'),
  late('code-app', 'second-factor', 'enter the 6 digit code'),
  late('code-backup', 'second-factor', 'enter the 6 digit code'),
  late('code-mail', 'second-factor', 'Your One Time Password has been sent'),
  ...['code-passcode', 'code-new-passcode', 'code-next'].map((gateway) =>
    late(gateway, 'second-factor', 'Passcode:'),
  ),
  ...['code-wrong', 'code-wrong-2', 'code-locked'].map((gateway) =>
    late(gateway, 'second-factor', 'enter the 6 digit code'),
  ),
  ...(
    [
      ['code-app', 'Enter the code:'],
      ['code-backup', 'Enter 6 digit code or backup code:'],
      ['code-passcode', 'Passcode:'],
    ] as const
  ).map(([gateway, prompt]) => works(gateway, [{ prompt, typed: CODE }, choice('1')], { code: true })),
  late('code-mail', 'second-factor', "which the monitor can't answer", { code: true }),
  ...(
    [
      ['code-wrong', 'second-factor', 'Invalid code.'],
      ['code-wrong-2', 'second-factor', 'Invalid code, you are left with 2 attempt(s).'],
      ['code-locked', 'account-locked', 'due to too many invalid codes'],
    ] as const
  ).map(([gateway, cause, words]) =>
    late(gateway, cause, words, {
      code: true,
      typed: [...FORM, { prompt: 'Enter the code:', typed: CODE }, choice('1')],
    }),
  ),
  works('expires-14', [choice('2')], { words: 'Your password will expire in 14 days.' }),
  works('expires-skip-first-14', [choice('1')], { words: 'Your password will expire in 14 days.' }),
  works('expires-hours-5-30', [choice('2')], { words: 'in 5 hours and 30 minutes.' }),
  works('expires-minutes-9-59', [choice('2')], { words: 'in 9 minutes and 59 seconds.' }),
  works('grace-3', [choice('2')], { words: 'You have 3 grace logins remaining' }),
  late('expired', 'password-expired', 'Your password has expired. Please change it now.'),
  late('reset', 'password-expired', 'You must change your password after it has been reset.'),
  early('change-password', 'prompt-not-seen', 'seen instead: Old Password:'),
  late('session-limit', 'session-limit', 'you have reached your maximum session limit'),
  works('session-limit', [choice('1')], { allow: ['end-sessions'] }),
  late('session-limit-later', 'session-limit', 'Your session cannot proceed further because'),
  works('session-limit-later', [choice('1')], { allow: ['end-sessions'] }),
  late('terms', 'refused', 'login.allow: [terms]'),
  works('terms', [choice('1')], { allow: ['terms'] }),
  early('client-certificate', 'prompt-not-seen', 'monitor@example.com, monitor-old@example.com'),
  works('new-version', [choice('2')], {
    words: 'A new version (12.50.00100) of Connect Tunnel is available.',
  }),
  late('new-version-required', 'refused', 'You must install this update'),
  early('end', 'client-exited', 'exit status 0'),
  late('host-check', 'refused', 'Access Denied. The required system capabilities are not present'),
  late('licence-count', 'refused', 'currently unavailable. exceeded the license count'),
  ...faults(),
  late('login-error-locked', 'account-locked', 'Your account is locked.'),
  late('error-late-wrong-credentials', 'credentials-rejected', 'due to wrong credentials'),
  late('system-error-codes-locked', 'account-locked', 'due to too many invalid codes'),
  late('ends-credentials', 'client-exited', 'VPN disconnected due to credential expiration.', ENDS),
  late('ends-system-status', 'client-exited', 'because of a change in your system status.', ENDS),
  late('ends-idle-30', 'client-exited', 'Your session has been idle for 30 minutes', ENDS),
  late('ends-session', 'client-exited', 'Session Expired.', ENDS),
  works('not-connected', [], { cause: 'inside-unreachable', inside: 'silent' }),
  works('ignores-quit'),
];

/** What came of a test, and what was typed by the stand-in's own record. */
export interface Tested {
  readonly result: SiteResult;
  readonly typed: readonly Typed[];
  readonly arguments: readonly (readonly string[])[];
}

const ANSWERS = '127.0.0.1';
const SILENT = '127.0.0.2';
const SILENT_FOR_LONG = '127.0.0.3';

/** A ping that sends nothing. */
const PING = `#!/bin/sh
case $* in *${SILENT_FOR_LONG}*) sleep 2 ;; esac
case $* in
*${SILENT}* | *${SILENT_FOR_LONG}*)
  echo '1 packets transmitted, 0 received, 100% packet loss, time 0ms'
  exit 1
  ;;
esac
echo '1 packets transmitted, 1 received, 0% packet loss, time 0ms'
echo 'rtt min/avg/max/mdev = 5.000/5.000/5.000/0.000 ms'
`;

/** Tests the gateway as the monitor does: real processes on a real terminal. Its files are in `folder`. */
export async function testKnob(knob: Knob, folder: string): Promise<Tested> {
  const { gateway, serverCert, allow = [], cause, inside, code } = knob;
  const silent = inside === undefined || inside === 'silent' ? SILENT : SILENT_FOR_LONG;
  const client = standIn(folder);
  writeFileSync(path.join(folder, 'ping'), PING);
  chmodSync(path.join(folder, 'ping'), 0o755);
  const system = realSystem({
    ...client.env,
    PATH: `${folder}:${PATH}`,
    VPN_STANDIN_UP_MS: '700',
  });
  const profile = { ...startct, command: client.command };
  const site = simulatedSite(gateway, {
    name: 'gw',
    client: profile,
    clientKeys: new Map([
      ['realm', 'Staff'],
      ['timeout', '60'],
      ...(serverCert === undefined ? [] : [['server_cert', serverCert] as const]),
    ]),
    totp: code && TOTP,
    externalIp: ANSWERS,
    internalIp: cause === 'ok' ? ANSWERS : silent,
  });
  const settings = probeConfig();
  const config = probeConfig({
    sites: [site],
    clients: new Map([[profile.name, profile]]),
    login: { ...settings.login, allow: [...allow], stepTimeout: 6, quitTimeout: 3 },
    cleanup: { ...settings.cleanup, settleSeconds: 0 },
  });
  const made = { reserve: async () => good(0), take: async () => good(new Secret(CODE)) };
  const { context } = probeContext(system, { config, codes: { fresh: () => made } });
  const result = await probeSite(site, { testingMs: 60_000, closingMs: 30_000 }, context, never);
  return { result, typed: client.typed(), arguments: client.arguments() };
}

/** What the mail says of a fault of this host, for which no site is blamed; `undefined`: it has none. */
function hostFault({ host }: SiteResult): string | undefined {
  const fault = [...host.values()].find((words) => words !== null);
  return typeof fault === 'string' ? `the monitor cannot test: ${fault}` : undefined;
}

/** The head of the table in docs/testing.md that {@link tableRow} makes the rows of. */
export const TABLE_HEAD = `| gateway of the stand-in | the config has | the row | cause | first line of the mail, behind the site's name | typed |
|---|---|---|---|---|---|`;

/** A test as a row of that table. */
export function tableRow({ gateway, serverCert, allow = [], code }: Knob, { result, typed }: Tested): string {
  const failure = decisiveFailure(result);
  const values = stageValues(result).map((value) => (/^\d/.test(value) ? 'a number' : value));
  const configured = [
    ...(serverCert === undefined ? [] : [`server_cert: ${serverCert}`]),
    ...(code === undefined ? [] : ['totp_secret']),
    ...(allow.length === 0 ? [] : [`login.allow: [${allow.join(', ')}]`]),
  ];
  const warned = (result.warnings ?? []).map(({ words }) => `warning: ${words}`);
  return [
    gateway,
    configured.join('; '),
    [succeeded(result) ? 'SUCCESS' : 'FAILURE', ...values].join(', '),
    failure?.cause ?? '',
    failure === undefined ? warned.join('; ') : (hostFault(result) ?? diagnose(result).replace('gw: ', '')),
    typed.map(({ typed }) => (typed === PASSWORD ? 'the password' : `\`${typed}\``)).join(', ') || 'nothing',
  ]
    .map((cell) => ` ${cell.replaceAll('|', '\\|')}`.trimEnd())
    .join(' |')
    .replace(/^/, '|')
    .concat(' |');
}
