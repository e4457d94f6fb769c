import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { missingPrograms } from '../../support/missing-programs.ts';
import { NOON } from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { worldTest } from '../../support/world-test.ts';

/** Why no program can be traced here, with the command to type where one helps. */
function straceUnavailable(): string | undefined {
  const missing = missingPrograms(['strace']);
  if (missing !== undefined) return missing;
  const tried = spawnSync('strace', ['-f', 'true'], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : `needs to trace a program of its own: ${tried.stderr.trim()}`;
}

/** What the kernel was asked for that matters here, in its order: a result logged, a row on disk, a program started. */
function eventsIn(trace: string): string[] {
  const unfinished = new Map<string, string>();
  return trace.split('\n').flatMap((line) => {
    const [, thread = '', call = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (call.endsWith('<unfinished ...>')) {
      unfinished.set(thread, call);
      return [];
    }
    // A call counts when it has returned.
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(call);
    const whole = resumed ? `${unfinished.get(thread)}${resumed[1]}` : call;
    if (/^write\(\d+<[^>]*monitoring-\d+\.log>.*Stages results: /.test(whole)) return ['result'];
    if (/^write\(\d+<[^>]*result_\d+\.csv>.*,site\d,SUCCESS,/.test(whole)) return ['row written'];
    if (/^fsync\(\d+<[^>]*result_\d+\.csv>.* = 0$/.test(whole)) return ['row on disk'];
    if (/^execve\(.* = 0$/.test(whole)) return ['program'];
    return [];
  });
}

worldTest(
  "each row is on disk before the next site's first process",
  async ({ skip, world }) => {
    const reason = straceUnavailable();
    skip(reason !== undefined, reason);
    const { at, config, csv, monitor, processes, run } = world;
    config({ site1: 'works', site2: 'works' }, 'frequency: 1');
    const trace = at('trace');
    const options = ['-f', '-qq', '-y', '-s', '500', '-e', 'trace=execve,write,fsync', '-o', trace];
    const traced = monitor([], { TZ: NOON }, ['strace', ...options]);
    await until('two cycles', () => csv().length >= 5);
    // Not strace, which lets no signal disturb it.
    run(
      `kill -TERM ${processes().find(({ name, args }) => name === 'node' && args.endsWith('main.js'))?.pid}`,
    );
    expect(await traced.ended, traced.stderr()).toBe(0);

    const events = eventsIn(readFileSync(trace, 'utf8'));
    const results = events.flatMap((event, index) => (event === 'result' ? [index] : []));
    expect(results.length).toBeGreaterThanOrEqual(4);
    const story = results.map((from, index) => events.slice(from, results[index + 1]));
    // The processes of the next site, ps and ping and its client, come after all of it.
    for (const [test, then] of story.entries()) {
      expect(then.slice(0, 3)).toEqual(['result', 'row written', 'row on disk']);
      const next = then.slice(3);
      expect(next).toEqual(next.map(() => 'program'));
      if (test < story.length - 1) expect(next.length).toBeGreaterThanOrEqual(4);
    }
  },
  120_000,
);
