import { shareInWords, shareUp } from '../history/availability.ts';
import type { Outage } from '../history/outages.ts';
import { STAGE_NAMES } from '../model/test-result.ts';
import { counted } from '../words/numbers.ts';
import { MINUTE_MS, roundedDuration, shortMs } from '../words/time.ts';
import type { Clock } from './clock.ts';
import type { SiteReport, StageFigures } from './gather.ts';
import { hoursChart } from './hours.ts';
import { type Html, html } from './html.ts';
import { loginsChart } from './logins-chart.ts';
import { OUTAGE_HEADS, outageCells } from './outage-words.ts';
import { type OverviewOptions, type PlacedSite, targetInWords } from './overview.ts';

/** Outages that the page shows at first. */
const SHOWN = 10;
/** Outages that the page contains as text. The others are in the data of the charts. */
const IN_TEXT = 200;

/** Returns the section of one site. */
export function siteSection({ id, site }: PlacedSite, options: OverviewOptions): Html {
  const { clock, target } = options;
  return html`<section class="site" id="${id}">
<h2><bdi>${site.name}</bdi></h2>
<p class="facts">${facts(site, target)}</p>
<noscript>${loginsChart(site)}</noscript>
<div class="card charts" id="charts-${id}"><p class="readout">Point at a chart or tap it to see values. Drag across it to zoom in; double-click to zoom out.</p>
${STAGE_NAMES.map((name) => html`<h3>${capital(name)}</h3><div class="pane ${name.replace(' ', '-')}"></div>`)}</div>
<div class="pair"><div class="card"><h3>Duration of the stages</h3>${stageTable(site.stages)}
<p class="small quiet">Stages without a number do not count.</p></div>
<div class="card"><h3>By hour of day</h3>${hoursChart(site.hours)}
<p class="small quiet">Above: time to log in, the median and the range of 90 of 100 tests. Below: share of failed tests.</p></div></div>
${outageCard(site, clock)}${shortFailureCard(site, clock)}
</section>`;
}

function facts(site: SiteReport, target: number | undefined): string {
  const { availability, outages, shortFailures, tests, failed } = site;
  const { down, unknown } = availability;
  return [
    `${shareInWords(shareUp(availability))} available`,
    ...[targetInWords(site, target)].filter((words) => words !== ''),
    outages.length === 0 ? 'no outage' : counted(outages.length, 'outage'),
    ...(shortFailures.length > 0 ? [counted(shortFailures.length, 'short failure')] : []),
    ...(down > 0 ? [`${roundedDuration(down)} down`] : []),
    ...(unknown >= MINUTE_MS ? [`${roundedDuration(unknown)} not measured`] : []),
    failed === 0
      ? counted(tests, 'test')
      : `${failed.toLocaleString('en-US')} of ${counted(tests, 'test')} failed`,
  ].join(' · ');
}

function stageTable(stages: readonly StageFigures[]): Html {
  const heads = STAGE_NAMES.map((name) => html`<th class="number">${capital(name)}</th>`);
  const row = (head: string, text: (figures: StageFigures) => string) =>
    html`<tr><th scope="row">${head}</th>${stages.map((each) => html`<td class="number">${text(each)}</td>`)}</tr>`;
  const time = (ms: number | null) => (ms === null ? '-' : shortMs(ms));
  return html`<table class="stages"><thead><tr><td></td>${heads}</tr></thead><tbody>${[
    row('fastest', ({ min }) => time(min)),
    row('half took at most (p50)', ({ p50 }) => time(p50)),
    row('95 of 100 took at most (p95)', ({ p95 }) => time(p95)),
    row('99 of 100 took at most (p99)', ({ p99 }) => time(p99)),
    row('slowest', ({ max }) => time(max)),
    row('no reply (TIMEOUT)', ({ timeouts }) => timeouts.toLocaleString('en-US')),
    row('failed otherwise (ERROR)', ({ errors }) => errors.toLocaleString('en-US')),
  ]}</tbody></table>`;
}

function outageCard({ outages }: SiteReport, clock: Clock): Html {
  if (outages.length === 0)
    return html`<div class="card outages"><h3>Outages</h3><p class="quiet">None.</p></div>`;
  const latest = outages.toReversed();
  const table = (some: typeof latest) => outageTable(some, clock);
  const more = outages.length - IN_TEXT;
  const earlier =
    outages.length <= SHOWN
      ? html``
      : html`<details class="earlier"><summary>${counted(outages.length - SHOWN, 'earlier outage')}</summary>${table(latest.slice(SHOWN, IN_TEXT))}${more > 0 ? html`<p class="more small quiet">${more.toLocaleString('en-US')} more are shown only with JavaScript.</p>` : ''}</details>`;
  return html`<div class="card outages reached"><h3>Outages, latest first</h3>${table(latest.slice(0, SHOWN))}${earlier}</div>`;
}

/** Returns the failures that were too short for an outage; nothing if there are none. */
function shortFailureCard({ shortFailures }: SiteReport, clock: Clock): Html {
  if (shortFailures.length === 0) return html``;
  const latest = shortFailures.toReversed();
  const more = latest.length - IN_TEXT;
  const note =
    more > 0
      ? html`<p class="small quiet">${more.toLocaleString('en-US')} earlier ones are not listed.</p>`
      : '';
  return html`<div class="card outages short"><details><summary>${counted(latest.length, 'short failure')}, too few failed tests in a row for an outage</summary>${outageTable(latest.slice(0, IN_TEXT), clock)}${note}</details></div>`;
}

function outageTable(outages: readonly Outage[], clock: Clock): Html {
  const rows = outages.map((outage) => {
    const cells = outageCells(outage, clock).map(
      (text, index) => html`<td data-head="${OUTAGE_HEADS[index] ?? ''}">${text}</td>`,
    );
    return html`<tr>${cells}</tr>`;
  });
  return html`<table class="stack"><thead><tr><th>From</th><th>To</th><th>Duration</th><th>Tests</th><th>Failed stages</th><th>Cause</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
