import { judge } from './judge.ts';
import { makeSchedule } from './make-schedule.ts';
import { play } from './play.ts';

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
    `What it was: ${JSON.stringify(schedule)}`,
  ].join('\n');
  // At once: of many schedules the others may take an hour.
  console.log(story);
  throw new Error(story);
}
