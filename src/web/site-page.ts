import type { DayRows } from '../history/read-days.ts';
import type { SiteStatus } from '../history/site-status.ts';
import type { Assets } from '../report/assets.ts';
import { gather } from '../report/gather.ts';
import { type Html, html } from '../report/html.ts';
import { page } from '../report/page.ts';
import { partsOf } from '../report/parts.ts';
import { asctime, csvLine, HEADER } from '../results/csv-row.ts';
import { remarks, sinceInWords } from '../ui/status-words.ts';
import { DAY_MS } from '../words/time.ts';
import { PLAIN, pathOf } from './live-page.ts';
import type { Snapshot } from './live-status.ts';

const DAYS = 30;

/** What the page of a site shows besides its results. */
export interface SitePageOptions {
  readonly snapshot: Snapshot;
  /** The end of the client's redacted output at the last log-in that failed; `undefined`: there was none. */
  readonly transcript: string | undefined;
  readonly step: string | undefined;
  readonly after: number;
  readonly frequencyMs: number;
  readonly hostname: string;
  readonly version: string;
  readonly assets: Assets;
}

/** Returns the page of a site: its state, and what a report says of it for 30 days. */
export function sitePage(site: SiteStatus, options: SitePageOptions): string {
  const { snapshot, after, frequencyMs, hostname, version, assets } = options;
  const { now } = snapshot;
  const days = rowsOfSite(snapshot.days, site.name);
  const first = days[0]?.rows[0]?.time ?? now - DAY_MS;
  const range = { from: Math.max(first, now - DAYS * DAY_MS), to: now };
  const parts = partsOf(range);
  const reports = gather(days, { range, parts, after, frequencyMs, sites: 1 });
  return [
    ...page(reports, {
      range,
      parts,
      after,
      now,
      hostname,
      version,
      assets,
      title: site.name,
      target: undefined,
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      intro: intro(site, options),
      notes: [],
    }),
  ].join('');
}

function intro(site: SiteStatus, { snapshot, transcript, step }: SitePageOptions): Html {
  const { now, mailsKnown } = snapshot;
  const words = remarks(site, { now, screen: PLAIN, mailsKnown }).map(
    (each) => html`<li>${each.trim()}</li>`,
  );
  const since = `${site.unknown === null ? 'since ' : ''}${sinceInWords(site, now)}`;
  const output =
    transcript === undefined
      ? ''
      : html`<details><summary>The end of the client's output at the last failed log-in</summary><pre tabindex="0">${transcript}</pre></details>`;
  return html`<nav aria-label="Pages"><a href="/">All sites</a> · <a href="${pathOf(site.name)}/rows.csv">Results as CSV</a></nav>
<div class="card live ${site.now}"><p><strong>${site.now.toUpperCase()}</strong> ${since}${step === undefined ? '' : ` · now: ${step}`}</p>${words.length > 0 ? html`<ul>${words}</ul>` : ''}${output}</div>
`;
}

/** Returns the results of a site as a CSV file, as far as the page shows them. */
export function siteCsv(days: readonly DayRows[], site: string): string {
  const lines = rowsOfSite(days, site).flatMap(({ rows }) =>
    rows.map(({ time, failed, stages }) =>
      csvLine([
        asctime(new Date(time)),
        site,
        failed ? 'FAILURE' : 'SUCCESS',
        ...stages.map((value) => (typeof value === 'number' ? value.toFixed(3) : value)),
      ]),
    ),
  );
  return `${HEADER}\n${lines.join('')}`;
}

function rowsOfSite(days: readonly DayRows[], site: string): readonly DayRows[] {
  return days.flatMap(({ day, rows }) => {
    const ofSite = rows.filter((row) => row.site === site);
    return ofSite.length === 0 ? [] : [{ day, rows: ofSite }];
  });
}
