import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { MAIN } from '../../support/paths.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { PATIENT, until } from '../../support/until.ts';
import { writeDays } from '../../support/written-days.mjs';
import { browserUnavailable, startBrowser, type TestBrowser } from '../support/browser.ts';

// The built program writes a report of four days, one of which has 23 hours, and a real browser of another time zone shows it.

const reason = browserUnavailable();
const HOSTILE = '"</script><script>alert(1)</script><img src=x onerror=alert(2)>"';
const DAYS = ['Fri Mar 27', 'Sat Mar 28', 'Sun Mar 29', 'Mon Mar 30'];

let folder: string;
let file: string;
let browser: TestBrowser | undefined;

/** Tests every ten minutes: `steady` takes 1.5 s to log in; `flapping` fails every other time, and on Monday nothing was measured. */
function rows(): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const [index, day] of DAYS.entries()) {
    const lines = ['Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms'];
    for (let minute = 0; minute < 1440; minute += 10) {
      // Sunday's clock goes from 01:59 to 03:00.
      if (index === 2 && minute >= 120 && minute < 180) continue;
      const time = `${day} ${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00 2026`;
      const down = index === 1 && minute >= 600 && minute < 720;
      lines.push(`${time},steady,${down ? 'FAILURE,5.123,ERROR,TIMEOUT' : 'SUCCESS,5.123,1500,12.3'}`);
      if (index < 3)
        lines.push(`${time},flapping,${minute % 20 === 0 ? 'SUCCESS,5,900,12' : 'FAILURE,TIMEOUT,900,12'}`);
      if (index === 0) lines.push(`${time},${HOSTILE},SUCCESS,1,2,3`);
    }
    files.set(`result_2603${27 + index}.csv`, lines);
  }
  return files;
}

