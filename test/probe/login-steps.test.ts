import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { logIn } from '../../src/probe/login.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { PROFILE, probeConfig } from '../support/probe.ts';
import { recordingLog } from '../support/recording-log.ts';
import { PASSWORD, simulatedSite } from '../support/site.ts';
import { play, type Run, STEP_TIMEOUT } from './play.ts';

/** A client of the user's own: asks for a group and a token if it wants them, and for a password always. */
const CLIENT: ClientProfile = {
  ...PROFILE,
  name: 'own',
  command: fileURLToPath(new URL('../fixtures/asks', import.meta.url)),
  args: ['--user={username}', '--group={realm}', '--pin={pin}/{realm}', '{vpn_gw}'],
  keys: {
    realm: { required: false, file: false },
    token: { required: false, file: false },
    pin: { required: false, file: false },
  },
  dialogue: [
    { prompt: 'Group:', expect: /^Group:/m, send: '{realm}', optional: true },
    { prompt: 'Password:', expect: /^Password:/m, send: '{password}' },
    { prompt: 'Token:', expect: /^Token:/m, send: '{token}', optional: true },
    { prompt: 'Sure?:', expect: /^Sure:/m, send: 'yes', optional: true },
  ],
  success: { expect: /^Configured as/m },
  failures: [{ expect: /^(?:Group|Password):/m, cause: 'credentials-rejected', after: 'Password:' }],
  logout: { signal: 'SIGINT' },
};

/** A log-in at a gateway that asks for `words`, and the log-out. */
async function logInAndOut(words: string, keys: Record<string, string> = {}, more: Partial<Run> = {}) {
  const site = simulatedSite(words, { clientKeys: new Map(Object.entries(keys)) });
  const { session, typed, log } = play({ site, profile: CLIENT, ...more });
  const { result, close } = await session;
  expect(await close(never)).toBe(true);
  return { result, typed: typed(), log };
}

const ALL = { realm: 'corp', token: '123456', pin: 'sha256:x=' };

test.each([
  ['Password', ['Password']],
  ['Group Password', ['Group', 'Password']],
  ['Group Password Sure', ['Group', 'Password', 'Sure']],
  ['Password Token', ['Password', 'Token']],
  ['Group Password Token Sure', ['Group', 'Password', 'Token', 'Sure']],
])('optional prompts are answered if they come: %s', async (words, asked) => {
  const answers = { Group: 'corp', Password: PASSWORD, Token: '123456', Sure: 'yes' };
  const { result, typed } = await logInAndOut(words, ALL);
  expect(result.outcome).toBe('ok');
  expect(typed.slice(2)).toEqual([
    ...asked.map((word) => `${word}=${answers[word as keyof typeof answers]}`),
    'signal=INT',
  ]);
});

test('a prompt that is not optional is waited for by its name, and nothing logs out what is not logged in', async () => {
  const { result, typed } = await logInAndOut('silent', ALL, { hangsAfter: 2 });
  expect(result).toEqual({
    outcome: 'error',
    cause: 'step-timed-out',
    detail: `the prompt Password: did not come within ${STEP_TIMEOUT} s, the client said nothing more`,
  });
  expect(typed.slice(2)).toEqual([]);
});

test('a prompt that comes again after the password is a rejection, answered no second time', async () => {
  const { result, typed } = await logInAndOut('Password Password', ALL);
  expect(result).toEqual({ outcome: 'error', cause: 'credentials-rejected', detail: 'Password:' });
  expect(typed.slice(2)).toEqual([`Password=${PASSWORD}`]);
});

test('an argument that names a key which the site does not have is left out', async () => {
  expect((await logInAndOut('Password', ALL)).typed[0]).toBe(
    'args=--user=monitor --group=corp --pin=sha256:x=/corp Password',
  );
  expect((await logInAndOut('Password', { realm: 'corp' })).typed[0]).toBe(
    'args=--user=monitor --group=corp Password',
  );
  expect((await logInAndOut('Password')).typed[0]).toBe('args=--user=monitor Password');
});

test('what stands in braces in a value of the site is no key', async () => {
  const { typed } = await logInAndOut('Group Password', { realm: '{password}' });
  expect(typed).toContain('args=--user=monitor --group={password} Group Password');
  expect(typed).toContain('Group={password}');
});

test.each([
  ['Group Password', 'realm', []],
  ['Password Token', 'token', [`Password=${PASSWORD}`]],
])(
  'a client that asks (%s) for what the site does not have: said, and nothing typed',
  async (words, key, before) => {
    const { result, typed, log } = await logInAndOut(words);
    const detail = `the client asks for ${key}, which the site does not have`;
    expect(result).toEqual({ outcome: 'error', cause: 'prompt-not-seen', detail });
    expect(typed.slice(2)).toEqual(before);
    expect(log.lines[0]).toContain(`CRITICAL Something went bad when connecting: ${detail}\ncommand: `);
  },
);

test.each(['/results', '/a folder = 1/ü', ''])(
  'the client has the mark in its environment: %j',
  async (value) => {
    const { typed } = await logInAndOut('Password', ALL, { mark: `VPN_MONITOR_CLIENT=${value}` });
    expect(typed[1]).toBe(`mark=${value}`);
  },
);

describe('a pattern that never ends costs a second', () => {
  const SLOW = /(?:x+)+y/i;
  const SLOWLY = `${'x'.repeat(2000)}!`;
  const NOT_WAITED_FOR =
    'could not be waited for with the patterns of clients.own: a pattern takes more than 1 s to be looked for';

  /** A log-in of a client of the user's that has no more than a password. */
  async function logInWith(more: Partial<ClientProfile>, prints: string) {
    const steps = [
      { after: 1, prints },
      { after: 1, prints: '\nConfigured as 10.0.0.1\n' },
      { after: 1, prints: SLOWLY },
    ];
    const machine = fakeMachine({ programs: { own: () => steps }, system: { files: fs } });
    const log = recordingLog();
    const { dialogue } = CLIENT;
    const profile = { ...CLIENT, dialogue: dialogue.slice(1, 2), described: true, command: 'own', ...more };
    const session = await logIn(
      { ...simulatedSite('site1'), client: profile },
      {
        place: machine.system,
        ...{ log, resultLog: recordingLog(), redact: (text: string) => text },
        ...{ config: probeConfig(), force: never, mark: '' },
      },
      never,
    );
    await machine.system.sleep(10);
    return { result: session.result, endedEarly: await session.endedEarly(true, never), log };
  }

  test.each<[string, Partial<ClientProfile>, string, string]>([
    ['among the failures', { failures: [{ expect: SLOW, cause: 'tls' }] }, SLOWLY, 'the prompt Password:'],
    [
      'among the notices',
      { notices: [{ expect: SLOW, kind: 'new-version' }] },
      `${SLOWLY}\nPassword:`,
      'the prompt Password:',
    ],
  ])('%s: and the log-in', async (_, more, prints, awaited) => {
    const { result } = await logInWith(more, prints);
    expect(result).toEqual({
      outcome: 'error',
      cause: 'step-timed-out',
      detail: `${awaited} ${NOT_WAITED_FOR}`,
    });
  });

  test('among the ends of a session: said, and the session counts', async () => {
    const { result, endedEarly, log } = await logInWith({ ends: [SLOW] }, 'Password:');
    expect(result.outcome).toBe('ok');
    expect(endedEarly).toBeUndefined();
    expect(log.lines).toEqual([
      'WARNING site1: clients.own.ends: a pattern takes more than 1 s to be looked for',
    ]);
  });
});
