import { expect, test } from 'vitest';
import { documentOf } from '../../src/web/html-document.ts';
import {
  doingInWords,
  type LivePageOptions,
  livePage,
  liveTitle,
  pathOf,
  stepsByPlace,
} from '../../src/web/live-page.ts';
import { siteCsv, sitePage } from '../../src/web/site-page.ts';
import { NOW, row, snapshotOf } from './snapshot.ts';

const OPTIONS: LivePageOptions = {
  doing: { steps: new Map(), next: NOW + 180_000 },
  now: NOW,
  hostname: 'mon1',
  disabled: [],
};
/** The text of a page, one line for each element. */
const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, '\n')
    .replace(/\s*\n\s*/g, '\n')
    .trim()
    .split('\n');

const SITES = ['oslo', 'rome', 'cairo'];
const ROWS = [
  row('oslo', 13, 1500),
  row('rome', 22, 'credentials-rejected'),
  row('rome', 12, 'credentials-rejected'),
];

test('what is down comes first, with cause and since when; then what is unknown; then the rest', () => {
  const text = textOf(livePage(snapshotOf(SITES, ROWS), OPTIONS).html);
  expect(text.slice(0, 4)).toEqual([
    'VPN gateways',
    '1 up, 1 DOWN, 1 unknown',
    'next cycle in 3 min',
    'tested from',
  ]);
  const heads = text.filter((line) => ['Down', 'Unknown', 'Up', ...SITES].includes(line));
  expect(heads).toEqual(['Down', 'rome', 'Unknown', 'cairo', 'Up', 'oslo']);
  const rome = text.slice(text.indexOf('rome'), text.indexOf('cairo'));
  expect(rome).toEqual(
    expect.arrayContaining([
      '✖ DOWN',
      'since Nov 28 11:38, 22 min',
      '2 failures in a row, no mail yet',
      'credentials-rejected: because of credentials-rejected',
    ]),
  );
  expect(text.slice(text.indexOf('cairo'), text.indexOf('cairo') + 3)).toEqual([
    'cairo',
    '? UNKNOWN',
    'never tested',
  ]);
});

test('as long as only 24 hours are known, nothing is said of the days before', () => {
  const rows = ['oslo', 'rome'].flatMap((name) =>
    Array.from({ length: 200 }, (_, index) => row(name, 10 * (200 - index), 1500)),
  );
  const text = textOf(
    livePage(snapshotOf(SITES, [...rows, row('rome', 2, 'timeout')], { isPart: true }), OPTIONS).html,
  );
  const of = (name: string) => text.slice(text.indexOf(name)).slice(0, 12);
  expect(of('oslo')).toEqual(expect.arrayContaining(['since more than 24 h ago', '100 %', 'being read']));
  expect(of('rome')).toEqual(expect.arrayContaining(['since Nov 28 11:58, 2 min', 'being read']));
  expect(of('cairo').slice(0, 3)).toEqual(['cairo', '? UNKNOWN', 'no result in 24 h']);
});

test('the running tests, faults of the host, waiting mail and disabled sites are said', () => {
  const faults = [{ kind: 'no-uplink', words: 'no way out' }] as const;
  const { html } = livePage(
    snapshotOf(SITES, ROWS, { faults: faults as never, mailsWaiting: 2, doubts: ['a doubt'] }),
    {
      ...OPTIONS,
      doing: { steps: new Map([['rome', 'log in']]), next: null },
      disabled: ['paris'],
    },
  );
  expect(textOf(html)).toEqual(
    expect.arrayContaining([
      'testing rome: log in',
      'log in',
      'The monitor on this host cannot test: no way out',
      '2 messages wait to be delivered.',
      'a doubt',
      'Disabled, not tested:',
      'paris',
    ]),
  );
});