beforeAll(async () => {
  if (reason !== undefined) return;
  folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-report-'));
  file = path.join(folder, 'report.html');
  for (const [name, lines] of rows()) appendFileSync(path.join(folder, name), `${lines.join('\n')}\n`);
  writeFileSync(
    path.join(folder, 'config.yml'),
    `frequency: 600
logging: { dir: ., file: result }
alerts: { after: 1 }
sites: { steady: { external_ip: 192.0.2.1, vpn_gw: a.example, internal_ip: 192.0.2.2, realm: r, username: u, password: "p", timeout: 60 } }
`,
    { mode: 0o600 },
  );
  const args = ['report', '--from', '2026-03-27', '--to', '2026-03-30', '--output', file];
  execFileSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...process.env, TZ: 'Europe/Berlin' },
  });
  browser = await startBrowser();
});
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterAll(async () => {
  await browser?.end();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** Looks until it is so, with a deadline that also a slow machine keeps. */
const eventually = (look: () => Promise<unknown>) => expect.poll(look, PATIENT);

/** Opens the report at the section of a site, its charts drawn. */
async function openAt(site: string, options: Parameters<TestBrowser['open']>[1] = {}) {
  if (browser === undefined) throw new Error('there is no browser');
  const opened = await browser.open(file, { timezoneId: 'America/New_York', ...options });
  const section = opened.page
    .locator('section.site')
    .filter({ has: opened.page.getByRole('heading', { name: site, exact: true }) });
  await section.scrollIntoViewIfNeeded();
  await section.locator('canvas').nth(2).waitFor();
  return {
    ...opened,
    section,
    over: section.locator('.pane.log-in .u-over'),
    range: opened.page.locator('.view-range'),
  };
}

const WHOLE = 'Fri 27 Mar 2026 to Mon 30 Mar 2026';

/** Drags over a chart, from one part of its width to another. */
async function drag(page: Page, over: ReturnType<Page['locator']>, from: number, to: number): Promise<void> {
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  if (box === null) throw new Error('the chart is not there');
  await page.mouse.move(box.x + box.width * from, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, box.y + 60, { steps: 5 });
  await page.mouse.up();
}

/** How much of a canvas is painted in a colour that is more red than blue, and the other way, in parts of its pixels. */
async function paint(
  canvas: ReturnType<Page['locator']>,
): Promise<{ readonly red: number; readonly blue: number }> {
  return await canvas.evaluate((element) => {
    // It runs in the page, where there are canvases.
    const canvas = element as unknown as {
      width: number;
      height: number;
      getContext(kind: string): { getImageData(...box: number[]): { data: Uint8ClampedArray } };
    };
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let [red, blue] = [0, 0];
    for (let index = 0; index < data.length; index += 4) {
      const [r = 0, , b = 0, alpha = 0] = data.subarray(index, index + 4);
      if (alpha < 40) continue;
      if (r > b + 60) red += 1;
      if (b > r + 60) blue += 1;
    }
    return { red: red / (data.length / 4), blue: blue / (data.length / 4) };
  });
}

test('it draws each stage, marks its failures, complains of nothing and fetches nothing', async () => {
  const { page, section, complaints, requests } = await openAt('steady');
  const [outside, login] = [
    section.locator('.pane.ping-outside canvas'),
    section.locator('.pane.log-in canvas'),
  ];
  const [first, second] = [await paint(outside), await paint(login)];
  for (const painted of [first, second]) expect(painted.blue).toBeGreaterThan(0.002);
  // Of the stages only log-in and ping inside failed.
  expect(first.red).toBe(0);
  expect(second.red).toBeGreaterThan(0.002);
  for (const site of await page.locator('section.site').all()) {
    await site.scrollIntoViewIfNeeded();
    await site.locator('canvas').nth(2).waitFor();
  }
  expect(complaints).toEqual([]);
  expect(requests).toEqual([`file://${file}`]);
});

test("a site's name is text, whatever it says", async () => {
  const name = HOSTILE.slice(1, -1);
  const { page, section, complaints } = await openAt(name);
  expect(await section.locator('h2').textContent()).toBe(name);
  expect(await page.locator('.sites a').allTextContents()).toContain(name);
  expect(complaints).toEqual([]);
});

test('it says what the mouse points at, in the time of the monitor', async () => {
  const { page, over, section } = await openAt('steady');
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  if (box === null) throw new Error('the chart is not there');
  const readout = section.locator('.readout');
  const idle = await readout.textContent();
  // 95 hours from Friday 00:00: 12:00 on Friday, 11:00 on Saturday, 12:00 on Sunday, which is an hour earlier.
  const words = [
    [12, 'Fri 27 Mar 2026, 12:00|ping outside 5.12 ms|log in 1.50 s|ping inside 12.3 ms'],
    [35, 'Sat 28 Mar 2026, 11:00|ping outside 5.12 ms|log in failed|ping inside failed'],
    [59, 'Sun 29 Mar 2026, 12:00|ping outside 5.12 ms|log in 1.50 s|ping inside 12.3 ms'],
  ] as const;
  for (const [hour, expected] of words) {
    await page.mouse.move(box.x + (box.width * hour) / 95, box.y + 40);
    await eventually(async () => (await readout.locator('span').allTextContents()).join('|')).toBe(expected);
  }
  await page.mouse.move(5, 5);
  await eventually(async () => await readout.textContent()).toBe(idle);
});

test('it says where nothing was measured', async () => {
  const { page, over, section } = await openAt('flapping');
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  if (box === null) throw new Error('the chart is not there');
  await page.mouse.move(box.x + box.width * 0.95, box.y + 40);
  await eventually(async () => await section.locator('.readout span').last().textContent()).toBe(
    'not measured',
  );
});

test('dragging looks closer at all sites, buttons move on, a double click shows all', async () => {
  const { page, over, range, section, complaints } = await openAt('steady');
  expect(await range.textContent()).toBe(WHOLE);
  await drag(page, over, 0.25, 0.5);
  await eventually(async () => await range.textContent()).toMatch(
    /^Fri 27 Mar 2026, 23:\d\d to Sat 28 Mar 2026, 23:\d\d$/,
  );
  // The outage is wider now.
  expect((await paint(section.locator('.pane.log-in canvas'))).red).toBeGreaterThan(0.01);
  await page.getByRole('button', { name: 'show 24 hours' }).click();
  const day = await range.textContent();
  await page.getByRole('button', { name: 'later' }).click();
  await eventually(async () => await range.textContent()).not.toBe(day);
  await page.getByRole('button', { name: 'show 7 days' }).click();
  expect(await range.textContent()).toBe(WHOLE);
  await drag(page, over, 0.9, 0.6);
  await eventually(async () => await range.textContent()).not.toBe(WHOLE);
  await over.dblclick();
  await eventually(async () => await range.textContent()).toBe(WHOLE);
  expect(complaints).toEqual([]);
});

test('the outages that are shown on demand', async () => {
  const { section } = await openAt('flapping');
  const rows = section.locator('.outages tbody tr:visible');
  expect(await rows.count()).toBe(10);
  await section.locator('details.earlier summary').click();
  await eventually(async () => await rows.count()).toBe(213);
  expect(await rows.last().locator('td').allTextContents()).toEqual([
    'Fri 27 Mar 2026, 00:10',
    '00:20',
    '10 min',
    '1',
    'ping outside',
    '-',
  ]);
});

test('dark, on a phone and on paper', async () => {
  const { page, section, complaints } = await openAt('steady', {
    colorScheme: 'dark',
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
  });
  const background = async () =>
    await page.evaluate('getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]');
  expect(await background()).toBeLessThan(40);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  await section.locator('.pane.log-in .u-over').tap({ position: { x: 30, y: 40 } });
  await eventually(async () => await section.locator('.readout span').first().textContent()).toMatch(
    /^Fri 27 Mar 2026, /,
  );
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await background()).toBeGreaterThan(200);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  expect(await background()).toBe(255);
  // What was never scrolled to is printed too.
  await eventually(async () => await page.locator('section.site canvas').count()).toBe(9);
  expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(20_000);
  expect(complaints).toEqual([]);
});

test('the bar at the top names the site below it, and leads back', async () => {
  const { page } = await openAt('steady');
  const name = page.locator('.view-site');
  for (const section of await page.locator('section.site').all()) {
    await section.evaluate((element) => element.scrollIntoView());
    await eventually(async () => await name.textContent()).toBe(await section.locator('h2').textContent());
  }
  await page.locator('nav.view a').click();
  await eventually(async () => await page.evaluate('scrollY')).toBe(0);
  await eventually(async () => await name.textContent()).toBe('');
});

test('without scripts all but the charts is there', async () => {
  if (browser === undefined) throw new Error('there is no browser');
  const { page } = await browser.open(file, { javaScriptEnabled: false });
  const text = await page.locator('body').innerText();
  expect(text).toContain('The charts of each stage need JavaScript, which is off here.');
  expect(text).toContain('Sat 28 Mar 2026, 10:00');
  expect(text).toMatch(/\(p95\)\s+5\.12 ms\s+1\.50 s\s+12\.3 ms/);
  // Instead of charts and buttons that would do nothing.
  expect(await page.locator('svg.logins').count()).toBe(3);
  expect(await page.locator('.charts, nav.view').filter({ visible: true }).count()).toBe(0);
});

test('nothing but the report was written', () => {
  expect(readdirSync(folder).sort()).toEqual([
    'config.yml',
    'report.html',
    ...[27, 28, 29, 30].map((day) => `result_2603${day}.csv`),
  ]);
});

test('twelve sites of a month are at most 13 pages of A4, and the charts have the font of the page', async () => {
  if (browser === undefined) throw new Error('there is no browser');
  const home = temporaryFolder();
  const sites = Array.from({ length: 12 }, (_, index) => `site-${index + 1}`);
  const [from, to] = [new Date('2026-03-01T00:00:00Z'), new Date('2026-03-31T00:00:00Z')];
  writeDays({ folder: home, sites, from, to, frequency: 1800, outagesPerDay: 0.5 });
  cpSync(path.join(folder, 'config.yml'), path.join(home, 'config.yml'));
  const output = path.join(home, 'report.html');
  const args = [
    'report',
    '--from',
    '2026-03-01',
    '--to',
    '2026-03-31',
    '--output',
    output,
    '--target',
    '99.9',
  ];
  execFileSync(process.execPath, [MAIN, ...args], { cwd: home });
  const { page } = await browser.open(output);
  const ofPage = await page.evaluate('getComputedStyle(document.body).fontFamily');
  await page.locator('section.site').first().scrollIntoViewIfNeeded();
  const canvas = page.locator('section.site canvas').nth(2);
  await canvas.waitFor();
  const ofCharts = await canvas.evaluate(
    (element) => (element as unknown as { getContext(kind: '2d'): { font: string } }).getContext('2d').font,
  );
  // A browser writes the names of a font without needless quotes.
  const first = (families: string) => families.split(',')[0]?.replace(/^[\d.]+px /, '');
  expect(first(ofCharts)).toBe(first(String(ofPage)));
  const pdf = await page.pdf({
    format: 'A4',
    margin: { top: '1cm', bottom: '1cm', left: '1cm', right: '1cm' },
  });
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) ?? [];
  expect(pages.length).toBeGreaterThan(6);
  expect(pages.length).toBeLessThanOrEqual(13);
});

test('a report that waits for its reader ends by a signal', async () => {
  const home = temporaryFolder();
  for (const name of readdirSync(folder))
    if (/\.(?:csv|yml)$/.test(name)) cpSync(path.join(folder, name), path.join(home, name));
  const fifo = path.join(home, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const child = spawn(
    process.execPath,
    [
      MAIN,
      'report',
      '-c',
      path.join(home, 'config.yml'),
      '--from',
      '2026-03-27',
      '--to',
      '2026-03-30',
      '--output',
      fifo,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  try {
    // It waits in open(2) for the other end of the pipe.
    await until('it waits', () => /^(?:2|56|257) /.test(readFileSync(`/proc/${child.pid}/syscall`, 'utf8')));
    child.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
  } finally {
    child.kill('SIGKILL');
  }
});
