import type { Outage } from '../history/outages.ts';
import type { Range } from '../history/spans.ts';
import { counted } from '../words/numbers.ts';
import type { Clock } from './clock.ts';
import { type Html, html } from './html.ts';
import type { PlacedSite } from './overview.ts';
import { ticksOf } from './ticks.ts';

/** The width of a row, in units of its own. */
const WIDTH = 1000;
const HEIGHT = 10;
/** Narrowest mark, to be visible, in these units. */
const MIN_WIDTH = 3;
/** Labels of the time axis: as many as a phone has room for. */
const TICKS = 5;
/** Labels nearer than this to an end would be cut off, in percent of the width. */
const MARGIN = 6;

/** Returns a row for each site with a failure, all over the same time: what several sites have in common is a column. */
export function timeline(placed: readonly PlacedSite[], range: Range, clock: Clock): Html {
  const failed = placed.filter(({ site }) => site.outages.length + site.shortFailures.length > 0);
  if (failed.length === 0) return html``;
  const ticks = ticksOf(clock, range.from, range.to, TICKS);
  const rows = failed.map(({ id, site }) => {
    const { name, outages, shortFailures, gaps } = site;
    const label = `${counted(outages.length, 'outage')}, ${counted(shortFailures.length, 'short failure')}`;
    return html`<tr><th scope="row"><a href="#${id}"><bdi>${name}</bdi></a></th><td><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}"><path class="gap" d="${marks(gaps, range, 0)}"/><path class="short" d="${marks(shortFailures, range, HEIGHT / 2)}"/><path class="outage" d="${marks(outages, range, 0)}"/><path class="tick" d="${ticks.map(({ time }) => `M${x(time, range)} 0v${HEIGHT}`).join('')}"/></svg></td></tr>`;
  });
  const labels = ticks
    .map(({ time, label }) => ({
      label,
      at: Math.round((1000 * (time - range.from)) / (range.to - range.from)) / 10,
    }))
    .filter(({ at }) => at >= MARGIN && at <= 100 - MARGIN)
    .map(({ at, label }) => html`<text x="${at}%" y="12">${label}</text>`);
  const others = placed.length - failed.length;
  return html`<h2>Failures over time</h2>
<table class="timeline"><tbody>${rows}<tr><td></td><td><svg class="axis" aria-hidden="true">${labels}</svg></td></tr></tbody></table>
<p class="key"><span>${keyMark('outage', 0)} outage</span><span>${keyMark('short', HEIGHT / 2)} fewer failed tests in a row</span><span>${keyMark('gap', 0)} not measured</span>${others === 0 ? '' : html`<span>${counted(others, 'site')} without a failure not shown</span>`}</p>`;
}

function x(time: number, { from, to }: Range): number {
  return Math.round((WIDTH * (time - from)) / (to - from));
}

/** Returns the path of the marks of some times, `top` is their upper edge. Marks that touch are one. */
function marks(times: readonly (Range | Outage)[], range: Range, top: number): string {
  let path = '';
  let start = -1;
  let end = -1;
  const flush = () => {
    if (end > start) path += `M${start} ${top}h${end - start}v${HEIGHT - top}h${start - end}z`;
  };
  for (const { from, to } of times) {
    const left = Math.min(x(from, range), WIDTH - MIN_WIDTH);
    const right = Math.max(x(to, range), left + MIN_WIDTH);
    if (left > end) {
      flush();
      start = left;
    }
    end = Math.max(end, right);
  }
  flush();
  return path;
}

function keyMark(kind: string, top: number): Html {
  return html`<svg class="timeline" width="14" height="14" viewBox="0 0 10 10" aria-hidden="true"><path class="${kind}" d="M3 ${top}h4v${HEIGHT - top}h-4z"/></svg>`;
}
