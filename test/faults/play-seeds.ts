import { randomInt } from 'node:crypto';
import { describe, test, vi } from 'vitest';
import { runSeed } from './run-seed.ts';
import type { AtOnce } from './schedule.ts';

/** More than all waits of one schedule. */
const LIMIT_MS = 900_000;
const { FAULTS_SEED, FAULTS_JOBS } = process.env;

/**
 * Declares a test for each seed that decides: the first of them, or those from FAULTS_SEED on, which is what `npm run faults` asks for. Without
 * that, one new seed is played besides, which is told and decides nothing.
 *
 * @param reason why no schedule can be played here; `undefined`: it can
 */
export function playSeeds(title: string, schedules: number, atOnce: AtOnce, reason: string | undefined) {
  const first = Number(FAULTS_SEED ?? 1);
  const seeds = Array.from({ length: schedules }, (_, index) => first + index);
  // In fast time a monitor that waits for a processor misses its limits: so many at once are what two processors can do beside other tests.
  const jobs = FAULTS_JOBS ?? (atOnce === 1 ? 3 : 1);
  vi.setConfig({ maxConcurrency: Number(jobs) });

  describe.concurrent(title, () => {
    for (const seed of seeds) {
      test(`seed ${seed}`, { timeout: LIMIT_MS }, async ({ skip }) => {
        skip(reason !== undefined, reason);
        const told = await runSeed(seed, atOnce);
        if (FAULTS_SEED !== undefined) console.log(told);
      });
    }

    test.runIf(FAULTS_SEED === undefined)(
      'a new seed each time: told, and decides nothing',
      { timeout: LIMIT_MS },
      async ({ skip, annotate }) => {
        skip(reason !== undefined, reason);
        const seed = randomInt(1_000_000, 2 ** 31);
        const said = await runSeed(seed, atOnce).catch((error: Error) => error.message);
        console.log(`A new random schedule: ${said}`);
        await annotate(said);
      },
    );
  });
}
