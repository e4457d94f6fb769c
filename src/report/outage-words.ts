// Also part of the page (see assets.ts): nothing of Node here.

import type { Outage } from '../history/outages.ts';
import { STAGE_NAMES } from '../model/test-result.ts';
import { durationInWords } from '../words/time.ts';
import { type Clock, dateOf, momentOf, timeOf } from './clock.ts';

/** The ways in which an outage ends: by a success, by a gap, or not in the range. */
export const OUTAGE_ENDS = ['recovered', 'unmeasured', 'ongoing'] as const satisfies readonly Outage['end'][];

/** What the cells of an outage's row are. */
export const OUTAGE_HEADS = ['from', 'to', 'duration', 'failed tests', 'stages that failed'] as const;

/** The cells of its row: from, to, duration, failed tests, stages. */
export function outageCells(outage: Outage, clock: Clock): readonly [string, string, string, string, string] {
  const { from, to, earlier, tests } = outage;
  return [
    `${earlier ? 'before ' : ''}${momentOf(clock.at(from))}`,
    endInWords(outage, clock),
    `${earlier || outage.end !== 'recovered' ? 'at least ' : ''}${durationInWords(to - from)}`,
    tests.toLocaleString('en-US'),
    stagesInWords(outage.stages),
  ];
}

function endInWords({ from, to, end }: Outage, clock: Clock): string {
  if (end === 'ongoing') return 'goes on at the end';
  const [first, last] = [clock.at(from), clock.at(to)];
  const words = dateOf(first) === dateOf(last) ? timeOf(last) : momentOf(last);
  return end === 'recovered' ? words : `not measured after ${words}`;
}

/** `log in, ping inside`. */
export function stagesInWords(bits: number): string {
  const names = STAGE_NAMES.filter((_, index) => bits & (1 << index));
  return names.length === 0 ? 'not said' : names.join(', ');
}
