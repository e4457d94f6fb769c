import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import net, { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { openRelay } from '../../support/relay.ts';
import { PATIENT, until } from '../../support/until.ts';
import { type WorldProcess, worldUnavailable } from '../../support/world.ts';
import { writeDays } from '../../support/written-days.mjs';
import { browserUnavailable, startBrowser, type TestBrowser } from '../support/browser.ts';

// The built program tests sites in a world of its own, and a real browser outside of it follows its page.

/** Notes when the page first says that rome is down. */
const NOTE_DOWN = `new MutationObserver(() => {
  const states = [...document.querySelectorAll('.site')].filter((site) => site.querySelector('h3')?.textContent === 'rome');
  if (states.some((site) => site.querySelector('.state')?.classList.contains('down'))) globalThis.down ??= Date.now();
}).observe(document.body, { childList: true, subtree: true })`;

const reason = browserUnavailable() ?? worldUnavailable();
const PORT = 8069;
const HOSTILE = 'a <b> & "c"/d';
/** One address for the page and the metrics. */
const MORE = `frequency: 3\nweb: { listen: '127.0.0.1:${PORT}' }\nmetrics: { listen: '127.0.0.1:${PORT}' }`;
const SITES = ['oslo', 'rome', 'cairo', HOSTILE];
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

let world: MonitoredWorld;
let monitor: WorldProcess;
let browser: TestBrowser | undefined;
const behaviours = { oslo: 'works', rome: 'switched', cairo: 'works', [HOSTILE]: 'rejects' };
let way: net.Server;
let address: string;

beforeAll(async () => {
  if (reason !== undefined) return;
  world = createMonitoredWorld();
  const to = new Date(Math.floor(Date.now() / 1000) * 1000);
  const from = new Date(to.getTime() - 20 * 86_400_000);
  writeDays({ folder: world.at('results'), sites: SITES, from, to, frequency: 600, outagesPerDay: 0.5 });
  world.gateway('works');
  world.config(behaviours, MORE);
  monitor = world.monitor();
  const ask = await openRelay(world, [PORT]);
  await until('the page is there', () => ask(PORT, '/', { host: 'localhost' }));
  way = net
    .createServer((outside) => {
      const inside = net.connect(world.at(String(PORT)));
      outside.on('error', () => inside.destroy()).pipe(inside);
      inside.on('error', () => outside.destroy()).pipe(outside);
    })
    .listen(0, '127.0.0.1');
  await until('the way is open', () => way.listening);
  address = `http://127.0.0.1:${(way.address() as AddressInfo).port}`;
  browser = await startBrowser();
});
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterAll(async () => {
  await browser?.end();
  way?.close();
  world?.end();
});

async function open(path = '/', options: Parameters<TestBrowser['open']>[1] = {}) {
  if (browser === undefined) throw new Error('there is no browser');
  const opened = await browser.open(address + path, options);
  const card = (name: string) =>
    opened.page.locator('.site').filter({ has: opened.page.getByRole('link', { name, exact: true }) });
  return { ...opened, card };
}

const eventually = (look: () => Promise<unknown>) => expect.poll(look, PATIENT);

test('it follows the monitor without being loaded again, complains of nothing and asks nobody else', async () => {
  const { page, card, complaints, requests } = await open();
  await page.evaluate('globalThis.first = true');
  const state = (name: string) => async () => await card(name).locator('.state').textContent();
  await eventually(state('rome')).toBe('UP');
  await eventually(state(HOSTILE)).toBe('✖ DOWN');
  expect(await page.locator('section.group').first().locator('.site').count()).toBeGreaterThan(0);
  // The event with the cause is written after the row.
  await eventually(async () => await card(HOSTILE).textContent()).toContain('credentials-rejected: ');
  // The head and a card say which stage runs.
  await eventually(async () => await page.locator('.doing').textContent()).toContain('testing ');
  await eventually(async () => await page.locator('.step:not(:empty)').count()).toBeGreaterThan(0);
  await card('rome').getByRole('link').focus();
  const failures = () => world.csv().filter((row) => row.includes(',rome,FAILURE,')).length;
  const before = failures();
  await page.evaluate(NOTE_DOWN);
  world.gateway('rejects');
  await until('the row is on disk', () => failures() > before, { everyMs: 5 });
  const written = Date.now();
  await eventually(state('rome')).toBe('✖ DOWN');
  const shown = Number(await page.evaluate('globalThis.down'));
  // For docs/benchmarks.md. How long it takes depends on the machine.
  console.info(`an open page shows a result ${shown - written} ms after its row is on disk`);
  expect(await page.title()).toBe('2 DOWN · VPN gateways');
  expect(await page.locator('.counts').textContent()).toBe('2 up, 2 DOWN');
  // Who works with the keyboard stays where he was.
  await eventually(async () => await page.evaluate('document.activeElement.textContent')).toBe('rome');
  world.gateway('works');
  await eventually(state('rome')).toBe('UP');
  expect(await page.evaluate('globalThis.first')).toBe(true);
  expect(complaints).toEqual([]);
  expect(requests.filter((url) => !url.startsWith(`${address}/`) && !url.startsWith('data:'))).toEqual([]);
});

test('a reload of the config starts the page anew, and an open one stays where it is', async () => {
  const { page, card } = await open('/', { viewport: { width: 390, height: 500 } });
  await page.evaluate('globalThis.first = true; scrollTo(0, 200)');
  world.config({ ...behaviours, lima: 'works' }, MORE);
  monitor.signal('SIGHUP');
  await eventually(async () => await card('lima').locator('.state').textContent()).toBe('UP');
  expect(await page.evaluate('[globalThis.first, scrollY]')).toEqual([true, 200]);
  world.config(behaviours, MORE);
  monitor.signal('SIGHUP');
  await eventually(async () => await card('lima').count()).toBe(0);
});

test('a click opens a site, with charts, outages and what the client said last', async () => {
  const { page, card, complaints, requests } = await open();
  await card(HOSTILE).getByRole('link').click();
  await page.locator('.live.down').waitFor();
  expect(await page.locator('h1').textContent()).toBe(HOSTILE);
  await page.locator('section.site canvas').nth(2).waitFor();
  await page.locator('.live summary').click();
  await eventually(async () => await page.locator('.live pre').textContent()).toContain('Login failed');
  expect(await page.locator('table.stack').count()).toBeGreaterThan(1);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByText('Results as CSV').click(),
  ]);
  expect(readFileSync(await download.path(), 'utf8').split('\n')[0]).toBe(
    'Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms',
  );
  await page.getByRole('link', { name: 'All sites' }).click();
  await page.locator('.counts').waitFor();
  expect(complaints).toEqual([]);
  expect(requests.filter((url) => !url.startsWith(`${address}/`) && !url.startsWith('data:'))).toEqual([]);
});