test.each([
  [new Map<string, string>(), null, 'a cycle is running'],
  [new Map<string, string>(), NOW - 1, 'next cycle now'],
  [new Map<string, string>(), NOW + 61_000, 'next cycle in 1 min'],
  [new Map([['a', 'log in']]), null, 'testing a: log in'],
  [new Map(['a', 'b', 'c', 'd'].map((name) => [name, 'log in'])), null, 'testing 4 sites'],
])('what the monitor does: %j, next %j', (steps, next, words) => {
  expect(doingInWords({ steps, next }, NOW)).toBe(words);
});

const HOSTILE = '"><script>alert(1)</script>';

test('names and words of others are text', () => {
  const snapshot = snapshotOf([HOSTILE], [row(HOSTILE, 12, HOSTILE)], { doubts: [HOSTILE] });
  const steps = new Map([[HOSTILE, HOSTILE]]);
  const { html } = livePage(snapshot, {
    ...OPTIONS,
    hostname: HOSTILE,
    disabled: [HOSTILE],
    doing: { steps, next: null },
  });
  expect(html).not.toContain('<script');
  expect(html).toContain('href="/site/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"');
  const assets = { library: '', libraryStyle: '', script: '' };
  const own = sitePage(snapshot.sites[0] ?? expect.fail(), {
    snapshot,
    transcript: HOSTILE,
    step: HOSTILE,
    after: 2,
    frequencyMs: 600_000,
    hostname: HOSTILE,
    version: '1',
    assets,
  });
  expect(
    own.replaceAll('<script type="application/json"', '').replaceAll('<script></script>', ''),
  ).not.toContain('<script');
  expect(own).toContain('&quot;&gt;&lt;script&gt;');
});

test('its title says how many are down', () => {
  expect(liveTitle(snapshotOf(SITES, ROWS))).toBe('1 DOWN · VPN gateways');
  expect(liveTitle(snapshotOf(['oslo'], ROWS))).toBe('VPN gateways');
});

test('an open page is told the steps by the places of their sites', () => {
  const doing = { steps: new Map([['rome', 'log in']]), next: null };
  expect(stepsByPlace(doing, SITES)).toEqual({ 1: 'log in' });
  expect(livePage(snapshotOf(SITES, ROWS), OPTIONS).html).toContain('<p class="step" data-site="1">');
});

test('a hundred sites, some of them down all over the month, are less than 150 kB', () => {
  const names = Array.from({ length: 100 }, (_, index) => `site-${index}.example.com`);
  const rows = names.flatMap((name, index) =>
    Array.from({ length: 720 }, (_, hour) => {
      const isBad = index % 5 === 0 && hour % 31 === index % 31;
      return row(name, (719 - hour) * 60 + 10, isBad ? 'credentials-rejected' : 1000 + ((hour * 37) % 400));
    }),
  );
  const snapshot = snapshotOf(
    names,
    rows.toSorted((a, b) => a.time - b.time),
  );
  const { text } = documentOf({
    title: liveTitle(snapshot),
    body: livePage(snapshot, OPTIONS),
    script: 'x'.repeat(5000),
    refreshSeconds: 30,
  });
  expect(text.length).toBeLessThan(150_000);
});

test('the page runs its own script and style alone, and none without one', () => {
  const { text, policy } = documentOf({
    title: '<i>',
    body: livePage(snapshotOf([], []), OPTIONS),
    script: 'go()',
    refreshSeconds: 30,
  });
  expect(text).toContain('<title>&lt;i&gt;</title>');
  expect(text).toContain('<noscript><meta http-equiv="refresh" content="30"></noscript>');
  expect(policy).toMatch(
    /^default-src 'none'; img-src data:; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
  );
  expect(text).not.toMatch(/(?:src|href)="(?!data:|\/)/);
});

test('the rows of a site as CSV', () => {
  const { days } = snapshotOf(SITES, ROWS);
  expect(siteCsv(days, 'rome')).toBe(
    `Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms
Sat Nov 28 11:38:00 2026,rome,FAILURE,5.000,ERROR,TIMEOUT
Sat Nov 28 11:48:00 2026,rome,FAILURE,5.000,ERROR,TIMEOUT
`,
  );
  expect(pathOf('a/b c')).toBe('/site/a%2Fb%20c');
});
