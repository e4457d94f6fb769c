// Also runs in the report's page (assets.ts): uses nothing of Node.

import type { Outage } from '../history/outages.ts';
import { STAGE_NAMES } from '../model/test-result.ts';
import { roundedDuration } from '../words/time.ts';
import { type Clock, dateOf, momentOf, timeOf } from './clock.ts';

/** The values of `Outage.end`. The packed data has the index. */
export const OUTAGE_ENDS = ['recovered', 'unmeasured', 'ongoing'] as const satisfies readonly Outage['end'][];

/** The column heads of the table of outages. */
export const OUTAGE_HEADS = ['from', 'to', 'duration', 'failed tests', 'failed stages', 'cause'] as const;

/** Returns the row of an outage, in the order of {@link OUTAGE_HEADS}. */
export function outageCells(outage: Outage, clock: Clock): readonly string[] {
  const { from, to, earlier, tests } = outage;
  return [
    `${earlier ? 'before ' : ''}${momentOf(clock.at(from))}`,
    endInWords(outage, clock),
    `${earlier || outage.end !== 'recovered' ? 'at least ' : ''}${roundedDuration(to - from)}`,
    tests.toLocaleString('en-US'),
    stagesInWords(outage.stages),
    outage.causes.length === 0 ? '-' : outage.causes.join(', '),
  ];
}

function endInWords({ from, to, end }: Outage, clock: Clock): string {
  if (end === 'ongoing') return 'ongoing at the end';
  const [first, last] = [clock.at(from), clock.at(to)];
  const words = dateOf(first) === dateOf(last) ? timeOf(last) : momentOf(last);
  return end === 'recovered' ? words : `not measured after ${words}`;
}

/** Formats stages that are given as bits: `log in, ping inside`. */
export function stagesInWords(bits: number): string {
  const names = STAGE_NAMES.filter((_, index) => bits & (1 << index));
  return names.length === 0 ? 'unknown' : names.join(', ');
}
