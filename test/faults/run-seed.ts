import { judge } from './judge.ts';
import { makeSchedule } from './make-schedule.ts';
import { play } from './play.ts';
import type { Schedule } from './schedule.ts';

/** Plays the schedule of a seed. Throws what did not hold, and how to play it again. */
export async function runSeed(seed: number): Promise<void> {
  const schedule = makeSchedule(seed);
  const recording = await play(schedule);
  const violations = judge(schedule, recording);
  if (violations.length === 0) return;
  const lines = violations.map(({ invariant, words }) => `  ${invariant}: ${words}`);
  const story = [
    `seed ${seed} breaks:`,
    ...lines,
    `Play it again: npm run faults -- --schedules 1 --seed ${seed}`,
    `What it was: ${inShort(schedule)}`,
  ].join('\n');
  // At once: of many schedules the others may take an hour.
  console.log(story);
  throw new Error(story);
}

/** What says most about a schedule: the seed says all. */
function inShort({ start, zone, sites, tests, faults, connections }: Schedule): string {
  const strikes = tests.flatMap(({ strike }, index) =>
    strike === null ? [] : [{ at: index + 1, ...strike }],
  );
  return JSON.stringify({ start, zone, sites, strikes, faults, connections });
}
