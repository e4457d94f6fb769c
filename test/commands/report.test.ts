import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/cli.ts';
import { HEADER } from '../../src/results/csv-row.ts';
import { createHome, createShell, type Home } from './support.ts';

const NOW = new Date('2026-11-23T12:00:00Z');

beforeEach(() => vi.stubEnv('TZ', 'UTC'));
afterEach(() => vi.unstubAllEnvs());

/** Runs `report`, the output in the home's folder. */
async function report(home: Home, ...args: string[]) {
  const shell = createShell(home, { system: { now: () => NOW } });
  const output = home.at('report.html');
  const status = await main(['report', '-c', home.config, '--output', output, ...args], shell);
  return {
    status,
    out: shell.screen.stdout().replaceAll(home.folder, ''),
    err: shell.screen.stderr().replaceAll(home.folder, ''),
    page: existsSync(output) ? readFileSync(output, 'utf8') : '',
  };
}

/** A file of one day of November 2026 with a test of each site at every full hour, from `first` on. */
function day(home: Home, day: number, sites: readonly string[], first = 0, values = '5,157,12'): void {
  mkdirSync(home.at('results'), { recursive: true });
  const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(2026, 10, day).getDay()];
  const rows = Array.from({ length: 24 - first }, (_, index) =>
    String(first + index).padStart(2, '0'),
  ).flatMap((hour) =>
    sites.map(
      (site) =>
        `${weekday} Nov ${String(day).padStart(2)} ${hour}:00:00 2026,${site},${/[TE]/.test(values) ? 'FAILURE' : 'SUCCESS'},${values}`,
    ),
  );
  writeFileSync(
    home.at('results', `result_2611${String(day).padStart(2, '0')}.csv`),
    `${[HEADER, ...rows].join('\n')}\n`,
  );
}

const hourly = { frequency: '3600' };
const between = (text: string, start: string, end: string) => text.split(start)[1]?.split(end)[0] ?? '';

test('writes the figures as text, too', async () => {
  const home = createHome({ site1: 'works' }, hourly);
  day(home, 20, ['site1', 'site2']);
  day(home, 21, ['site1']);
  day(home, 21, ['site2'], 0, '5,ERROR,TIMEOUT');
  const { status } = await report(home, '--to', '2026-11-21', '--summary', home.at('report.txt'));
  expect(status).toBe(0);
  expect(readFileSync(home.at('report.txt'), 'utf8')).toBe(`66.66 % available, 1 outage

Sites, worst first:
  site2: 50.00 % available, 1 outage, 24 h down
  site1: 100 % available, no outage, 24 h not measured

Outages, latest first:
  site2: Sat 21 Nov 2026, 00:00 to ongoing at the end (at least 24 h): failed: log in, ping inside
`);
});

test('writes one file with its sites and days', async () => {
  const home = createHome({ site1: 'works' }, hourly);
  for (const each of [10, 11, 12]) day(home, each, ['site1', 'site2']);
  const { status, out, err, page } = await report(home);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^\/report\.html: 2026-11-10 to 2026-11-23, 2 sites, \d+ kB\n$/);
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page).toContain('<title>VPN gateways, 10 Nov to 23 Nov 2026</title>');
  expect(
    [...page.matchAll(/<section class="site" id="([^"]+)">\n<h2><bdi>([^<]+)/g)].map((each) => each.slice(1)),
  ).toEqual([
    ['site-1', 'site1'],
    ['site-2', 'site2'],
  ]);
  expect(readdirSync(home.folder).sort()).toEqual([
    'config.yml',
    'report.html',
    'results',
    'simulated-client',
  ]);
  expect(readdirSync(home.at('results'))).toHaveLength(3);
});

