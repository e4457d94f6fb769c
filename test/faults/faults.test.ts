import { randomInt } from 'node:crypto';
import { describe, test, vi } from 'vitest';
import { worldUnavailable } from '../support/world.ts';
import { runSeed } from './run-seed.ts';

/** The seeds that decide: a few in `npm test`; CI asks for more, `npm run faults` for any. */
const { FAULTS_SEED, FAULTS_SCHEDULES = '2', FAULTS_JOBS = '8' } = process.env;
const FIRST = Number(FAULTS_SEED ?? 1);
const SEEDS = Array.from({ length: Number(FAULTS_SCHEDULES) }, (_, index) => FIRST + index);

/** More than all waits of one schedule. */
const LIMIT_MS = 900_000;

const reason = worldUnavailable();
// Most of a schedule is waiting: so many at once are what two cores can do.
vi.setConfig({ maxConcurrency: Number(FAULTS_JOBS) });

describe.concurrent('a random schedule of faults, 50 tests', () => {
  for (const seed of SEEDS) {
    test(`seed ${seed}`, { timeout: LIMIT_MS }, async ({ skip }) => {
      skip(reason !== undefined, reason);
      const told = await runSeed(seed);
      if (FAULTS_SEED !== undefined) console.log(told);
    });
  }

  test.runIf(FAULTS_SEED === undefined)(
    'a new seed each time: told, and decides nothing',
    { timeout: LIMIT_MS },
    async ({ skip, annotate }) => {
      skip(reason !== undefined, reason);
      const seed = randomInt(1_000_000, 2 ** 31);
      const said = await runSeed(seed).catch((error: Error) => error.message);
      console.log(`A new random schedule: ${said}`);
      await annotate(said);
    },
  );
});
