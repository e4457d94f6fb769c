import { shareInWords, shareUp } from '../history/availability.ts';
import type { SiteBars } from '../history/site-bars.ts';
import type { SiteStatus } from '../history/site-status.ts';
import { type Html, html } from '../report/html.ts';
import type { Screen } from '../ui/screen.ts';
import { stateCounts, worstFirst } from '../ui/status-head.ts';
import { lastValues, remarks, sinceInWords } from '../ui/status-words.ts';
import { counted } from '../words/numbers.ts';
import { oneLine, printable } from '../words/printable.ts';
import { durationInWords, shortMs } from '../words/time.ts';
import { columns, line } from './bars.ts';
import type { Doing, Snapshot } from './live-status.ts';

/** What the page shows besides the state of the sites. */
export interface LivePageOptions {
  readonly doing: Doing;
  /** The current time, in ms since the epoch. */
  readonly now: number;
  readonly hostname: string;
  readonly disabled: readonly string[];
}

/** Words for a page: a terminal's colours are not for it. */
export const PLAIN: Pick<Screen, 'paint'> = { paint: (_, text) => text };

const HEADS = { down: 'Down', unknown: 'Unknown', up: 'Up' } as const satisfies Record<
  SiteStatus['now'],
  string
>;
/** A state that is readable without colours. */
const SIGNS = { down: '✖ DOWN', unknown: '? UNKNOWN', up: 'UP' } as const satisfies Record<
  SiteStatus['now'],
  string
>;

/** The address of a site's own page. */
export function pathOf(site: string): string {
  return `/site/${encodeURIComponent(site)}`;
}

/** The title of the page: `2 DOWN · VPN gateways`. */
export function liveTitle({ sites }: Snapshot): string {
  const down = sites.filter(({ now }) => now === 'down').length;
  return `${down > 0 ? `${down} DOWN · ` : ''}VPN gateways`;
}

/** What the monitor is doing: `testing site1: log in`, `next cycle in 3 min`. */
export function doingInWords({ steps, next }: Doing, now: number): string {
  const tests = [...steps].map(([site, words]) => `${site}: ${words}`);
  if (tests.length > 3) return `testing ${counted(tests.length, 'site')}`;
  if (tests.length > 0) return `testing ${tests.join(', ')}`;
  if (next === null) return 'a cycle is running';
  return next <= now ? 'next cycle now' : `next cycle in ${durationInWords(next - now)}`;
}

/** Returns the body of the page: how every site is now, those that are down first. */
export function livePage(snapshot: Snapshot, options: LivePageOptions): Html {
  const { doing, now, hostname, disabled } = options;
  const { faults, doubts, mailsWaiting } = snapshot;
  const places = new Map(snapshot.sites.map(({ name }, index) => [name, index]));
  const sites = worstFirst(snapshot.sites);
  const groups = (['down', 'unknown', 'up'] as const).map((state) => {
    const ofState = sites.filter((site) => site.now === state);
    if (ofState.length === 0) return html``;
    const cards = ofState.map((site) =>
      siteCard(site, { place: places.get(site.name) ?? 0, snapshot, doing }),
    );
    return html`<section class="group ${state}"><h2>${HEADS[state]} <span class="quiet">${ofState.length}</span></h2><ul class="sites">${cards}</ul></section>`;
  });
  const notices = [
    ...faults.map(({ kind, words }) => {
      const what = kind === 'records' ? "can't keep its results" : 'cannot test';
      return html`<li class="fault">The monitor on this host ${what}: ${printable(oneLine(words))}</li>`;
    }),
    ...(mailsWaiting > 0
      ? [
          html`<li class="fault">${counted(mailsWaiting, 'message')} ${mailsWaiting === 1 ? 'waits' : 'wait'} to be delivered.</li>`,
        ]
      : []),
    ...doubts.map((words) => html`<li>${printable(oneLine(words))}</li>`),
    ...(disabled.length > 0 ? [html`<li>Disabled, not tested: <bdi>${disabled.join(', ')}</bdi></li>`] : []),
  ];
  return html`<header>
<h1>VPN gateways</h1>
<p class="counts" role="status">${snapshot.sites.length === 0 ? 'No site is enabled.' : stateCounts(sites, PLAIN)}</p>
<p class="doing quiet">${doingInWords(doing, now)}</p>
<p class="where quiet">tested from <bdi>${hostname}</bdi></p>
<p class="lost" role="alert"></p>
</header>
<main data-number="${snapshot.number}">
${notices.length > 0 ? html`<ul class="notices">${notices}</ul>` : ''}${groups}
</main>
<footer><form action="/report"><label>from <input type="date" name="from"></label> <label>to <input type="date" name="to"></label> <button>Make a report</button></form></footer>`;
}

interface CardOptions {
  readonly place: number;
  readonly snapshot: Snapshot;
  readonly doing: Doing;
}

function siteCard(site: SiteStatus, { place, snapshot, doing }: CardOptions): Html {
  const { now, mailsKnown } = snapshot;
  const step = doing.steps.get(site.name);
  const since = snapshot.isPart ? sinceInPart(site, now) : sinceInWords(site, now);
  const notes = remarks(site, { now, screen: PLAIN, mailsKnown }).map(
    (words) => html`<li>${words.trim()}</li>`,
  );
  const bars = snapshot.bars.get(site.name);
  return html`<li class="site"><h3><a href="${pathOf(site.name)}" id="site-${place}"><bdi>${site.name}</bdi></a></h3><p class="state ${site.now}">${SIGNS[site.now]}</p><p class="since">${site.unknown === null ? 'since ' : ''}${since}</p><p class="step" data-site="${place}">${step ?? ''}</p>${notes.length > 0 ? html`<ul class="remarks">${notes}</ul>` : ''}${bars === undefined ? '' : history(site, bars, snapshot.isPart)}</li>`;
}

/** {@link sinceInWords} for a site of which only the last 24 hours are known. */
function sinceInPart(site: SiteStatus, now: number): string {
  if (site.unknown === 'never') return 'no result in 24 h';
  return site.earlier ? 'more than 24 h ago' : sinceInWords(site, now);
}

function history(site: SiteStatus, { hours, days }: SiteBars, isPart: boolean): Html {
  const [day, , month] = site.availability.map((each) => shareInWords(shareUp(each)));
  const times = site.trend.map(({ ms }) => ms);
  const [, login = '-'] = lastValues(site);
  const ofMonth = isPart
    ? html`<dd class="quiet">being read</dd>`
    : html`<dd>${columns(days, `30 d, by day: ${month ?? ''} up`)}<span>${month ?? ''}</span></dd>`;
  return html`<dl><dt>24 h</dt><dd>${columns(hours, `24 h, by hour: ${day ?? ''} up`)}<span>${day ?? ''}</span></dd><dt>30 d</dt>${ofMonth}<dt>log in</dt><dd>${line(times, rangeInWords(times))}<span>${login}</span></dd></dl>`;
}

function rangeInWords(times: readonly (number | null)[]): string {
  const known = times.filter((ms) => ms !== null);
  if (known.length === 0) return 'no log-in in 24 h';
  return `log-in times of 24 h: ${shortMs(Math.min(...known))} to ${shortMs(Math.max(...known))}`;
}

/** The steps of the tests by the places of their sites, for a page that is open. */
export function stepsByPlace({ steps }: Doing, sites: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    sites.flatMap((name, place) => {
      const step = steps.get(name);
      return step === undefined ? [] : [[place, step]];
    }),
  );
}