describe('the days', () => {
  const home = () => {
    const made = createHome({ site1: 'works' }, hourly);
    for (const each of [1, 10, 11, 12, 23]) day(made, each, ['site1']);
    return made;
  };

  test.each([
    [[], '2026-11-01 to 2026-11-23'],
    [['--from', '2026-11-10', '--to', '2026-11-11'], '2026-11-10 to 2026-11-11'],
    [['--from', '2026-11-2', '--to', '2026-11-12'], '2026-11-10 to 2026-11-12'],
    [['--to', '2026-11-01'], '2026-11-01 to 2026-11-01'],
    [['--from', '2026-11-23', '--to', '2027-01-01'], '2026-11-23 to 2026-11-23'],
    [['--from', '1999-01-01'], '2026-11-01 to 2026-11-23'],
  ])('%j', async (args, days) => {
    expect(await report(home(), ...args)).toMatchObject({ status: 0, out: expect.stringContaining(days) });
  });

  test.each([
    [
      ['--from', 'yesterday'],
      "error: option '--from <day>' argument 'yesterday' is invalid. Expected a day as 2026-10-01.\n",
      2,
    ],
    [
      ['--from', '01.10.2026'],
      "error: option '--from <day>' argument '01.10.2026' is invalid. Expected a day as 2026-10-01.\n",
      2,
    ],
    [
      ['--to', '2026-02-30'],
      "error: option '--to <day>' argument '2026-02-30' is invalid. There is no such day.\n",
      2,
    ],
    [
      ['--from', '2026-11-12', '--to', '2026-11-10'],
      'error: --from 2026-11-12 is after --to 2026-11-10\n',
      2,
    ],
    [
      ['--from', '2026-12-01', '--to', '2026-12-02'],
      'error: no results from 2026-12-01 to 2026-12-02 in /results: it has files from 2026-11-01 to 2026-11-23\n',
      1,
    ],
    [
      ['--from', '2026-11-14', '--to', '2026-11-15'],
      'error: no results from 2026-11-14 to 2026-11-15 in /results: it has files from 2026-11-01 to 2026-11-23\n',
      1,
    ],
  ])('%j is refused', async (args, err, status) => {
    expect(await report(home(), ...args)).toEqual({ status, out: '', err, page: '' });
  });

  test('the future is no part of it', async () => {
    const made = createHome({ site1: 'works' }, hourly);
    day(made, 23, ['site1'], 10);
    const { page } = await report(made);
    expect(JSON.parse(between(page, 'id="page-data">', '</script>'))).toEqual({
      from: Date.parse('2026-11-23T10:00:00Z') / 1000,
      to: NOW.getTime() / 1000,
      offsets: [[Date.parse('2026-11-23T10:00:00Z') / 1000, 0]],
      after: 2,
    });
    expect(page).toContain('<p class="facts">100 % available · no outage · 2 tests</p>');
  });
});

test('it was made at the time that the clock showed then, also after a change to winter time', async () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  const home = createHome({ site1: 'works' }, hourly);
  mkdirSync(home.at('results'));
  const row = 'Sat Oct 10 12:00:00 2026,site1,SUCCESS,5,157,12';
  writeFileSync(home.at('results', 'result_261010.csv'), `${HEADER}\n${row}\n`);
  const { page } = await report(home, '--from', '2026-10-10', '--to', '2026-10-10');
  expect(page).toContain(' (Europe/Berlin). Made on Mon 23 Nov 2026, 13:00 by');
});

test('nothing to report of', async () => {
  const home = createHome({ site1: 'works' });
  const none =
    /^error: no results from 2026-10-25 to 2026-11-23 in \/results: there is no result_YYMMDD\.csv\n$/;
  expect(await report(home)).toMatchObject({ status: 1, out: '', err: expect.stringMatching(none) });
  mkdirSync(home.at('results'));
  writeFileSync(home.at('results', 'result_261123.csv'), `${HEADER}\n`);
  expect(await report(home)).toMatchObject({
    status: 1,
    err: expect.stringContaining('error: no results from'),
  });
});

test.each([
  ['the first day of all begins with its first row', [11, 12], '', '0 of the time'],
  ['so it does if it is asked for', [11, 12], '2026-11-11', '0 of the time'],
  ['a later day begins at midnight', [10, 11, 12], '2026-11-11', '33.3 % of the time'],
])('%s', async (_, days, from, unknown) => {
  const home = createHome({ site1: 'works' }, hourly);
  for (const each of days) day(home, each, ['site1'], each === 12 ? 0 : 16);
  const { page } = await report(home, ...(from === '' ? [] : ['--from', from]), '--to', '2026-11-12');
  const text = page.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  expect(text.includes(`Not measured ${unknown}`)).toBe(true);
});

