import { createHash } from 'node:crypto';
import type { Range } from '../history/spans.ts';
import type { Assets } from './assets.ts';
import { clockOf, dateOf, dayOfMonth, momentOf } from './clock.ts';
import { type SiteReport, worstFirst } from './gather.ts';
import { type Html, html, raw, scriptJson } from './html.ts';
import { figures, leadSentence, siteTable } from './overview.ts';
import { chartData, type PageData } from './page-data.ts';
import { siteSection } from './site-section.ts';
import { STYLE } from './style.ts';
import { offsetsOf } from './zone.ts';

/** What a page says beside the figures. */
export interface PageOptions {
  readonly range: Range;
  /** When it was made, in ms since the epoch. */
  readonly now: number;
  readonly hostname: string;
  /** Name of the time zone of all times. */
  readonly zone: string;
  readonly version: string;
  /** What was met while reading, in words. */
  readonly notes: readonly string[];
  readonly assets: Assets;
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 12h3l2-8 3 10 2-6h4' fill='none' stroke='%231f5fa6' stroke-width='2'/%3E%3C/svg%3E";

/**
 * The whole report as one HTML file that needs nothing else. It comes in pieces: together they may be 10 MB.
 */
export function* page(reports: readonly SiteReport[], options: PageOptions): Generator<string> {
  const { range, assets } = options;
  const offsets = offsetsOf(range);
  const clock = clockOf(offsets);
  // The range may end before the clocks were changed.
  const made = clockOf(offsetsOf({ from: options.now, to: options.now }));
  const placed = worstFirst(reports).map((site, index) => ({ id: `site-${index + 1}`, site }));
  const sites = placed.map(({ site }) => site);
  const style = `${assets.libraryStyle}\n${STYLE}`;
  const data: PageData = { from: Math.round(range.from / 1000), to: Math.round(range.to / 1000), offsets };
  const [first, last] = [clock.at(range.from), clock.at(range.to - 1)];
  const days = daysInWords(first, last);
  yield html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src ${hashOf(style)}; script-src ${hashOf(assets.library)} ${hashOf(assets.script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="generator" content="vpn-monitor ${options.version}">
<title>VPN gateways, ${days}</title>
<link rel="icon" href="${raw(ICON)}">
<style>${raw(style)}</style>
</head>
<body>
<svg width="0" height="0" aria-hidden="true" focusable="false"><defs><pattern id="failed" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="stripes" x1="0" y1="0" x2="0" y2="5"/></pattern><pattern id="unmeasured" width="6" height="6" patternUnits="userSpaceOnUse"><circle class="dots" cx="3" cy="3" r="0.9"/></pattern></defs></svg>
<header>
<p class="kind">VPN gateways, as tested from <bdi>${options.hostname}</bdi></p>
<h1>${days}</h1>
<p class="lead">${leadSentence(sites)}</p>
</header>
<main>
${figures(sites, clock)}
<h2>Sites, the worst first</h2>
${siteTable(placed, range, clock)}
<h2 class="times">Times of each site</h2>
<p class="key">${KEY}</p>
<nav class="view" aria-label="Time that the charts show"><span class="view-range"></span>${BUTTONS}</nav>
`.html;
  for (const each of placed) yield siteSection(each, clock).html;
  yield html`</main>
${about(options, momentOf(made.at(options.now)))}
<script type="application/json" id="page-data">${scriptJson(data)}</script>
`.html;
  for (const { id, site } of placed) {
    yield html`<script type="application/json" id="data-${id}">${scriptJson(chartData(site, range))}</script>
`.html;
  }
  yield html`<script>${raw(assets.library)}</script>
<script>${raw(assets.script)}</script>
</body>
</html>
`.html;
}

/** `Wed 14 Nov 2018`, `14 Nov to 13 Dec 2018`. */
function daysInWords(first: Date, last: Date): string {
  const [firstYear, lastYear] = [first.getUTCFullYear(), last.getUTCFullYear()];
  if (dateOf(first) === dateOf(last)) return dateOf(first);
  const year = firstYear === lastYear ? '' : ` ${firstYear}`;
  return `${dayOfMonth(first)}${year} to ${dayOfMonth(last)} ${lastYear}`;
}

const BUTTONS = [
  ['earlier', '←', 'earlier'],
  ['later', '→', 'later'],
  ['day', '24 h', 'only 24 hours'],
  ['week', '7 d', 'only 7 days'],
  ['month', '30 d', 'only 30 days'],
  ['all', 'All', 'all of the report'],
].map(
  ([move = '', words = '', title = '']) =>
    html`<button type="button" data-move="${move}" aria-label="${title}" title="${title}">${words}</button>`,
);

const KEY = html`<span><svg width="26" height="14" aria-hidden="true"><rect width="26" height="14" fill="var(--band)"/><line x1="0" x2="26" y1="8" y2="8" stroke="var(--line)" stroke-width="1.5"/></svg> median, and from the least to the most</span>
<span><svg width="26" height="14" aria-hidden="true"><rect width="26" height="14" fill="url(#failed)"/><rect width="26" height="3" fill="var(--bad)"/></svg> × this stage failed</span>
<span><svg width="26" height="14" aria-hidden="true"><rect width="26" height="14" fill="url(#unmeasured)"/></svg> not measured</span>`;

function about({ hostname, zone, version, notes }: PageOptions, made: string): Html {
  const list =
    notes.length === 0
      ? html``
      : html`<p>Met while reading the files:</p><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`;
  return html`<footer>
<h2>How to read this</h2>
<p>A test pings the gateway, logs in as a person would, and pings something inside; it failed if any of the three has no number. It speaks for the time until the next test of the site. Where that comes more than three intervals later, the test speaks for one interval and the rest is not measured: it counts neither as up nor as down. An outage goes from its first failed test to the next success. A row does not say why it failed: where the monitor's own host could not test (no client, no ping), that counts as down too.</p>
<p>Long times are drawn with fewer points, each for several tests, and rare peaks are cut off at the top; figures, tables and outages are made of every test.</p>
<p>All times are those of <bdi>${hostname}</bdi> (${zone}). Made on ${made} by vpn-monitor ${version}.</p>
${list}
</footer>`;
}

function hashOf(text: string): Html {
  return raw(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
}
