import { expect, test } from 'vitest';
import { openconnect } from '../../src/clients/openconnect.ts';
import { replay } from '../../src/probe/replay.ts';
import { siteOfTranscript } from '../../src/probe/replay-site.ts';
import { probeConfig } from '../support/probe.ts';
import { savedTranscript } from '../support/saved-transcript.ts';

const NAME = { typed: 'username' };
const PASSWORD = { typed: 'password' };
const CODE = { typed: 'totp' };
const UP = 'Configured as 10.0.0.2, with SSL connected and ESP disabled\r\n';
const LOGGED_IN = ['Username: ', NAME, 'monitor\r\nPassword: ', PASSWORD] as const;
const LOWER = ['username:', NAME, 'monitor\r\npassword:', PASSWORD] as const;
/** Words that the dialogue of a site without codes does not need. */
const WITHOUT = 'which needs totp_secret (or use an account without a second factor)';

/** What gateways say, as openconnect 9.01 prints it, and what it comes to. */
test.each<[what: string, args: string[], parts: Parameters<typeof savedTranscript>[1], comesTo: string]>([
  ['gp', ['gp'], [...LOGGED_IN, `\r\n${UP}`], 'ok'],
  [
    'gp, ESP',
    ['gp'],
    [...LOGGED_IN, '\r\nConfigured as 10.0.0.2, with SSL disconnected and ESP established\r\n'],
    'ok',
  ],
  [
    'gp with a challenge',
    ['gp'],
    [...LOGGED_IN, '\r\nChallenge: Enter your one-time password\r\nChallenge: ', CODE, `\r\n${UP}`],
    'ok',
  ],
  [
    'gp without a code',
    ['gp'],
    [...LOGGED_IN, '\r\nChallenge: Enter your one-time password\r\nChallenge: '],
    `second-factor: "Challenge:", ${WITHOUT}`,
  ],
  [
    'gp behind a portal with challenges',
    ['gp'],
    [...LOGGED_IN, '\r\nChallenge: ', CODE, '\r\nPassword: ', PASSWORD, '\r\nChallenge: ', CODE, `\r\n${UP}`],
    'ok',
  ],
  [
    'gp, wrong password',
    ['gp'],
    [...LOGGED_IN, '\r\nUnexpected 512 result from server\r\nUsername: '],
    'credentials-rejected: Unexpected 512 result from server',
  ],
  [
    'gp, wrong code',
    ['gp'],
    [...LOGGED_IN, '\r\nChallenge: ', CODE, '\r\nUnexpected 512 result from server\r\nPassword: '],
    'second-factor: the gateway rejected the one-time code, or the password before it: Unexpected 512 result from server',
  ],
  [
    'gp, the password for a third time',
    ['gp'],
    [...LOGGED_IN, '\r\nPassword: ', PASSWORD, '\r\nPassword: '],
    'prompt-not-seen: after portal and gateway have got the password, Password: is asked again',
  ],
  [
    'gp, in a browser',
    ['gp'],
    ['SAML REDIRECT authentication is required via https://login.example.com/\r\n', { exits: 1 }],
    'prompt-not-seen: the gateway wants the log-in in a browser, which a monitor has not: SAML REDIRECT authentication is required via https://login.example.com/',
  ],
  [
    'gp, several gateways behind the portal',
    ['gp'],
    [...LOGGED_IN, '\r\nGATEWAY: [oslo|rome]:'],
    'prompt-not-seen: the gateway asks for a group: set realm (GATEWAY: [oslo|rome]:)',
  ],
  [
    'gp, another gateway than those',
    ['gp', '--authgroup=paris'],
    [...LOGGED_IN, '\r\nAuth choice "paris" not available\r\nGATEWAY: [oslo|rome]:'],
    'no-such-group: the gateway has no login group paris, it offers oslo|rome',
  ],
  ['fortinet with a code', ['fortinet'], [...LOGGED_IN, '\r\nCode: ', CODE, `\r\n${UP}`], 'ok'],
  ['fortinet with a form', ['fortinet'], [...LOGGED_IN, '\r\ncredential:', CODE, `\r\n${UP}`], 'ok'],
  [
    'fortinet, wrong password',
    ['fortinet'],
    [...LOGGED_IN, '\r\nUnexpected 405 result from server\r\n'],
    'credentials-rejected: Unexpected 405 result from server',
  ],
  [
    'fortinet, wrong password and no word',
    ['fortinet'],
    [...LOGGED_IN, '\r\nGot HTTP response: HTTP/1.1 200 OK\r\nUsername: '],
    'credentials-rejected: Username:',
  ],
  [
    'fortinet, wrong code',
    ['fortinet'],
    [...LOGGED_IN, '\r\nCode: ', CODE, '\r\nUsername: '],
    'second-factor: the gateway rejected the one-time code, or the password before it: Username:',
  ],
  ['f5', ['f5'], [...LOWER, '\r\notp_password:', CODE, `\r\n${UP}`], 'ok'],
  ['f5, wrong password', ['f5'], [...LOWER, '\r\nusername:'], 'credentials-rejected: username:'],
  [
    'f5, a domain',
    ['f5'],
    ['domain [a|b]: '],
    'prompt-not-seen: the gateway asks for a group: set realm (domain [a|b]:)',
  ],
  ['nc', ['nc'], [...LOWER, '\r\ntoken_code:', CODE, `\r\n${UP}`], 'ok'],
  ['nc, second token', ['nc'], [...LOWER, '\r\ntoken_as_second_password:', CODE, `\r\n${UP}`], 'ok'],
  [
    'nc, wrong code',
    ['nc'],
    [...LOWER, '\r\ntoken_code:', CODE, '\r\nusername:'],
    'second-factor: the gateway rejected the one-time code, or the password before it: username:',
  ],
  ['pulse', ['pulse'], [...LOGGED_IN, `\r\n${UP}`], 'ok'],
  [
    'array',
    ['array', '--authgroup=staff'],
    ['authgroup:', { typed: 'realm' }, 'staff\r\n', ...LOWER, `\r\n${UP}`],
    'ok',
  ],
  [
    'array without realm',
    ['array'],
    ['authgroup:'],
    'prompt-not-seen: the gateway asks for a group: set realm (authgroup:)',
  ],
  [
    'array, wrong password',
    ['array', '--authgroup=staff'],
    [
      'authgroup:',
      { typed: 'realm' },
      'staff\r\n',
      ...LOWER,
      '\r\nNo ANsession cookie found\r\n',
      { exits: 1 },
    ],
    'credentials-rejected: No ANsession cookie found',
  ],
  [
    'anyconnect: what Juniper says has no such meaning',
    ['anyconnect'],
    [...LOGGED_IN, '\r\nUsername:'],
    'prompt-not-seen: after the password the gateway asks Username: again and gives no reason',
  ],
])('%s', async (_, [protocol = '', ...args], parts, comesTo) => {
  const transcript = savedTranscript([`--protocol=${protocol}`, ...args, 'vpn.example.com'], parts);
  const { result } = await replay(transcript, siteOfTranscript(transcript, openconnect), probeConfig());
  expect(result.outcome === 'error' ? `${result.cause}: ${result.detail}` : result.outcome).toBe(comesTo);
});
