import fs from 'node:fs';
import { TOTP } from 'otpauth';
import { beforeEach, expect, test } from 'vitest';
import { storeFolder } from '../../src/codes/used-steps.ts';
import { totp } from '../../src/commands/totp.ts';
import { realSystem } from '../../src/system/real-system.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { common, createHome, createShell, type Home } from './support.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
/** A user that this machine does not have: the store is the test's own. */
const UID = 4_000_000_000 + process.pid;

beforeEach(() => () => fs.rmSync(storeFolder({ uid: UID }), { recursive: true, force: true }));

function homeWithCodes(): Home {
  const home = createHome({ site1: 'works', plain: 'works' });
  const text = fs.readFileSync(home.config, 'utf8');
  fs.writeFileSync(home.config, text.replace('vpn_gw: works }', `vpn_gw: works, totp_secret: ${SECRET} }`), {
    mode: 0o600,
  });
  return home;
}

test('prints a code, and never the same twice; says what it waits for', async () => {
  const home = homeWithCodes();
  const { now, sleep, monotonic } = fakeMachine({ start: '2026-11-30T12:00:05.000Z' }).system;
  const system = { now, sleep, monotonic, uid: UID };
  const library = new TOTP({ secret: SECRET });
  for (const [begins, waits] of [
    ['12:00:30', 25],
    ['12:01:00', 30],
  ] as const) {
    const shell = createShell(home, { system });
    expect(await totp({ ...common(home), site: 'site1' }, shell), shell.screen.stderr()).toBe(0);
    const timestamp = Date.parse(`2026-11-30T${begins}.000Z`);
    expect(shell.screen.stdout()).toBe(`${library.generate({ timestamp })}\n`);
    expect(shell.screen.stderr()).toContain(`waiting ${waits} s for a code that was not used before\n`);
  }
});

test.each([
  ['plain', 'error: plain has no one-time codes: set totp_secret, totp_secret_file or totp_secret_env'],
  ['site2', "error: unknown site 'site2', did you mean site1?"],
])('%s: said, 2', async (site, words) => {
  const home = homeWithCodes();
  const shell = createShell(home, { system: { uid: UID } });
  expect(await totp({ ...common(home), site }, shell)).toBe(2);
  expect(shell.screen.stderr()).toContain(words);
  expect(shell.screen.stdout()).toBe('');
});

test('a signal ends the wait: 143', async () => {
  const home = homeWithCodes();
  const shell: ReturnType<typeof createShell> = createShell(home, {
    system: {
      uid: UID,
      // The store is new, so it waits.
      sleep: (ms, signal) => {
        shell.send('SIGTERM');
        return realSystem({}).sleep(ms, signal);
      },
    },
  });
  expect(await totp({ ...common(home), site: 'site1' }, shell)).toBe(143);
  expect(shell.screen.stdout()).toBe('');
});