test('figures, outages and remarks about the files, as text', async () => {
  const home = createHome({ site1: 'works' }, hourly);
  day(home, 10, ['site1']);
  day(home, 11, ['site1'], 0, '5,ERROR,TIMEOUT');
  day(home, 12, ['site1']);
  writeFileSync(home.at('results', 'result_261113.csv'), '<b>hello</b>\n');
  const { page, err } = await report(home, '--to', '2026-11-12');
  const text = page
    .replace(/<style>.*<\/style>|<script.*?<\/script>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
  expect(text).toContain('site1 was up 66.66 % of the measured time.');
  expect(text).toContain('Outages 1 24 of 72 tests failed');
  expect(text).toContain('Longest outage 24 h site1 , from Wed 11 Nov 2026, 00:00');
  expect(text).toContain('Not measured 0 of the time');
  expect(text).toContain('Wed 11 Nov 2026, 00:00 Thu 12 Nov 2026, 00:00 24 h 24 log in, ping inside');
  expect(text).toContain('fastest 5.00 ms 157 ms 12.0 ms half took at most (p50) 5.00 ms');
  expect(text).toContain('no reply (TIMEOUT) 0 0 24 failed otherwise (ERROR) 0 24 0');
  expect(err).toBe(
    "note: can't read result_261113.csv: no line of it is a row; the first: result_261113.csv:1: <b>hello</b>\n",
  );
  expect(text).toContain('no line of it is a row; the first: result_261113.csv:1: &lt;b&gt;hello&lt;/b&gt;');
});

test('nothing is fetched, and only what is in the file may run', async () => {
  const home = createHome({ site1: 'works' }, hourly);
  day(home, 12, ['site1', '"</script><script>alert(1)</script>"', '"a ""quoted"" <b onclick=x>"']);
  const { page } = await report(home);
  const policy = between(page, 'http-equiv="Content-Security-Policy" content="', '"');
  expect(policy).toMatch(
    /^default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src 'sha256-[^ ]+'; script-src 'sha256-[^ ]+' 'sha256-[^ ]+'$/,
  );
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = '']) => text);
  expect(scripts).toHaveLength(2);
  for (const text of scripts) expect(policy).toContain(hash(text));
  const styles = [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(([, text = '']) => text);
  expect(styles).toHaveLength(1);
  for (const text of styles) expect(policy).toContain(hash(text));
  const rest = page.replace(/<script>.*?<\/script>/gs, '').replace(/<style>.*?<\/style>/gs, '');
  expect(rest.match(/ (src|srcset|action|data|poster)=/g)).toBeNull();
  expect([...rest.matchAll(/ href="([^"]{1,5})/g)].map(([, start]) => start)).toEqual([
    'data:',
    ...['#site', '#site', '#site'],
    '#top',
  ]);
  expect(rest).not.toMatch(/ style=| on\w+=(?!x)/);
  expect(rest).toContain('&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(rest).toContain('a &quot;quoted&quot; &lt;b onclick=x&gt;');
  expect(rest).not.toMatch(/<b onclick|<script>/);
});

