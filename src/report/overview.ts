import { type Availability, createAvailability, shareInWords, shareUp } from '../history/availability.ts';
import type { Outage } from '../history/outages.ts';
import type { Range } from '../history/spans.ts';
import { counted } from '../words/numbers.ts';
import { durationInWords, MINUTE_MS, shortMs } from '../words/time.ts';
import { type Clock, dayOfMonth, momentOf } from './clock.ts';
import type { SiteReport } from './gather.ts';
import { type Html, html } from './html.ts';
import { strip } from './strip.ts';

/** A site, and the id of its section. */
export interface PlacedSite {
  readonly id: string;
  readonly site: SiteReport;
}

/** Returns the main result, in one or two sentences. `sites`: the worst first. */
export function leadSentence(sites: readonly SiteReport[]): Html {
  const share = shareUp(sum(sites));
  const [worst] = sites;
  if (worst === undefined || share === null) return html`There are no results for this time.`;
  if (share === 1) return html`All tests of ${counted(sites.length, 'site')} succeeded.`;
  const name = html`<bdi>${worst.name}</bdi>`;
  const worstShare = unbroken(shareInWords(shareUp(worst.availability)));
  if (sites.length === 1) return html`${name} was up ${worstShare} of the measured time.`;
  return html`${counted(sites.length, 'site')} were up ${unbroken(shareInWords(share))} of the measured time. The worst was ${name} with ${worstShare}.`;
}

/** Keeps a figure and its unit on one line. */
function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}

/** Returns the four figures for all sites together. */
export function figures(sites: readonly SiteReport[], clock: Clock): Html {
  const all = sum(sites);
  const outages = sites.flatMap((site) => site.outages);
  const failed = sites.reduce((count, site) => count + site.failed, 0);
  const tests = sites.reduce((count, site) => count + site.tests, 0);
  const longest = longestOf(sites);
  const unknown = all.unknown / (all.up + all.down + all.unknown);
  return html`<dl class="figures">
<div><dt>Available</dt><dd class="value">${shareInWords(shareUp(all))}</dd><dd class="small quiet">of the measured time</dd></div>
<div><dt>Outages</dt><dd class="value">${outages.length.toLocaleString('en-US')}</dd><dd class="small quiet">${failed.toLocaleString('en-US')} of ${tests.toLocaleString('en-US')} tests failed</dd></div>
<div><dt>Longest outage</dt><dd class="value">${longest === null ? 'none' : durationInWords(longest.outage.to - longest.outage.from)}</dd><dd class="small quiet">${longest === null ? '' : html`<bdi>${longest.name}</bdi>, from ${momentOf(clock.at(longest.outage.from))}`}</dd></div>
<div><dt>Not measured</dt><dd class="value">${notMeasured(unknown)}</dd><dd class="small quiet">of the time of all sites; counts neither as up nor as down</dd></div>
</dl>`;
}

/** Returns a table with a row for each site. */
export function siteTable(placed: readonly PlacedSite[], range: Range, clock: Clock): Html {
  const rows = placed.map(({ id, site }) => {
    const { availability, outages, stages, parts } = site;
    const login = stages[1];
    const cell = (head: string, text: string) => html`<td class="number" data-head="${head}">${text}</td>`;
    return html`<tr><td><a href="#${id}"><bdi>${site.name}</bdi></a></td><td class="strip">${strip(parts, range, clock)}</td>${cell('available', shareInWords(shareUp(availability)))}${cell('outages', outages.length.toLocaleString('en-US'))}${cell('down', availability.down === 0 ? '0' : durationInWords(availability.down))}${cell('not measured', availability.unknown < MINUTE_MS ? '0' : durationInWords(availability.unknown))}${cell('log in, median', time(login?.p50))}${cell('log in, p95', time(login?.p95))}</tr>`;
  });
  const [first, last] = [clock.at(range.from), clock.at(range.to - 1)];
  return html`<table class="sites stack"><thead><tr><th>Site</th><th class="strip">${dayOfMonth(first)} to ${dayOfMonth(last)}</th><th class="number">Available</th><th class="number">Outages</th><th class="number">Down</th><th class="number">Not measured</th><th class="number">Log in, median</th><th class="number">p95</th></tr></thead><tbody>${rows}</tbody></table>
<p class="key"><span>${keyStrip('up', 0, 12)} up; lower if part of the time was not measured</span><span>${keyStrip('down', 5, 7)} down; the height is its share of the time</span><span>${keyStrip('none', 9, 2)} not measured</span></p>`;
}

/** Returns one column of a strip, enlarged. */
function keyStrip(kind: string, y: number, height: number): Html {
  return html`<svg class="strip" width="9" height="18" viewBox="0 0 6 12" aria-hidden="true"><rect class="${kind}" x="${kind === 'none' ? 2 : 0}" y="${y}" width="${kind === 'none' ? 2 : 5}" height="${height}"/></svg>`;
}

function longestOf(sites: readonly SiteReport[]): { readonly name: string; readonly outage: Outage } | null {
  let longest: { readonly name: string; readonly outage: Outage } | null = null;
  for (const { name, outages } of sites) {
    for (const outage of outages) {
      const length = longest === null ? -1 : longest.outage.to - longest.outage.from;
      if (outage.to - outage.from > length) longest = { name, outage };
    }
  }
  return longest;
}

function sum(sites: readonly SiteReport[]): Availability {
  const all = createAvailability();
  for (const { availability } of sites) {
    all.up += availability.up;
    all.down += availability.down;
    all.unknown += availability.unknown;
  }
  return all;
}

function notMeasured(share: number): string {
  if (share === 0) return '0';
  return share < 0.001 ? 'below 0.1 %' : `${(share * 100).toFixed(1)} %`;
}

function time(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '-' : shortMs(ms);
}
