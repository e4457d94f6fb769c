import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ClientProfile, Step } from '../../src/clients/profile.ts';
import { good } from '../../src/model/result.ts';
import { Secret } from '../../src/model/secret.ts';
import { never } from '../support/never.ts';
import { PROFILE } from '../support/probe.ts';
import { PASSWORD, simulatedSite } from '../support/site.ts';
import { play } from './play.ts';

const TOTP = {
  secret: new Secret('JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'),
  written: new Secret('JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'),
  digits: 6,
  period: 30,
  algorithm: 'SHA1',
  withPassword: false,
} as const;

const CODE_STEP: Step = {
  prompt: 'Code:',
  expect: /^Code:/m,
  send: '{totp}',
  optional: true,
  with: 'totp',
  limit: 1,
};

/** A client that asks for the words of its gateway. */
const CLIENT: ClientProfile = {
  ...PROFILE,
  name: 'own',
  command: fileURLToPath(new URL('../fixtures/asks', import.meta.url)),
  args: [['--retry{?totp}', 'interact'], '--plain{!totp}', '{vpn_gw}'],
  keys: {},
  dialogue: [{ prompt: 'Password:', expect: /^Password:/m, send: '{password}' }, CODE_STEP],
  success: { expect: /^Configured as/m },
  failures: [
    { expect: /^Code:/m, without: 'totp', cause: 'second-factor', words: '{line} needs totp_secret' },
  ],
  logout: { signal: 'SIGINT' },
};

async function logIn(words: string, site: Parameters<typeof simulatedSite>[1], dialogue?: readonly Step[]) {
  const made: string[] = [];
  const code = {
    take: async () => {
      made.push(`12345${made.length}`);
      return good(new Secret(made.at(-1) ?? ''));
    },
  };
  const profile = dialogue === undefined ? CLIENT : { ...CLIENT, dialogue };
  const run = play({
    site: simulatedSite(words, { clientKeys: new Map(), ...site }),
    profile,
    code: site?.totp && code,
  });
  const { result, close } = await run.session;
  expect(await close(never)).toBe(true);
  return { result, typed: run.typed().filter((line) => !line.startsWith('mark=')) };
}

test('a code where the client asks for it, and arguments for it alone', async () => {
  const { result, typed } = await logIn('Password Code', { totp: TOTP });
  expect(result.outcome).toBe('ok');
  expect(typed).toEqual([
    'args=--retry interact Password Code',
    `Password=${PASSWORD}`,
    'Code=123450',
    'signal=INT',
  ]);
});

test('the password and the code in one line', async () => {
  const inTemplate = [{ prompt: 'Password:', expect: /^Password:/m, send: '{password}{totp}' }];
  const expected = [`Password=${PASSWORD}123450`, 'signal=INT'];
  expect((await logIn('Password', { totp: TOTP }, inTemplate)).typed.slice(1)).toEqual(expected);
  const typed = await logIn('Password', { totp: { ...TOTP, withPassword: true } });
  expect(typed.typed.slice(1)).toEqual(expected);
});

test('a site without a secret: nothing is typed where a code is asked for', async () => {
  const { result, typed } = await logIn('Password Code', {});
  expect(result).toMatchObject({ cause: 'second-factor', detail: 'Code: needs totp_secret' });
  expect(typed).toEqual(['args=--plain Password Code', `Password=${PASSWORD}`]);
});

test('a client of a site without a secret that always asks for a code: said what to set', async () => {
  const { with: _, ...always } = CODE_STEP;
  const { result } = await logIn('Code', {}, [always]);
  expect(result).toMatchObject({
    cause: 'second-factor',
    detail: 'the client asks for a one-time code (Code:): set totp_secret',
  });
});

test('a code that is asked for again was rejected, and no second one is typed', async () => {
  const { result, typed } = await logIn('Password Code Code', { totp: TOTP });
  expect(result).toMatchObject({ cause: 'second-factor', rejected: true });
  expect(typed.filter((line) => line.startsWith('Code='))).toEqual(['Code=123450']);
});

test('a key of the client that is called totp means what the client says', async () => {
  const clientKeys = new Map([['totp', 'of-the-client']]);
  const { typed } = await logIn('Password Code', { clientKeys });
  expect(typed.slice(1)).toEqual([`Password=${PASSWORD}`, 'Code=of-the-client', 'signal=INT']);
});
