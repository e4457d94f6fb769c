import { clockOf, dateOf, momentOf } from '../clock.ts';
import type { ChartData, PageData } from '../page-data.ts';
import { type Charts, createCharts } from './charts.ts';
import { completeOutages } from './outage-table.ts';
import { onThemeChange } from './theme.ts';
import { readData, type Site, unpack } from './unpack.ts';
import { createView } from './view.ts';

const page = readData<PageData>('page-data');
const clock = clockOf(page.offsets);
const view = createView(page);
const charts = new Map<Element, Charts>();

/** Returns a function that unpacks a site's data at its first call. */
function siteOf(section: Element): () => Site {
  let site: Site | undefined;
  return () => {
    site ??= unpack(readData<ChartData>(`data-${section.id}`), page);
    return site;
  };
}

const sites = new Map(
  [...document.querySelectorAll('section.site')].map((section) => [section, siteOf(section)]),
);

function draw(section: Element): void {
  const element = section.querySelector<HTMLElement>('.charts');
  const site = sites.get(section);
  if (element === null || site === undefined || charts.has(section)) return;
  charts.set(section, createCharts(element, site(), view, clock));
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) draw(target);
  },
  { rootMargin: '600px' },
);

for (const [section, site] of sites) {
  near.observe(section);
  completeOutages(section, site, { clock, after: page.after });
}

function showRange(): void {
  const words = document.querySelector('.view-range');
  if (words === null) return;
  const [from, to] = [clock.at(view.from * 1000), clock.at(view.to * 1000)];
  const days = view.to - view.from > 3 * 86_400;
  // Midnight at the end of a day still belongs to that day.
  const last = clock.at(view.to * 1000 - 1);
  words.textContent = days ? `${dateOf(from)} to ${dateOf(last)}` : `${momentOf(from)} to ${momentOf(to)}`;
}

const HOUR = 3600;
const MOVES: Readonly<Record<string, () => void>> = {
  all: () => view.show(view.whole.from, view.whole.to),
  month: () => view.show(view.to - 30 * 24 * HOUR, view.to),
  week: () => view.show(view.to - 7 * 24 * HOUR, view.to),
  day: () => view.show(view.to - 24 * HOUR, view.to),
  earlier: () => view.show(view.from - (view.to - view.from) / 2, view.to - (view.to - view.from) / 2),
  later: () => view.show(view.from + (view.to - view.from) / 2, view.to + (view.to - view.from) / 2),
};

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-move]')) {
  button.addEventListener('click', () => MOVES[button.dataset['move'] ?? '']?.());
}

view.onChange(() => {
  showRange();
  for (const each of charts.values()) each.follow();
});
showRange();

onThemeChange((paper) => {
  if (paper) {
    for (const section of sites.keys()) draw(section);
  }
  for (const each of charts.values()) each.restyle(paper);
});

/** What counts as near, in CSS pixels. */
const NEAR = 20;

/** Shows in the sticky bar which site is below it. */
function showSite(): void {
  const name = document.querySelector('.view-site');
  const bar = document.querySelector('nav.view');
  if (name === null || bar === null) return;
  const { top, bottom } = bar.getBoundingClientRect();
  // Far from the top of the window the bar stands where it belongs, above all sites. The name changes when the heading of a site is near.
  const edge = top > NEAR ? Number.NEGATIVE_INFINITY : bottom + 2 * NEAR;
  const above = [...sites.keys()].filter((section) => section.getBoundingClientRect().top <= edge);
  name.textContent = above.at(-1)?.querySelector('h2')?.textContent ?? '';
}

addEventListener('scroll', showSite, { passive: true });
showSite();

let width = innerWidth;
addEventListener('resize', () => {
  if (innerWidth === width) return;
  width = innerWidth;
  for (const each of charts.values()) each.restyle(matchMedia('print').matches);
});
document.documentElement.classList.add('ready');
