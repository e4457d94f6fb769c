import fs from 'node:fs';
import path from 'node:path';
import { TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { Codes } from '../../src/codes/codes.ts';
import { isFresh, nextStep } from '../../src/codes/next-step.ts';
import type { OneTimeCodes } from '../../src/codes/one-time-codes.ts';
import { Secret } from '../../src/model/secret.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const CODES: OneTimeCodes = {
  secret: new Secret(SECRET),
  written: new Secret(SECRET),
  digits: 6,
  period: 30,
  algorithm: 'SHA1',
  withPassword: false,
};
/** A step begins at this second. */
const START = Date.parse('2026-11-30T12:00:00.000Z');
const STEP = START / 30_000;

test.each<[second: number, used: number[], leftSeconds: number, step: number, waitSeconds: number]>([
  [0, [-1], 10, 0, 0],
  [20, [-1], 10, 0, 0],
  // A code about to expire is not used.
  [20.1, [-1], 10, 1, 9.9],
  [27, [-1], 3, 0, 0],
  [28, [-1], 3, 1, 2],
  // Nor is one that was used, or that comes before one that was used.
  [5, [0], 10, 1, 25],
  [5, [1], 10, 2, 55],
  [25, [0], 10, 1, 5],
  [29, [1, 0, -7], 3, 2, 31],
  // The clock was set back by an hour.
  [5, [120, -1], 10, 0, 0],
  [5, [120, 0], 10, 1, 25],
])('at second %d with %j used, and %d s needed: step %d after %d s', (second, used, left, step, wait) => {
  const steps = { nowMs: START + 1000 * second, periodMs: 30_000, leftMs: 1000 * left };
  const next = nextStep({ ...steps, used: used.map((each) => STEP + each) });
  expect(next.step - STEP).toBe(step);
  expect(next.waitMs).toBeCloseTo(1000 * wait, 6);
  expect(isFresh(next.step, { ...steps, nowMs: steps.nowMs + next.waitMs })).toBe(true);
});

/** Commands of one user, each with a process of its own, on a host whose clock begins so many s into a step. */
function host(second: number) {
  const folder = path.join(temporaryFolder(), 'codes');
  const start = new Date(START + 1000 * second).toISOString();
  const machine = fakeMachine({ start, system: { files: fs } });
  const log = recordingLog();
  const command = () => new Codes(machine.system, log, folder);
  // The store was there before.
  machine.stepWallClock(-60_000);
  const waits: number[] = [];
  command().fresh(CODES, () => undefined);
  machine.stepWallClock(60_000);
  const fresh = (from = command()) => from.fresh(CODES, (ms) => waits.push(ms / 1000));
  const since = () => (machine.system.now().getTime() - START) / 1000;
  return { machine, folder, log, command, fresh, waits, since };
}

/** The step of a code, counted from {@link START}; `undefined`: of none around it. */
function stepOf(code: string): number | undefined {
  const totp = new TOTP({ secret: SECRET });
  return [-2, -1, 0, 1, 2, 3, 4].find((step) => totp.generate({ timestamp: START + step * 30_000 }) === code);
}

async function taken(code: ReturnType<Codes['fresh']>): Promise<number | undefined> {
  const made = await code.take(never);
  return made.ok ? stepOf(made.value.reveal()) : undefined;
}

test('each command gets another code, also after a restart within a step, and waits for its step', async () => {
  const { fresh, waits, since, folder } = host(5);
  expect([await taken(fresh()), since()]).toEqual([0, 5]);
  expect([await taken(fresh()), since()]).toEqual([1, 30]);
  const restarted = fresh();
  expect(await restarted.reserve(never)).toEqual({ ok: true, value: STEP + 2 });
  expect([await taken(restarted), since(), waits]).toEqual([2, 60, [25, 30]]);
  expect(fs.readdirSync(folder).sort()).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.\d+$/), 'since']);
  expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
});

test('a step that ends while the client is slow: the next code is typed, when its step has begun', async () => {
  const { machine, fresh, since } = host(10);
  const code = fresh();
  await code.reserve(never);
  await machine.system.sleep(18_500);
  expect([await taken(code), since()]).toEqual([1, 30]);
});

test('a code that is typed twice in one log-in is another one', async () => {
  const { fresh, since } = host(0);
  const code = fresh();
  await code.reserve(never);
  expect([await taken(code), await taken(code), since()]).toEqual([0, 1, 30]);
});

test.each([
  [20, true],
  [40, false],
])(
  'a gateway whose clock is %d s ahead and that accepts one step to each side: %s',
  async (ahead, accepted) => {
    const { machine, fresh } = host(0);
    const made = await fresh().take(never);
    const totp = new TOTP({ secret: SECRET });
    const timestamp = machine.system.now().getTime() + ahead * 1000 + 20_000;
    expect(made.ok && totp.validate({ token: made.value.reveal(), timestamp, window: 1 }) !== null).toBe(
      accepted,
    );
  },
);

test('a store that is new: a code of its first step may have been used before a boot', async () => {
  const machine = fakeMachine({ start: new Date(START + 5000).toISOString(), system: { files: fs } });
  const codes = new Codes(machine.system, recordingLog(), path.join(temporaryFolder(), 'codes'));
  expect(await taken(codes.fresh(CODES, () => undefined))).toBe(1);
});

test('two commands at the same moment', async () => {
  const { fresh } = host(3);
  expect((await Promise.all([taken(fresh()), taken(fresh()), taken(fresh())])).sort()).toEqual([0, 1, 2]);
});

test('so many others use the secret that no code is left in time: said, and a stop ends the wait', async () => {
  const { fresh, machine } = host(0);
  const others = [fresh(), fresh(), fresh(), fresh()].map(taken);
  expect(await fresh().reserve(never)).toEqual({
    ok: false,
    why: 'no unused one-time code within 90 s: other programs use this secret',
  });
  await Promise.all(others);
  const stop = new AbortController();
  machine.at(machine.system.monotonic() + 1000, () => stop.abort(new Error('stopped')));
  await expect(fresh().reserve(stop.signal)).rejects.toThrow('stopped');
});

test('a folder that can not be used: warned of once, and no code twice in this process', async () => {
  const { folder, command, fresh, log } = host(5);
  fs.rmSync(folder, { recursive: true });
  fs.symlinkSync('/nowhere', folder);
  const process = command();
  expect([await taken(fresh(process)), await taken(fresh(process))]).toEqual([1, 2]);
  expect(log.lines).toEqual([
    expect.stringMatching(/^WARNING The store of used one-time codes can't be used: /),
  ]);
});

test('codes that were made are redacted', async () => {
  const { command } = host(0);
  const codes = command();
  const made = await codes.fresh(CODES, () => undefined).take(never);
  const code = made.ok ? made.value.reveal() : '';
  expect(codes.redact(`sent ${code}, ${Buffer.from(code).toString('base64')}`)).toBe('sent ***, ***');
});
