import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
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

test('a pattern that takes for ever costs a second, and the log-in', async () => {
  const site = simulatedSite('site1');
  const machine = fakeMachine({
    programs: { own: () => [{ after: 1, prints: `${'x'.repeat(2000)}!` }] },
    system: { files: fs },
  });
  const profile = {
    ...CLIENT,
    described: true,
    command: 'own',
    failures: [{ expect: /(?:x+)+y/i, cause: 'tls' as const }],
  };
  const { result } = await logIn(
    { ...site, client: profile },
    {
      place: machine.system,
      log: recordingLog(),
      resultLog: recordingLog(),
      redact: (text) => text,
      config: probeConfig(),
      force: never,
      mark: '',
    },
    never,
  );
  expect(result).toEqual({
    outcome: 'error',
    cause: 'step-timed-out',
    detail:
      'the prompt Password: could not be waited for with the patterns of clients.own: a pattern takes more than 1 s to be looked for',
  });
});
