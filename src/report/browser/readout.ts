import { STAGE_NAMES } from '../../model/test-result.ts';
import { shortMs } from '../../words/time.ts';
import { type Clock, momentOf } from '../clock.ts';
import { stagesInWords } from '../outage-words.ts';
import type { Site } from './unpack.ts';

/** Returns the words for the point under the mouse: its time, and each stage. */
export function readout(site: Site, index: number, clock: Clock): readonly string[] {
  const time = site.times[index] ?? 0;
  const when = momentOf(clock.at(time * 1000));
  if (site.gaps.some(({ from, to }) => time >= from && time < to)) return [when, 'not measured'];
  const values = site.stages.map(({ median, min, max }, stage) => {
    const [middle, low, high] = [median[index], min[index], max[index]];
    if (typeof middle !== 'number') return `${STAGE_NAMES[stage]} failed`;
    const range =
      typeof low === 'number' && typeof high === 'number' && low < high
        ? ` (${shortMs(low)} to ${shortMs(high)})`
        : '';
    return `${STAGE_NAMES[stage]} ${shortMs(middle)}${range}`;
  });
  const outage = site.outages.find(({ from, to }) => time * 1000 >= from && time * 1000 < to);
  // A point of several tests may have numbers of a stage that failed in other tests.
  const measured = site.stages.reduce(
    (bits, { median }, stage) => bits | (median[index] === null ? 0 : 1 << stage),
    0,
  );
  const partly = (outage?.stages ?? 0) & measured;
  return [when, ...values, ...(partly === 0 ? [] : [`some tests failed: ${stagesInWords(partly)}`])];
}