test('of very many outages all are there, the latest as text, the others as data', async () => {
  const home = createHome({ site1: 'works' }, { frequency: '60', alerts: '{ after: 1 }' });
  mkdirSync(home.at('results'));
  const rows = Array.from({ length: 1440 }, (_, minute) => {
    const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00`;
    return `Thu Nov 12 ${clock} 2026,site1,${minute % 2 === 0 ? 'SUCCESS,1,2,3' : 'FAILURE,1,ERROR,3'}`;
  });
  writeFileSync(home.at('results', 'result_261112.csv'), `${[HEADER, ...rows].join('\n')}\n`);
  const { page } = await report(home, '--to', '2026-11-12');
  expect(page.match(/<td data-head="from">/g)).toHaveLength(200);
  expect(page).toContain('<summary>710 earlier outages</summary>');
  expect(page).toContain('520 more are shown only with JavaScript.');
  const data: { outages: number[] } = JSON.parse(between(page, 'id="data-site-1">', '</script>'));
  expect(data.outages).toHaveLength(3 * 720);
});

test('an outage has its causes, the first one first, as text and as data', async () => {
  const home = createHome({ site1: 'works' }, hourly);
  day(home, 12, ['site1']);
  const rows = ['01:00:00 FAILURE,1,ERROR,3', '02:00:00 FAILURE,1,ERROR,3', '03:00:00 SUCCESS,1,2,3'];
  const lines = rows.map((row) => `Thu Nov 12 ${row.replace(' ', ' 2026,site1,')}`);
  writeFileSync(home.at('results', 'result_261112.csv'), `${[HEADER, ...lines].join('\n')}\n`);
  mkdirSync(home.at('results', 'events'));
  const failures = [
    ['01', 'unreachable'],
    ['02', 'tls'],
  ].map(([hour, cause]) => {
    const time = new Date(2026, 10, 12, Number(hour), 0, 0, 500);
    return JSON.stringify({ version: 1, time, site: 'site1', kind: 'failure', cause, detail: '<b>' });
  });
  writeFileSync(home.at('results', 'events', '261112.jsonl'), `${failures.join('\n')}\n`);
  const { page } = await report(home, '--from', '2026-11-12', '--to', '2026-11-12');
  expect(page).toContain('<td data-head="cause">unreachable, tls</td>');
  expect(JSON.parse(between(page, 'id="data-site-1">', '</script>')).causes).toEqual(['unreachable tls']);
});

describe('short failures, the target and the title', () => {
  const text = (page: string) =>
    page
      .replace(/<style>.*<\/style>|<script.*?<\/script>/gs, '')
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ');
  /** A day of hourly tests; the hours in which a site fails. */
  const failing = (home: Home, hours: Readonly<Record<string, readonly number[]>>) => {
    mkdirSync(home.at('results'), { recursive: true });
    const rows = Array.from({ length: 24 }, (_, hour) => hour).flatMap((hour) =>
      Object.entries(hours).map(([site, failed]) => {
        const time = `Thu Nov 12 ${String(hour).padStart(2, '0')}:00:00 2026`;
        return `${time},${site},${failed.includes(hour) ? 'FAILURE,5,ERROR,12' : 'SUCCESS,5,157,12'}`;
      }),
    );
    writeFileSync(home.at('results', 'result_261112.csv'), `${[HEADER, ...rows].join('\n')}\n`);
  };
  const ofDay = ['--from', '2026-11-12', '--to', '2026-11-12'];

  test('a single failed test is no outage; what several sites have in common is a column', async () => {
    const home = createHome({ site1: 'works' }, hourly);
    failing(home, { a: [3, 10, 11], b: [10, 11], c: [] });
    const { page } = await report(home, ...ofDay);
    const words = text(page);
    expect(words).toContain('Outages 2 5 of 72 tests failed and 1 short failure');
    expect(words).toContain(
      '87.50 % available · 1 outage · 1 short failure · 3 h down · 3 of 24 tests failed',
    );
    expect(words).toContain('1 short failure, too few failed tests in a row for an outage');
    expect(words).toContain('1 site without a failure not shown');
    const marks = [...page.matchAll(/<path class="outage" d="([^"]*)"/g)].map(([, path]) => path);
    expect(marks.slice(0, 2)).toEqual(['M417 0h83v10h-83z', 'M417 0h83v10h-83z']);
    expect(page).toContain('<path class="short" d="M125 5h42v5h-42z"/>');
    expect(page).not.toContain('class="down-now"');
  });

  test('sites that are down at the end come first, with since when and why', async () => {
    const home = createHome({ site1: 'works' }, hourly);
    failing(home, { a: [], b: [22, 23] });
    expect(text((await report(home, ...ofDay)).page)).toContain(
      'Down at the end b since Thu 12 Nov 2026, 22:00 (2 h, 2 failed tests)',
    );
  });

  test.each([
    ['99.9', '1 of 2 met the target of 99.9\u00a0%.', 'target 99.9 % missed'],
    ['90%', 'All met the target of 90\u00a0%.', 'target 90 % met'],
  ])('a target of %s', async (target, lead, facts) => {
    const home = createHome({ site1: 'works' }, hourly);
    failing(home, { a: [3], b: [] });
    const words = (await report(home, ...ofDay, '--target', target)).page.replace(/<[^>]+>/g, ' ');
    expect(words).toContain(lead);
    expect(words).toContain(facts);
    expect(text((await report(home, ...ofDay)).page)).not.toContain('target');
  });

  test('a title is text', async () => {
    const home = createHome({ site1: 'works' }, hourly);
    failing(home, { a: [] });
    const { page } = await report(home, ...ofDay, '--title', 'R&D <b>');
    expect(page).toContain('<title>R&amp;D &lt;b&gt;, Thu 12 Nov 2026</title>');
    expect(page).toContain('<h1>R&amp;D &lt;b&gt;</h1>');
    expect(page).toContain('<p class="kind">Thu 12 Nov 2026, tested from <bdi>');
  });

  test.each([
    ['--target', 'much', 'Expected a percentage such as 99.9.'],
    ['--target', '101', 'Expected a percentage such as 99.9.'],
    ['--target', '0', 'Expected a percentage such as 99.9.'],
    ['--title', ' ', 'Expected a text.'],
  ])('%s %j is refused', async (option, value, why) => {
    const { status, err } = await report(createHome(), option, value);
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining(why) });
  });
});

test('it can not be written', async () => {
  const home = createHome({ site1: 'works' }, hourly);
  day(home, 12, ['site1']);
  const shell = createShell(home, { system: { now: () => NOW } });
  const output = home.at('nowhere', 'report.html');
  expect(await main(['report', '-c', home.config, '--output', output], shell)).toBe(1);
  expect(shell.screen.stderr()).toBe(
    `error: ${output} was not written: no such file or directory (ENOENT)\n`,
  );
});

test('results that can not be read', async () => {
  const home = createHome({ site1: 'works' }, hourly);
  writeFileSync(home.at('results'), 'a file');
  expect(await report(home)).toMatchObject({
    status: 1,
    err: "error: /results can't be read: not a directory (ENOTDIR)\n",
  });
});

test('a user who may not read the passwords can create a report', async () => {
  const home = createHome({ site1: 'works' }, hourly);
  const text = readFileSync(home.config, 'utf8');
  writeFileSync(home.config, text.replace('password: s3cr3t-pass', 'password_file: not-ours'));
  day(home, 12, ['site1']);
  expect(await report(home)).toMatchObject({ status: 0, err: '' });
});

test('a wrong config is status 2', async () => {
  expect(await report(createHome({ site1: 'works' }, { frequency: 'often' }))).toMatchObject({
    status: 2,
    page: '',
  });
});
