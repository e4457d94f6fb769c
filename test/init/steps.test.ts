import { expect, test } from 'vitest';
import type { SiteConfig } from '../../src/config/config.ts';
import { sitesIn } from '../../src/init/answers.ts';
import { type Facts, promptOf, readAnswer } from '../../src/init/init-question.ts';
import {
  aboutStep,
  answer,
  back,
  type Interview,
  nextStep,
  reopen,
  START,
  type Step,
  stepsOf,
} from '../../src/init/steps.ts';
import { readChoice, summaryLines } from '../../src/init/summary.ts';

const FACTS: Facts = {
  hostname: 'host',
  hasCommand: (command) => command === 'openconnect',
  example: {
    vpnGw: 'site1.example.com',
    username: 'monitor',
    internalIp: '10.0.0.1',
    clientKeys: new Map([['realm', 'corp']]),
  } as unknown as SiteConfig,
};

const nameOf = ({ place, question }: Step) => `${place} ${question.key}`;
const next = (state: Interview) => nextStep(state, FACTS);

/** Types lines from a state on: `<` goes back, an empty one is Enter. Returns the prompts, and the state then. */
function type(lines: readonly string[], from: Interview = START) {
  let state = from;
  const prompts: string[] = [];
  for (const line of lines) {
    const step = next(state);
    if (step === undefined) throw new Error(`nothing is asked any more before ${line}`);
    const about = aboutStep(step, state.answers, FACTS);
    const draft = state.drafts.get(step.place)?.[step.question.key];
    prompts.push(promptOf(step.question, about, draft));
    if (line === '<') {
      state = back(state, FACTS) ?? state;
    } else {
      const read = readAnswer(step.question, line, about, draft);
      if (!read.ok) throw new Error(read.why);
      state = answer(state, step, read.value);
    }
  }
  return { prompts, state };
}

const ENTER = '';
const times = (count: number, line: string) => Array.from({ length: count }, () => line);

test.each([
  ['startct', 'realm server_cert'],
  ['openconnect', 'realm server_cert'],
  ['openvpn', 'profile'],
])('%s: its own questions are between the addresses and the account', (client, own) => {
  const { state } = type([ENTER, client]);
  const keys = stepsOf(state.answers, FACTS).map(({ question }) => question.key);
  expect(keys.join(' ')).toBe(
    `name client vpn_gw external_ip ${own} username password totp_secret internal_ip more server from to test`,
  );
});

test('whoever types Enter gets the example with the client of this host, one site, no codes and no test', () => {
  const { prompts, state } = type(times(15, ENTER));
  expect(next(state)).toBeUndefined();
  expect(prompts).toEqual([
    'Name [site1]: ',
    'VPN client: startct, openconnect or openvpn [openconnect]: ',
    'Gateway to log in to [site1.example.com]: ',
    'Host or address to ping from outside [site1.example.com]: ',
    'Auth group, if the gateway asks for one: ',
    'Certificate (verify: any trusted one; or a pin) [verify]: ',
    'Username [monitor]: ',
    'Password (not shown): ',
    'Secret of one-time codes, if the gateway asks for them (not shown): ',
    'Host or address to ping through the tunnel [10.0.0.1]: ',
    'Another site? [no]: ',
    'Mail server (host or host:port; none: no mail) [localhost]: ',
    'From [VPN monitor <vpn-monitor@host>]: ',
    'To (one or more addresses, separated by commas) [root]: ',
    'Test it when it is written (a log-in at each site, a mail)? [no]: ',
  ]);
});

test('back: each question again, and Enter accepts what was typed', () => {
  const typed = ['a', 'openconnect', 'gw.example.org', ENTER, 'Staff', ENTER, 'me', 's3cret'];
  const { prompts, state } = type([...typed, '<', '<', '<', '<', ENTER, ENTER, ENTER, ENTER]);
  expect(prompts.slice(typed.length)).toEqual([
    'Secret of one-time codes, if the gateway asks for them (not shown): ',
    'Password (not shown) [as before]: ',
    'Username [me]: ',
    'Certificate (verify: any trusted one; or a pin) [verify]: ',
    'Auth group, if the gateway asks for one [Staff; -: none]: ',
    'Certificate (verify: any trusted one; or a pin) [verify]: ',
    'Username [me]: ',
    'Password (not shown) [as before]: ',
  ]);
  expect(state.answers).toEqual(type(typed).state.answers);
  expect(back(START, FACTS)).toBeUndefined();
});

test('-: removes what may be left out', () => {
  const { state } = type(['a', 'openconnect', 'gw.example.org', ENTER, 'Staff', '<', '-']);
  expect(state.answers.get(0)?.realm).toBe('');
});

test('a new client asks for its own keys only; the same one asks for nothing', () => {
  const whole = type([...times(7, ENTER), 's3cret', ...times(7, ENTER)]).state;
  const [, client] = stepsOf(whole.answers, FACTS);
  const changed = (name: string) => type([name], reopen(whole, client as Step)).state;
  expect(next(changed('openconnect'))).toBeUndefined();
  expect(changed('openconnect').answers).toEqual(whole.answers);
  expect(nameOf(next(changed('openvpn')) as Step)).toBe('0 profile');
  expect(nameOf(next(type(['x.ovpn'], changed('openvpn')).state) as Step)).toBe('0 totp_secret');
  expect(changed('openvpn').answers.get(0)).toMatchObject({ password: 's3cret', internal_ip: '10.0.0.1' });
});

