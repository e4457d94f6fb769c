import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './monitor.mjs';
import { activity, memory } from './process.mjs';

/** A span to be watched, in ms. */
const SPAN_MS = 10_000;
/** The fewest spans. */
const FEWEST = 3;

/**
 * Watches a monitor that waits for its next cycle, in the background.
 *
 * @param {import('./monitor.mjs').Monitor} monitor
 * @returns {Promise<() => Promise<{ seconds: number; ticks: number[]; switches: number; rss: number }>>} ends it: `ticks`
 *   are those of each span
 */
export async function watchIdle(monitor) {
  await until('the row of the only site', () => monitor.expectRunning().rows().length === 1);
  await sleep(1000);
  const looks = [activity(monitor.pid)];
  let more = true;
  const watching = (async () => {
    while (more || looks.length <= FEWEST) {
      await sleep(SPAN_MS);
      looks.push(activity(monitor.expectRunning().pid));
    }
  })();
  // A failure is told to whoever asks for the result.
  watching.catch(() => undefined);
  return async () => {
    more = false;
    await watching;
    const spans = looks.slice(1).map((look, index) => ({
      ticks: look.ticks - looks[index].ticks,
      switches: look.switches - looks[index].switches,
    }));
    return {
      seconds: (spans.length * SPAN_MS) / 1000,
      ticks: spans.map((span) => span.ticks),
      switches: spans.reduce((sum, span) => sum + span.switches, 0),
      rss: memory(monitor.pid).rss,
    };
  };
}
