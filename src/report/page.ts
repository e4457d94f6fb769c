import { createHash } from 'node:crypto';
import type { Range } from '../history/spans.ts';
import { counted } from '../words/numbers.ts';
import { DAY_MS } from '../words/time.ts';
import type { Assets } from './assets.ts';
import { clockOf, dateOf, dayOfMonth, momentOf } from './clock.ts';
import { downNow } from './down-now.ts';
import { type SiteReport, worstFirst } from './gather.ts';
import { type Html, html, raw, scriptJson } from './html.ts';
import { figures, leadSentence, siteTable } from './overview.ts';
import { chartData, type PageData } from './page-data.ts';
import { siteSection } from './site-section.ts';
import { STYLE } from './style.ts';
import { timeline } from './timeline.ts';
import { offsetsOf } from './zone.ts';

/** What {@link page} needs besides the figures. */
export interface PageOptions {
  readonly range: Range;
  /** The range in parts, for the overview: {@link partsOf}. */
  readonly parts: readonly Range[];
  /** `alerts.after`: failures in a row that make an outage. */
  readonly after: number;
  /** The heading; `undefined`: what was tested, and the days. */
  readonly title: string | undefined;
  /** Availability to reach, 0 to 1; `undefined`: none. */
  readonly target: number | undefined;
  /** When the report is made, in ms since the epoch. */
  readonly now: number;
  readonly hostname: string;
  /** Name of the host's time zone. */
  readonly zone: string;
  readonly version: string;
  /** What stands above all figures. */
  readonly intro?: Html;
  /** Notes on the result files, in words. */
  readonly notes: readonly string[];
  readonly assets: Assets;
}

/** The picture in a browser's tab. */
export const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 12h3l2-8 3 10 2-6h4' fill='none' stroke='%231f5fa6' stroke-width='2'/%3E%3C/svg%3E";

/** Yields the report as one self-contained HTML file, in pieces: it may have 10 MB. */
export function* page(reports: readonly SiteReport[], options: PageOptions): Generator<string> {
  const { range, assets, title, target, after } = options;
  const offsets = offsetsOf(range);
  const clock = clockOf(offsets);
  // The clock may have changed since the end of the range.
  const made = clockOf(offsetsOf({ from: options.now, to: options.now }));
  const placed = worstFirst(reports).map((site, index) => ({ id: `site-${index + 1}`, site }));
  const sites = placed.map(({ site }) => site);
  const style = `${assets.libraryStyle}\n${STYLE}`;
  const data: PageData = {
    from: Math.round(range.from / 1000),
    to: Math.round(range.to / 1000),
    offsets,
    after,
  };
  const [first, last] = [clock.at(range.from), clock.at(range.to - 1)];
  const days = daysInWords(first, last);
  const overview = { range, parts: options.parts, clock, target };
  const isNow = options.now - range.to < DAY_MS;
  yield html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src ${hashOf(style)}; script-src ${hashOf(assets.library)} ${hashOf(assets.script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="generator" content="vpn-monitor ${options.version}">
<title>${title ?? 'VPN gateways'}, ${days}</title>
<link rel="icon" href="${raw(ICON)}">
<style>${raw(style)}</style>
</head>
<body>
<svg width="0" height="0" aria-hidden="true" focusable="false"><defs><pattern id="failed" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="stripes" x1="0" y1="0" x2="0" y2="5"/></pattern><pattern id="unmeasured" width="6" height="6" patternUnits="userSpaceOnUse"><circle class="dots" cx="3" cy="3" r="0.9"/></pattern></defs></svg>
<header id="top">
<p class="kind">${title === undefined ? 'VPN gateways' : days}, tested from <bdi>${options.hostname}</bdi></p>
<h1>${title ?? days}</h1>
<p class="lead">${leadSentence(sites, target)}</p>
</header>
<main>
${options.intro ?? ''}${downNow(placed, isNow, clock)}
${figures(sites, clock)}
<h2>Sites, worst first</h2>
${siteTable(placed, overview)}
${timeline(placed, range, clock)}
<h2 class="times">Details of each site</h2>
<p class="key chart-key">${KEY}</p>
<nav class="view" aria-label="Time range of the charts"><bdi class="view-site"></bdi><span class="view-range"></span>${BUTTONS}<a href="#top">top</a></nav>
`.html;
  for (const each of placed) yield siteSection(each, overview).html;
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

/** Formats the days of the report: `Wed 14 Nov 2018`, `14 Nov to 13 Dec 2018`. */
function daysInWords(first: Date, last: Date): string {
  const [firstYear, lastYear] = [first.getUTCFullYear(), last.getUTCFullYear()];
  if (dateOf(first) === dateOf(last)) return dateOf(first);
  const year = firstYear === lastYear ? '' : ` ${firstYear}`;
  return `${dayOfMonth(first)}${year} to ${dayOfMonth(last)} ${lastYear}`;
}

const BUTTONS = [
  ['earlier', '←', 'earlier'],
  ['later', '→', 'later'],
  ['day', '24 h', 'show 24 hours'],
  ['week', '7 d', 'show 7 days'],
  ['month', '30 d', 'show 30 days'],
  ['all', 'All', 'show the whole report'],
].map(([move = '', words = '', title = '']) => {
  // The name of a button contains what it shows, for who speaks to the browser; an arrow can't be spoken.
  const name = /\w/.test(words) ? `${words}: ${title}` : title;
  return html`<button type="button" data-move="${move}" aria-label="${name}" title="${title}">${words}</button>`;
});

const KEY = html`<span><svg width="26" height="14" aria-hidden="true"><rect width="26" height="14" fill="var(--band)"/><line x1="0" x2="26" y1="8" y2="8" stroke="var(--line)" stroke-width="1.5"/></svg> median, with minimum and maximum</span>
<span><svg width="26" height="14" aria-hidden="true"><rect width="26" height="14" fill="url(#failed)"/><rect width="26" height="3" fill="var(--bad)"/></svg> × this stage failed</span>
<span><svg width="26" height="14" aria-hidden="true"><rect width="26" height="14" fill="url(#unmeasured)"/></svg> not measured</span>`;

function about({ hostname, zone, version, notes, after }: PageOptions, made: string): Html {
  const list =
    notes.length === 0
      ? html``
      : html`<p>Notes on the result files:</p><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`;
  return html`<footer>
<h2>How to read this report</h2>
<p>A test pings the gateway, logs in as a person would, and pings a host inside. It failed if any of these three stages has no number. A test covers the time until the next test of the site. If that comes more than three intervals later, the test covers one interval and the rest is not measured: it counts neither as up nor as down. An outage is at least ${counted(after, 'failed test')} in a row, as many as send a mail (<code>alerts.after</code>), and lasts from the first of them to the next success; fewer are a short failure. The causes of an outage are those of its failed tests, from the event files; version 1.0.0 and the script wrote none. If the monitor's own host could not test (no client, no ping), that counts as down too.</p>
<p>In charts of a long time, one point stands for several tests. Rare peaks are cut off at the top. Figures, tables and outages use every test.</p>
<p>All times are those of <bdi>${hostname}</bdi> (${zone}). Made on ${made} by vpn-monitor ${version}.</p>
${list}
</footer>`;
}

/** The source of a policy that allows a script or a style sheet by its hash. */
export function hashOf(text: string): Html {
  return raw(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
}