test('another gateway is pinged, and has another certificate', () => {
  const whole = type([
    'a',
    'openconnect',
    'a.example.org',
    ENTER,
    ENTER,
    'pin-sha256:x',
    ENTER,
    's3cret',
  ]).state;
  const gateway = stepsOf(whole.answers, FACTS)[2] as Step;
  const { prompts } = type(['b.example.org', ENTER, ENTER], reopen(whole, gateway));
  expect(prompts).toEqual([
    'Gateway to log in to [a.example.org]: ',
    'Host or address to ping from outside [b.example.org]: ',
    'Certificate (verify: any trusted one; or a pin) [verify]: ',
  ]);
});

test('another site has the client and the account of the one before, and can be taken back', () => {
  const first = ['a', 'startct', 'a.example.org', ENTER, 'Corp', ENTER, 'me', 's3cret', ENTER, ENTER];
  const { prompts, state } = type([...first, 'y', ...times(7, ENTER)]);
  expect(prompts.slice(first.length + 1)).toEqual([
    'Name [site2]: ',
    'VPN client: startct, openconnect or openvpn [startct]: ',
    'Gateway to log in to [site2.example.com]: ',
    'Host or address to ping from outside [site2.example.com]: ',
    'Realm [Corp]: ',
    'Certificate (verify: any trusted one; or a SHA1) [verify]: ',
    'Username [me]: ',
  ]);
  expect(sitesIn(state.answers)).toHaveLength(2);
  const taken = type([...times(8, '<'), 'no'], state).state;
  expect(sitesIn(taken.answers)).toHaveLength(1);
  expect(nameOf(next(taken) as Step)).toBe('mail server');
});

test.each([
  ['yes', 'yes', 'AA:BB'],
  ['Y', 'yes', 'AA:BB'],
  ['no', 'verify', 'AA:BB'],
  [ENTER, 'verify', 'AA:BB'],
  ['verify', 'verify', undefined],
  ['CC:DD', 'CC:DD', undefined],
])('the certificate: %j means %s if %s was shown', (typed, meant, fingerprint) => {
  const { state } = type([ENTER, 'startct', ENTER, ENTER, ENTER]);
  const step = next(state) as Step;
  const read = readAnswer(step.question, typed, { ...aboutStep(step, state.answers, FACTS), fingerprint });
  expect(read).toEqual({ ok: true, value: meant === 'yes' ? fingerprint : meant });
});

test.each([
  [0, 'x-a', 'a name that does not begin with x-'],
  [1, 'ssh', 'startct, openconnect or openvpn'],
  [5, 'yes', 'verify or a pin-sha256:...'],
  [5, 'yse', 'verify or a pin-sha256:...'],
  [10, 'maybe', 'yes or no'],
])('after %i questions %s is refused at once', (before, typed, expected) => {
  const { state } = type(times(before, ENTER));
  const step = next(state) as Step;
  expect(readAnswer(step.question, typed, aboutStep(step, state.answers, FACTS))).toMatchObject({
    ok: false,
    why: expect.stringContaining(expected),
  });
});

test('two sites can not have one name', () => {
  const { state } = type(['a', ...times(9, ENTER), 'yes']);
  const step = next(state) as Step;
  expect(readAnswer(step.question, 'a', aboutStep(step, state.answers, FACTS))).toEqual({
    ok: false,
    why: 'a name that no other site has',
  });
});

test('the place of the code is asked only of a site with codes', () => {
  const { state } = type([...times(8, ENTER), 'JBSWY3DPEHPK3PXP']);
  expect(nameOf(next(state) as Step)).toBe('0 totp_with_password');
});

test('the summary hides what was typed hidden', () => {
  const { state } = type([
    'a',
    'openvpn',
    ENTER,
    ENTER,
    ENTER,
    ENTER,
    's3cret',
    ENTER,
    ENTER,
    ENTER,
    'none',
    ENTER,
  ]);
  expect(next(state)).toBeUndefined();
  const steps = stepsOf(state.answers, FACTS);
  expect(summaryLines(steps, state.answers)).toEqual([
    '   1  Site               a',
    '   2  VPN client         openvpn',
    '   3  Gateway            site1.example.com',
    '   4  Ping from outside  site1.example.com',
    '   5  Profile            a.ovpn',
    '   6  Username           monitor',
    '   7  Password           (not shown)',
    '   8  One-time codes     none',
    '   9  Ping inside        10.0.0.1',
    '  10  Another site       no',
    '  11  Mail server        none',
    '  12  Test at the end    no',
  ]);
  expect(readChoice(' ', steps)).toEqual({ kind: 'write' });
  expect(readChoice('Yes', steps)).toEqual({ kind: 'write' });
  expect(readChoice('7', steps)).toEqual({ kind: 'change', step: steps[6] });
  for (const typed of ['0', '13', 'x', '1.5', '-1']) {
    expect(readChoice(typed, steps)).toEqual({
      kind: 'unknown',
      expected: 'Enter, a number from 1 to 12, or <',
    });
  }
});
