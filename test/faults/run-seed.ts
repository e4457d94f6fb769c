import { judge } from './judge.ts';
import { makeSchedule } from './make-schedule.ts';
import { play } from './play.ts';
import type { Recording } from './recording.ts';
import type { AtOnce, Schedule } from './schedule.ts';

/**
 * Plays the schedule of a seed. Throws what did not hold, and how to play it again; else gives in words what
 * was played.
 */
export async function runSeed(seed: number, atOnce: AtOnce = 1): Promise<string> {
  const schedule = makeSchedule(seed, atOnce);
  const recording = await play(schedule);
  const violations = judge(schedule, recording);
  if (violations.length === 0) return `seed ${seed} holds: ${inFigures(recording)}`;
  const lines = violations.map(({ invariant, words }) => `  ${invariant}: ${words}`);
  const story = [
    `seed ${seed} breaks:`,
    ...lines,
    `Play it again: npm run faults -- --schedules 1 --seed ${seed}${atOnce === 1 ? '' : ' --at-once'}`,
    `What it was: ${inShort(schedule)}`,
  ].join('\n');
  // At once: of many schedules the others may take an hour.
  console.log(story);
  throw new Error(story);
}

/** What says most about a schedule: the seed says all. */
function inShort({ start, zone, sites, tests, faults, windows, connections }: Schedule): string {
  const strikes = tests.flatMap(({ strike }, index) =>
    strike === null ? [] : [{ test: index + 1, ...strike }],
  );
  return JSON.stringify({ start, zone, sites, strikes, faults, windows, connections });
}

/** What was played, in figures. */
function inFigures({ csv, lives, mails }: Recording): string {
  const kills = lives.filter(({ status }) => status === 137).length;
  const taken = mails.filter(({ kind }) => kind === 'taken').length;
  const ids = new Set(mails.flatMap((note) => (note.kind === 'taken' ? [note.id] : [])));
  const rows = csv.reduce((sum, { text }) => sum + text.split('\n').length - 2, 0);
  return `${rows} rows, ${kills} kills, ${lives.length - kills} stops, ${ids.size} mails sent ${taken} times`;
}