test('a report is made on demand', async () => {
  const { page, complaints } = await open();
  await page.getByRole('button', { name: 'Make a report' }).click();
  await page.locator('section.site').first().waitFor();
  expect(await page.title()).toMatch(/^VPN gateways, /);
  expect(complaints).toEqual([]);
});

const WINDOWS = {
  desk: {},
  dark: { colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  wall: { viewport: { width: 3840, height: 2160 } },
} as const;

test.each(Object.entries(WINDOWS))('on a %s all fits, and axe-core finds nothing', async (name, options) => {
  for (const path of ['/', ...(name === 'phone' ? [`/site/${encodeURIComponent(HOSTILE)}`] : [])]) {
    const { page } = await open(path, options);
    const { width } = page.viewportSize() ?? { width: 0 };
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await page.evaluate(readFileSync(AXE, 'utf8'));
    const found = await page.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))',
    );
    expect(found).toEqual([]);
    if (path !== '/') continue;
    const background = await page.evaluate(
      'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]',
    );
    if (name === 'dark') expect(background).toBeLessThan(40);
    else expect(background).toBeGreaterThan(200);
    const letters = await page.evaluate('parseFloat(getComputedStyle(document.body).fontSize)');
    // To be read across a room.
    if (name === 'wall') expect(letters).toBeGreaterThanOrEqual(24);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toMatch(/^site-\d$/);
  }
});

test('without scripts it is a page that loads itself again', async () => {
  const { page } = await open('/', { javaScriptEnabled: false });
  expect(await page.locator('body').innerText()).toMatch(/\d up/);
  expect(await page.locator('meta[http-equiv=refresh]').getAttribute('content')).toBe('30');
  expect(await page.locator('.site').count()).toBe(4);
});

test('without events it asks every few seconds; without a monitor it says so', async () => {
  if (browser === undefined) throw new Error('there is no browser');
  const { page } = await browser.open(`${address}/`);
  let polls = 0;
  await page.route('**/api/events', (route) => route.fulfill({ status: 503 }));
  page.on('request', (request) => {
    if (request.isNavigationRequest() || !request.url().endsWith('/')) return;
    polls += 1;
  });
  await page.reload();
  await eventually(async () => polls).toBeGreaterThan(1);
  await page.route('**/', (route) => route.abort());
  await eventually(async () => await page.locator('.lost').textContent()).toMatch(
    /^No contact with the monitor since \d\d:\d\d$/,
  );
});
