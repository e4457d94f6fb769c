import fs from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { checkCodes } from '../../src/check/check-codes.ts';
import { storeFolder } from '../../src/codes/used-steps.ts';
import { Secret } from '../../src/model/secret.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { probeConfig } from '../support/probe.ts';
import { simulatedSite } from '../support/site.ts';

const UID = 4_100_000_000 + process.pid;
const STORE = storeFolder({ uid: UID });
beforeEach(() => () => fs.rmSync(STORE, { recursive: true, force: true }));

const secret = new Secret('JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP');
const TOTP = {
  secret,
  written: secret,
  digits: 6,
  period: 30,
  algorithm: 'SHA1',
  withPassword: false,
} as const;

/** The verdicts and words for so many sites with one secret, on a host whose commands print this. */
async function found(prints: Readonly<Record<string, string>>, sites = 1, frequency = 60) {
  const { system } = fakeMachine({
    system: {
      files: fs,
      uid: UID,
      findCommand: (command) => (Object.hasOwn(prints, command) ? command : undefined),
      run: async (file) => ({ code: 0, output: prints[file] ?? '' }),
    },
  });
  const config = probeConfig({
    frequency,
    sites: [
      simulatedSite('works', { name: 'plain' }),
      ...Array.from({ length: sites }, (_, index) =>
        simulatedSite('works', { name: `site${index}`, totp: TOTP }),
      ),
    ],
  });
  return (await checkCodes(config, system, never)).map(({ verdict, words }) => `${verdict} ${words}`);
}

const OFF = 'one-time codes are wrong if it is off by 30 s';
// What timedatectl of systemd 252 and adjtimex 1.29 print; without systemd timedatectl prints an error.
const NO_SYSTEMD = "System has not been booted with systemd as init system (PID 1). Can't operate.\n";
test.each<[Readonly<Record<string, string>>, string]>([
  [{ timedatectl: 'yes\n' }, 'ok clock: synchronized (timedatectl)'],
  [
    { timedatectl: 'no\n', adjtimex: ' return value = 0\n' },
    `warning clock: not synchronized (timedatectl): ${OFF}`,
  ],
  [
    { timedatectl: NO_SYSTEMD, adjtimex: '       status: 1\n return value = 0\n' },
    'ok clock: synchronized (adjtimex)',
  ],
  [
    { adjtimex: '       status: 64\n return value = 5\n' },
    `warning clock: not synchronized (adjtimex): ${OFF}`,
  ],
  [
    { timedatectl: NO_SYSTEMD },
    `warning clock: neither timedatectl nor adjtimex says whether it is synchronized: ${OFF}`,
  ],
])('the clock: %j', async (prints, words) => {
  expect(await found(prints)).toEqual([words]);
});

test('sites that share a secret need more steps than the frequency has', async () => {
  const prints = { timedatectl: 'yes' };
  expect(await found(prints, 2, 60)).toHaveLength(1);
  expect((await found(prints, 3, 60)).slice(1)).toEqual([
    'warning site0, site1, site2: 3 log-ins with one secret of one-time codes need 90 s, and frequency is 60 s',
  ]);
});

test('a store that can not be used', async () => {
  fs.symlinkSync('/nowhere', STORE);
  expect((await found({ timedatectl: 'yes' })).slice(1)).toEqual([
    expect.stringContaining(`warning one-time codes: the store of used codes can't be used: ${STORE}`),
  ]);
});

test('no site with codes: nothing is looked at', async () => {
  expect(await found({}, 0)).toEqual([]);
  expect(fs.existsSync(STORE)).toBe(false);
});
