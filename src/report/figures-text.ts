import {
  type Availability,
  shareInWords,
  shareUp,
  shareUpUnplanned,
  sumOf,
} from '../history/availability.ts';
import type { Range } from '../history/spans.ts';
import { counted } from '../words/numbers.ts';
import { oneLine } from '../words/printable.ts';
import { MINUTE_MS, roundedDuration } from '../words/time.ts';
import { clockOf } from './clock.ts';
import { type SiteReport, worstFirst } from './gather.ts';
import { outageCells } from './outage-words.ts';
import { offsetsOf } from './zone.ts';

/** Sites that the text lists. */
const MOST_SITES = 100;
/** Outages that the text lists. */
const MOST_OUTAGES = 50;

/** Returns availability and outages as plain text for a mail: the main figures on the first line, then each site, the worst first. */
export function summaryText(reports: readonly SiteReport[], range: Range): string {
  const sites = worstFirst(reports);
  const all = sumOf(sites.map(({ availability }) => availability));
  const outages = sites.reduce((count, site) => count + site.outages.length, 0);
  const lines = [
    `${availableInWords(all)}, ${outages === 0 ? 'no outage' : counted(outages, 'outage')}`,
    '',
    'Sites, worst first:',
    ...sites.slice(0, MOST_SITES).map((site) => `  ${oneLine(site.name)}: ${siteInWords(site)}`),
    ...more(sites.length - MOST_SITES, 'site'),
    ...outageLines(sites, range),
  ];
  return `${lines.join('\n')}\n`;
}

/** `99.12 % available (99.50 % without maintenance)` */
function availableInWords(availability: Availability): string {
  const [share, unplanned] = [shareUp(availability), shareUpUnplanned(availability)].map(shareInWords);
  return `${share} available${share === unplanned ? '' : ` (${unplanned} without maintenance)`}`;
}

function siteInWords({ availability, outages, shortFailures }: SiteReport): string {
  const { down, unknown } = availability;
  return [
    availableInWords(availability),
    outages.length === 0 ? 'no outage' : counted(outages.length, 'outage'),
    ...(shortFailures.length === 0 ? [] : [counted(shortFailures.length, 'short failure')]),
    ...(down === 0 ? [] : [`${roundedDuration(down)} down`]),
    ...(unknown < MINUTE_MS ? [] : [`${roundedDuration(unknown)} not measured`]),
  ].join(', ');
}

function outageLines(sites: readonly SiteReport[], range: Range): readonly string[] {
  const clock = clockOf(offsetsOf(range));
  const outages = sites
    .flatMap(({ name, outages }) => outages.map((outage) => ({ name, outage })))
    .toSorted((one, other) => other.outage.from - one.outage.from);
  if (outages.length === 0) return [];
  return [
    '',
    'Outages, latest first:',
    ...outages.slice(0, MOST_OUTAGES).map(({ name, outage }) => {
      const [from, to, duration, , stages, causes] = outageCells(outage, clock);
      const why = causes === '-' ? `failed: ${stages}` : causes;
      return `  ${oneLine(name)}: ${from} to ${to} (${duration}): ${why}`;
    }),
    ...more(outages.length - MOST_OUTAGES, 'outage'),
  ];
}

function more(count: number, what: string): readonly string[] {
  return count > 0 ? [`  and ${counted(count, `more ${what}`)}`] : [];
}
