import { type Availability, shareInWords, shareUp, sumOf } from '../history/availability.ts';
import type { Outage } from '../history/outages.ts';
import type { Range } from '../history/spans.ts';
import { counted } from '../words/numbers.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, roundedDuration, shortMs } from '../words/time.ts';
import { type Clock, dayOfMonth, momentOf } from './clock.ts';
import type { SiteReport } from './gather.ts';
import { type Html, html } from './html.ts';
import { strip } from './strip.ts';

/** A site, and the id of its section. */
export interface PlacedSite {
  readonly id: string;
  readonly site: SiteReport;
}

/** What the overview needs besides the sites. */
export interface OverviewOptions {
  readonly range: Range;
  /** Its bars: {@link partsOf}. */
  readonly parts: readonly Range[];
  readonly clock: Clock;
  /** Availability to reach, 0 to 1; `undefined`: none was given. */
  readonly target: number | undefined;
}

/** Whether a site reached the target; `undefined` without a target or a measured time. */
export function reached({ availability }: SiteReport, target: number | undefined): boolean | undefined {
  const share = shareUp(availability);
  return target === undefined || share === null ? undefined : share >= target;
}

/** `target 99.9 % met` or `target 99.9 % missed`; '' without one. */
export function targetInWords(site: SiteReport, target: number | undefined): string {
  const met = reached(site, target);
  return met === undefined ? '' : `target ${percent(target ?? 0)} ${met ? 'met' : 'missed'}`;
}

/** `99.9 %`, with the digits that were typed. */
function percent(share: number): string {
  return `${Number((share * 100).toFixed(6))} %`;
}

/** Returns the main result, in a few sentences. `sites`: the worst first. */
export function leadSentence(sites: readonly SiteReport[], target: number | undefined): Html {
  return html`${availabilitySentence(sites)}${targetSentence(sites, target)}`;
}

function targetSentence(sites: readonly SiteReport[], target: number | undefined): string {
  const known = sites.filter((site) => reached(site, target) !== undefined);
  if (target === undefined || known.length === 0) return '';
  const met = known.filter((site) => reached(site, target)).length;
  const words =
    met === known.length ? (met === 1 ? 'It' : 'All') : met === 0 ? 'None' : `${met} of ${known.length}`;
  return ` ${known.length === 1 && met === 0 ? 'It missed' : `${words} met`} the target of ${unbroken(percent(target))}.`;
}

function availabilitySentence(sites: readonly SiteReport[]): Html {
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
  const short = sites.reduce((count, site) => count + site.shortFailures.length, 0);
  const more = short === 0 ? '' : html`<br>and ${counted(short, 'short failure')}`;
  const longest = longestOf(sites);
  const unknown = all.unknown / (all.up + all.down + all.unknown);
  return html`<dl class="figures">
<div><dt>Available</dt><dd class="value">${shareInWords(shareUp(all))}</dd><dd class="small quiet">of the measured time</dd></div>
<div><dt>Outages</dt><dd class="value">${outages.length.toLocaleString('en-US')}</dd><dd class="small quiet">${failed.toLocaleString('en-US')} of ${tests.toLocaleString('en-US')} tests failed${more}</dd></div>
<div><dt>Longest outage</dt><dd class="value">${longest === null ? 'none' : roundedDuration(longest.outage.to - longest.outage.from)}</dd><dd class="small quiet">${longest === null ? '' : html`<bdi>${longest.name}</bdi>, from ${momentOf(clock.at(longest.outage.from))}`}</dd></div>
<div><dt>Not measured</dt><dd class="value">${notMeasured(unknown)}</dd><dd class="small quiet">of the time of all sites; counts neither as up nor as down</dd></div>
</dl>`;
}

/** Returns a table with a row for each site. */
export function siteTable(
  placed: readonly PlacedSite[],
  { range, parts: ranges, clock, target }: OverviewOptions,
): Html {
  const targetCell = (site: SiteReport) => {
    const met = reached(site, target);
    if (target === undefined) return '';
    const words = met === undefined ? '-' : met ? 'met' : html`<strong class="missed">missed</strong>`;
    return html`<td class="number" data-head="target ${percent(target)}">${words}</td>`;
  };
  const rows = placed.map(({ id, site }) => {
    const { availability, stages, parts } = site;
    const login = stages[1];
    const cell = (head: string, text: string) => html`<td class="number" data-head="${head}">${text}</td>`;
    return html`<tr><td><a href="#${id}"><bdi>${site.name}</bdi></a></td><td class="strip">${strip(parts, ranges, clock)}</td>${cell('available', shareInWords(shareUp(availability)))}${targetCell(site)}${cell('outages', outagesInWords(site))}${cell('down', availability.down === 0 ? '0' : roundedDuration(availability.down))}${cell('not measured', availability.unknown < MINUTE_MS ? '0' : roundedDuration(availability.unknown))}${cell('log in, median', time(login?.p50))}${cell('95 of 100 at most', time(login?.p95))}</tr>`;
  });
  const [first, last] = [clock.at(range.from), clock.at(range.to - 1)];
  return html`<table class="sites stack"><thead><tr><th>Site</th><th class="strip">${dayOfMonth(first)} to ${dayOfMonth(last)}</th><th class="number">Available</th>${target === undefined ? '' : html`<th class="number">Target ${percent(target)}</th>`}<th class="number">Outages</th><th class="number">Down</th><th class="number">Not measured</th><th class="number">Log in, median</th><th class="number">95 of 100 at most</th></tr></thead><tbody>${rows}</tbody></table>
<p class="key"><span>${keyStrip('up', 0, 12)} up (one bar is ${barInWords(ranges)}); lower if part of the time was not measured</span><span>${keyStrip('down', 5, 7)} down; the height is its share of the time</span><span>${keyStrip('none', 9, 2)} not measured</span></p>`;
}

/** `3 + 7 short`: outages and short failures. */
function outagesInWords({ outages, shortFailures }: SiteReport): string {
  const short = shortFailures.length === 0 ? '' : ` + ${shortFailures.length.toLocaleString('en-US')} short`;
  return `${outages.length.toLocaleString('en-US')}${short}`;
}

function barInWords(ranges: readonly Range[]): string {
  const longest = Math.max(...ranges.map(({ from, to }) => to - from));
  if (longest <= HOUR_MS) return 'an hour';
  const days = Math.round(longest / DAY_MS);
  return days <= 1 ? 'a day' : `${days} days`;
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
  return sumOf(sites.map(({ availability }) => availability));
}

function notMeasured(share: number): string {
  if (share === 0) return '0';
  return share < 0.001 ? 'below 0.1 %' : `${(share * 100).toFixed(1)} %`;
}

function time(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '-' : shortMs(ms);
}
