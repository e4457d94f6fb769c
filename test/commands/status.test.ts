import fs, { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { NEVER_TESTED } from '../../src/alerts/policy.ts';
import { status } from '../../src/commands/status.ts';
import type { SiteStatus } from '../../src/history/site-status.ts';
import { acquireResults, type Held, type Holder } from '../../src/lock/lock.ts';
import type { HostFaultKind } from '../../src/model/test-result.ts';
import { asctime, HEADER } from '../../src/results/csv-row.ts';
import { csvFileName } from '../../src/results/file-name.ts';
import { type FirstKeys, formatState, freshState, type SiteState } from '../../src/state/format.ts';
import { statusHead } from '../../src/ui/status-head.ts';
import { machine } from '../support/machine.ts';
import { recordingScreen } from '../support/recording-screen.ts';
import { until } from '../support/until.ts';
import { createHome, createShell, type Home } from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = new Date('2026-11-23T12:00:00Z').getTime();

beforeEach(() => vi.stubEnv('TZ', 'UTC'));
afterEach(() => vi.unstubAllEnvs());

/** Writes rows as `[site, age in ms, stages]`. */
function rows(
  home: Home,
  all: readonly (readonly [site: string, ago: number, values?: string | undefined])[],
): void {
  mkdirSync(home.at('results'), { recursive: true });
  const files = new Map<string, string[]>();
  for (const [site, age, values = '5.213,157.5,12.3'] of all.toSorted((a, b) => b[1] - a[1])) {
    const time = new Date(NOW - age);
    const name = csvFileName('result', time);
    const summary = /[A-Z]/.test(values) ? 'FAILURE' : 'SUCCESS';
    files.set(name, [...(files.get(name) ?? [HEADER]), `${asctime(time)},${site},${summary},${values}`]);
  }
  for (const [name, lines] of files) writeFileSync(home.at('results', name), `${lines.join('\n')}\n`);
}

/** Every ten minutes, the oldest `from` ago, the youngest `to` ago. */
const every10 = (site: string, from: number, to: number, values?: string) =>
  Array.from(
    { length: Math.round((from - to) / (10 * MINUTE)) + 1 },
    (_, index) => [site, to + index * 10 * MINUTE, values] as const,
  );

function state(
  home: Home,
  sites: Readonly<Record<string, Partial<SiteState>>>,
  fault?: string,
  kind: HostFaultKind = 'ping',
): void {
  mkdirSync(home.at('results', '.state'), { recursive: true });
  const all = freshState();
  for (const [name, site] of Object.entries(sites)) all.sites.set(name, { ...NEVER_TESTED, ...site });
  if (fault !== undefined) {
    const since = new Date(NOW - HOUR).toISOString();
    all.host = { since, first: {}, announced: [kind], faults: [{ kind, words: fault }] };
  }
  writeFileSync(home.at('results', '.state', 'state.json'), formatState(all));
}

/** Writes the event file of the day, each as age in ms and what it holds. */
function events(home: Home, site: string, all: readonly (readonly [ago: number, event: object])[]): void {
  mkdirSync(home.at('results', 'events'), { recursive: true });
  // Rows have whole seconds, events the true time.
  const lines = all.map(([ago, event]) =>
    JSON.stringify({ version: 1, time: new Date(NOW - ago + 250), site, ...event }),
  );
  writeFileSync(home.at('results', 'events', '261123.jsonl'), `${lines.join('\n')}\n`);
}

interface LookOptions {
  readonly sites?: readonly string[];
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly columns?: number;
  readonly now?: number;
  readonly files?: typeof fs;
}

async function look(home: Home, options: LookOptions = {}) {
  const system = {
    now: () => new Date(options.now ?? NOW),
    ...(options.files !== undefined && { files: options.files }),
  };
  const shell = createShell(home, {
    system,
    ...(options.columns !== undefined && { columns: options.columns }),
  });
  const { sites = [], json = false, watch = false } = options;
  const code = await status({ config: home.config, logLevel: undefined, sites, json, watch }, shell);
  return { code, out: shell.screen.stdout(), err: shell.screen.stderr() };
}

describe('a site is', () => {
  const home = () => createHome({ a: 'works', b: 'works' });
  const ago = (ms: number) => new Date(NOW - ms).toISOString();

  test('up since its last failure, and the status is 0', async () => {
    const at = home();
    rows(at, [
      ...every10('a', 3 * HOUR, 2 * HOUR, '5,ERROR,12'),
      ...every10('a', 110 * MINUTE, 0),
      ...every10('b', HOUR, 0),
    ]);
    const { code, out } = await look(at);
    expect(code).toBe(0);
    expect(out).toMatch(/^a {5}UP {3}Nov 23 10:10, 1 h 50 min /m);
    expect(out).toMatch(/^b {5}UP {3}Nov 23 11:00, 1 h /m);
  });

  test('down as soon as its last test failed, and the status is 1; shows mails and stages', async () => {
    const at = home();
    rows(at, [
      ...every10('a', 2 * HOUR, 20 * MINUTE),
      ['a', 10 * MINUTE, '5,ERROR,TIMEOUT'],
      ['a', 0, '5,ERROR,TIMEOUT'],
      ...every10('b', HOUR, 10 * MINUTE),
      ['b', 0, 'TIMEOUT,1,2'],
    ]);
    state(at, {
      a: {
        consecutiveFailures: 2,
        since: ago(10 * MINUTE),
        lastResult: ago(0),
        announced: { first: { mail: 'gone@b' }, at: ago(MINUTE), lastReminder: ago(MINUTE) },
      },
    });
    const { code, out } = await look(at);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^a {5}DOWN {2}Nov 23 11:50, 10 min +5\.00 ms +ERROR +TIMEOUT .*\n {2}2 failures in a row, mail sent 1 min ago$/m,
    );
    expect(out).toMatch(/^b {5}DOWN {2}Nov 23 12:00, 0 s +TIMEOUT .*\n {2}1 failure, no mail yet$/m);
  });

  test.each<[string, FirstKeys, object, string, string]>([
    ['where none is configured', {}, {}, 'none', 'no mail configured'],
    [
      'that is not delivered yet',
      { mail: '1@b' },
      {},
      'waits',
      'mail waits for its server since Nov 23 11:59',
    ],
    [
      'that was sent, while another channel waits',
      { mail: 'gone@b', chat: '1@b' },
      {},
      'sent',
      'mail sent 1 min ago',
    ],
    ['that one recipient has received', { mail: '1@b' }, { delivered: true }, 'sent', 'mail sent 1 min ago'],
    [
      'that may have arrived, and is tried again',
      { mail: '1@b' },
      { doubts: 1 },
      'unconfirmed',
      'mail sent, but its server did not confirm it (since Nov 23 11:59)',
    ],
    [
      'that may have arrived, and is not tried again',
      { mail: 'gone@b' },
      { unconfirmed: true },
      'unconfirmed',
      'mail sent, but its server did not confirm it (since Nov 23 11:59)',
    ],
  ])('down, and the mail is one %s', async (_, first, more, mail, words) => {
    const at = createHome({ a: 'works' });
    rows(at, [...every10('a', HOUR, 10 * MINUTE), ['a', 0, '5,ERROR,TIMEOUT']]);
    const announced = { first, at: ago(MINUTE), lastReminder: ago(MINUTE), ...more };
    state(at, { a: { consecutiveFailures: 1, since: ago(0), lastResult: ago(0), announced } });
    const file = at.at('results', '.state', 'state.json');
    const waiting = {
      key: '1@b',
      channel: 'mail',
      about: 'a',
      subject: 's',
      text: '',
      created: ago(MINUTE),
      replyTo: null,
      content: { recipients: ['c@d'], from: 'a@b', raw: '' },
      tries: 3,
      nextTry: null,
      delivered: false,
      ...more,
    };
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), outbox: [waiting] }));
    expect((await look(at)).out).toContain(`\n  1 failure, ${words}\n`);
    expect(JSON.parse((await look(at, { json: true })).out).sites).toEqual([
      expect.objectContaining({ announced: ago(MINUTE), mail }),
    ]);
  });

  test('down since before the first row, if the monitor says so', async () => {
    const at = home();
    rows(at, [...every10('a', HOUR, 0, '5,ERROR,12'), ...every10('b', HOUR, 0)]);
    state(at, { a: { consecutiveFailures: 400, since: ago(3 * DAY), lastResult: ago(0) } });
    expect((await look(at)).out).toMatch(
      /^a {5}DOWN {2}Nov 20 12:00, 3 d .*\n {2}400 failures in a row, no mail yet$/m,
    );
  });

  test('not down since what a success has ended', async () => {
    const at = home();
    rows(at, [['a', 20 * MINUTE], ['a', 10 * MINUTE, '5,ERROR,12'], ...every10('b', HOUR, 0)]);
    state(at, { a: { consecutiveFailures: 400, since: ago(3 * DAY), lastResult: ago(3 * HOUR) } });
    expect((await look(at)).out).toMatch(
      /^a {5}DOWN {2}Nov 23 11:50, 10 min .*\n {2}1 failure, no mail yet$/m,
    );
  });

  test('unknown after three intervals: the monitor is not running, and the status is 3', async () => {
    const at = home();
    rows(at, [...every10('a', 3 * HOUR, 31 * MINUTE, '5,ERROR,12'), ...every10('b', 3 * HOUR, HOUR)]);
    const { code, out } = await look(at);
    expect(code).toBe(3);
    expect(out).toMatch(/^a {5}UNKNOWN {2}no result for 31 min /m);
    expect(out).toMatch(/^b {5}UNKNOWN {2}no result for 1 h /m);
    expect(out).toMatch(/^monitor NOT RUNNING since Nov 23 11:29, 31 min · last known: 2 unknown\n\nSITE /);
  });

  test('still known where cycles take longer than the frequency', async () => {
    const at = createHome({ a: 'works' }, { frequency: '60' });
    rows(at, every10('a', 5 * HOUR, 25 * MINUTE));
    expect(await look(at)).toMatchObject({ code: 0 });
  });

  test('still known after midnight, while the day has few tests', async () => {
    const at = createHome({ a: 'works' }, { frequency: '60' });
    rows(at, every10('a', 20 * HOUR, 11 * HOUR + 40 * MINUTE));
    const { code, out } = await look(at, { now: NOW - 11 * HOUR - 35 * MINUTE });
    expect(code).toBe(0);
    expect(out).toMatch(/ 100 % of 8 h /);
  });

  test('unknown if it was never tested; the other one counts', async () => {
    const at = home();
    rows(at, every10('b', HOUR, 0));
    const { code, out } = await look(at);
    expect(code).toBe(3);
    expect(out).toMatch(/^a {5}UNKNOWN {2}never tested +- +- +- +unknown +unknown +unknown {2}·{24}$/m);
    rows(at, every10('b', HOUR, 0, '5,ERROR,12'));
    expect((await look(at)).code).toBe(1);
  });

  test('unknown where the failure is that of this host', async () => {
    const at = home();
    rows(at, [...every10('a', HOUR, 10 * MINUTE), ['a', 0, 'ERROR,ERROR,ERROR'], ...every10('b', HOUR, 0)]);
    state(
      at,
      { a: { lastResult: ago(10 * MINUTE) }, b: { lastResult: ago(0) } },
      'the command ping is not in PATH',
    );
    const { code, out } = await look(at);
    expect(code).toBe(3);
    expect(out).toMatch(/^a {5}UNKNOWN {2}this host cannot test /m);
    expect(out).toMatch(/^b {5}UP /m);
    expect(out).toContain('\nThe monitor on this host cannot test: the command ping is not in PATH\n');
  });
});

test('without an uplink a site is unknown, and stays so until it was tested again', async () => {
  const at = createHome({ a: 'works' });
  const stages = 'ERROR,ERROR,ERROR';
  rows(at, [...every10('a', 2 * HOUR, 20 * MINUTE), ['a', 10 * MINUTE, stages], ['a', 0, stages]]);
  const event = { kind: 'failure', cause: 'no-uplink', detail: 'it has no route to the gateways' };
  events(at, 'a', [
    [10 * MINUTE, event],
    [0, event],
  ]);
  const { code, out } = await look(at);
  expect(code).toBe(3);
  expect(out).toMatch(/^a {5}UNKNOWN {2}this host cannot test /m);
  expect(out).toContain('no-uplink: it has no route to the gateways');
  expect(out).toContain('100 %');
});

describe('a state that is not known', () => {
  const ago = (ms: number) => new Date(NOW - ms).toISOString();
  const down = () => {
    const at = createHome({ a: 'works' });
    rows(at, [...every10('a', HOUR, 10 * MINUTE), ['a', 0, 'ERROR,ERROR,ERROR']]);
    state(at, { a: { lastResult: ago(10 * MINUTE) } }, 'the command ping is not in PATH');
    return at;
  };
  /** As for a user who may not read the state. */
  const forbidden = {
    ...fs,
    readFileSync: (...args: Parameters<typeof fs.readFileSync>) => {
      if (String(args[0]).endsWith('state.json')) {
        throw Object.assign(new Error('EACCES'), { code: 'EACCES', errno: -13 });
      }
      return readFileSync(...args);
    },
  } as typeof fs;

  test('that this user may not read: mails are not shown', async () => {
    const at = down();
    const { code, out, err } = await look(at, { files: forbidden });
    expect(code).toBe(1);
    expect(out).toMatch(/^a {5}DOWN .*\n {2}1 failure$/m);
    expect(err).toBe(
      `note: ${at.at('results', '.state', 'state.json')} can't be read (permission denied (EACCES)): mails and faults of this host are not shown\n`,
    );
    const { notes, sites } = JSON.parse((await look(at, { files: forbidden, json: true })).out);
    expect(notes).toEqual([expect.stringContaining('mails and faults of this host are not shown')]);
    expect(sites).toEqual([expect.objectContaining({ now: 'down', announced: null })]);
  });

  test.each([
    ['nonsense', 'is damaged'],
    ['{"version":99}', 'is of the newer version 99'],
  ])('that is none of this version: %s', async (text, why) => {
    const at = down();
    writeFileSync(at.at('results', '.state', 'state.json'), text);
    const { out, err } = await look(at);
    expect(out).not.toContain('mail');
    expect(err).toContain(`state.json ${why}: mails and faults`);
  });
});

describe('a monitor that runs and has no recent result', () => {
  /** Somebody, `pid` 2060, who holds the results folder since so long ago. */
  async function hold(at: Home, ago: number): Promise<void> {
    mkdirSync(at.at('results'), { recursive: true });
    const since = new Date(NOW - ago).toISOString();
    const holder = { pid: 2060, what: 'vpn-monitor run', since };
    const held = await acquireResults(at.at('results'), holder, machine);
    if (!held.ok) throw new Error(held.why);
    onTestFinished(() => held.value.release());
  }

  test('was only just started', async () => {
    const at = createHome({ a: 'works' });
    await hold(at, 12_000);
    expect(await look(at)).toMatchObject({
      code: 3,
      out: expect.stringContaining('monitor running (pid 2060) · 1 unknown\n'),
    });
    rows(at, every10('a', 5 * HOUR, 2 * HOUR));
    expect((await look(at)).out).toContain('\nThe monitor was started 12 s ago and has no result yet.\n');
    expect(JSON.parse((await look(at, { json: true })).out)).toMatchObject({
      monitor: { running: true, pid: 2060 },
    });
  });

  test.each([
    ['is stuck, or can not write', every10('a', 5 * HOUR, 2 * HOUR), '2 h'],
    ['never wrote any', [], '4 h'],
  ])('%s', async (_, before, quiet) => {
    const at = createHome({ a: 'works' });
    rows(at, before);
    await hold(at, 4 * HOUR);
    expect((await look(at)).out).toContain(
      `\nThe monitor is running, but has written no result for ${quiet}: see ${at.at('results', 'monitoring.log')}.\n`,
    );
  });
});

test('the streak of the monitor counts, not the rows of `once`; a fault of records does not stop tests', async () => {
  const at = createHome({ a: 'works' });
  rows(at, [...every10('a', HOUR, 30 * MINUTE), ...every10('a', 20 * MINUTE, 0, '5,ERROR,12')]);
  const since = new Date(NOW - 10 * MINUTE).toISOString();
  const counted = { consecutiveFailures: 2, since, lastResult: since };
  state(at, { a: counted }, 'no space left', 'records');
  const { code, out } = await look(at);
  expect(code).toBe(1);
  expect(out).toMatch(/^a {5}DOWN .*\n {2}2 failures in a row, no mail yet$/m);
  expect(out).toContain("\nThe monitor on this host can't keep its results: no space left\n");
});

test('nothing was ever measured', async () => {
  const at = createHome();
  const { code, out } = await look(at);
  expect(code).toBe(3);
  expect(out).toMatch(/^monitor NOT RUNNING · last known: 1 unknown\n/);
  expect(out).toContain(`\nThere are no results in ${at.at('results')}.\n`);
  expect(readdirSync(at.folder)).not.toContain('results');
});

test('time without tests is a gap, and never counts as up', async () => {
  const at = createHome({ a: 'works' });
  rows(at, [
    ...every10('a', 26 * HOUR, 10 * HOUR),
    ...every10('a', 4 * HOUR, 2 * HOUR, '5,ERROR,12'),
    ...every10('a', 110 * MINUTE, 0),
  ]);
  const { out } = await look(at);
  // 24 h: 14 h 10 min and 1 h 50 min up, 2 h 10 min down, 5 h 50 min unknown.
  expect(out).toMatch(/ {2}88\.07 % of 18 h {2}89\.25 % of 20 h {2}89\.25 % of 20 h {2}▁{14}·{5}×{3}▁▁$/m);
});

test('of a site that is up all the time, and was before', async () => {
  const at = createHome({ a: 'works' });
  rows(at, every10('a', 31 * DAY, 0));
  expect((await look(at)).out).toMatch(
    /^a {5}UP {3}more than 30 d ago +5\.21 ms +158 ms +12\.3 ms {2}100 % {2}100 % {2}100 % {2}▁{24}$/m,
  );
});

/** What a terminal shows: without colours. */
const plain = (text: string) => text.replace(/\x1b\[\d+m/g, '').split('\n');

test('a narrow terminal gets one line for each site, none wider than itself; those that are down come first', async () => {
  const at = createHome({ a: 'works', b: 'works', 'a-site-with-a-long-name': 'works', d: 'works' });
  rows(at, [
    ...every10('a', 30 * HOUR, 0),
    ...every10('b', 30 * HOUR, 0, '5,ERROR,12'),
    ...every10('a-site-with-a-long-name', HOUR, 10 * MINUTE),
    ['a-site-with-a-long-name', 0, '5.213,ERROR,TIMEOUT'],
    ...every10('d', 30 * HOUR, 0),
  ]);
  events(at, 'a-site-with-a-long-name', [
    [0, { kind: 'failure', cause: 'credentials-rejected', detail: 'The credentials provided were invalid.' }],
  ]);
  const { out } = await look(at, { columns: 80 });
  expect(plain(out)).toEqual([
    'monitor NOT RUNNING since Nov 23 12:00, 0 s · last known: 2 up, 2 DOWN',
    '',
    'SITE                     NOW   FOR   LOG IN   24 H  LOG-IN TIMES, 24 H',
    'b                        DOWN  30 h  181 failures in a row',
    'a-site-with-a-long-name  DOWN  0 s   credentials-rejected: The credentials prov…',
    `a                        UP    30 h  158 ms  100 %  ${'▁'.repeat(24)}`,
    `d                        UP    30 h  158 ms  100 %  ${'▁'.repeat(24)}`,
    '',
  ]);
  expect(out).toContain('\x1b[31mDOWN\x1b[39m');
  // Without room for them: no log-in times, and then shorter names.
  expect(plain((await look(at, { columns: 60 })).out).slice(2)).toEqual([
    'SITE          NOW   FOR   LOG IN   24 H',
    'b             DOWN  30 h  181 failures in a row',
    'a-site-with…  DOWN  0 s   credentials-rejected: The credent…',
    'a             UP    30 h  158 ms  100 %',
    'd             UP    30 h  158 ms  100 %',
    '',
  ]);
});

test('a warning of a gateway has its place on the line of a narrow terminal', async () => {
  const at = createHome({ a: 'works' });
  rows(at, every10('a', HOUR, 0));
  events(at, 'a', [
    [0, { kind: 'password-expires', expires: new Date(NOW), detail: 'Your password will expire in 0 days.' }],
  ]);
  expect(plain((await look(at, { columns: 80 })).out)[3]).toBe(
    'a     UP   1 h  158 ms  100 %  warning: Your password will expire in 0 days. (N…',
  );
});

test('packet loss of the last test stands below its site, in a list on its line, and in the JSON', async () => {
  const at = createHome({ a: 'works' });
  rows(at, [...every10('a', HOUR, 10 * MINUTE), ['a', 0, '5.213,157.5,TIMEOUT']]);
  events(at, 'a', [
    [0, { kind: 'loss', stage: 1, loss_percent: 20 }],
    [0, { kind: 'loss', stage: 3, loss_percent: 100 }],
    [10 * MINUTE, { kind: 'loss', stage: 3, loss_percent: 40 }],
  ]);
  const words = '  ping outside: packet loss 20 %';
  expect(plain((await look(at)).out)).toContain(words);
  expect(plain((await look(at, { sites: ['a'] })).out).filter((line) => line.includes('loss'))).toEqual([
    words,
  ]);
  expect(JSON.parse((await look(at, { json: true })).out).sites[0].last.stages).toEqual([
    { stage: 1, ms: 5.213, outcome: 'ok', loss_percent: 20 },
    { stage: 2, ms: 157.5, outcome: 'ok' },
    { stage: 3, ms: null, outcome: 'timeout', loss_percent: 100 },
  ]);
  rows(at, every10('a', HOUR, 10 * MINUTE));
  expect(plain((await look(at, { columns: 80 })).out)[3]).toMatch(/% {2}ping inside: packet loss 40 %$/);
});

test('named sites are shown in detail, disabled ones too; the exit status is theirs', async () => {
  const at = createHome({ a: 'works', b: 'works', c: 'works, enabled: false' });
  rows(at, [
    ...every10('a', 30 * HOUR, 0, '5,ERROR,12'),
    ...every10('b', 30 * HOUR, 0),
    ...every10('c', 30 * HOUR, 0),
  ]);
  const named = await look(at, { sites: ['c', 'a'] });
  expect(named.code).toBe(1);
  expect(plain(named.out)).toEqual([
    'monitor NOT RUNNING since Nov 23 12:00, 0 s · last known: 1 up, 1 DOWN',
    '',
    'a  DOWN  Nov 22 06:00, 30 h',
    '  181 failures in a row, no mail yet',
    '  ping outside 5.00 ms   log in ERROR   ping inside 12.0 ms',
    '  24 h 0.00 %   7 d 0.00 % of 30 h   30 d 0.00 % of 30 h',
    `  log-in times, 24 h  ${'×'.repeat(24)}`,
    '',
    'c  UP  Nov 22 06:00, 30 h',
    '  ping outside 5.21 ms   log in 158 ms   ping inside 12.3 ms',
    '  24 h 100 %   7 d 100 % of 30 h   30 d 100 % of 30 h',
    `  log-in times, 24 h  ${'▁'.repeat(24)}`,
    '',
  ]);
  expect(await look(at, { sites: ['b'] })).toMatchObject({ code: 0 });
  expect(JSON.parse((await look(at, { sites: ['b'], json: true })).out).sites).toHaveLength(1);
  expect(await look(at, { sites: ['bb'] })).toEqual({
    code: 2,
    out: '',
    err: "error: unknown site 'bb'\n",
  });
});

describe('the first line', () => {
  const running = (extra: Partial<Holder>): Held => ({
    holder: { pid: 4711, what: 'vpn-monitor run', since: '', ...extra },
  });
  const sites = (...states: SiteStatus['now'][]) => states.map((now) => ({ now }) as SiteStatus);
  const next = (ms: number) => ({ next: new Date(NOW + ms).toISOString() });

  test.each<[readonly SiteStatus[], Held | null, number | null, string]>([
    [
      sites('up', 'up', 'down'),
      running(next(3.5 * MINUTE)),
      NOW,
      'monitor running (pid 4711) · 2 up, 1 DOWN · next cycle in 3 min',
    ],
    [sites('up'), running(next(-1)), NOW, 'monitor running (pid 4711) · 1 up · next cycle now'],
    [
      sites('up', 'unknown'),
      running({ doing: 'testing site1: log in' }),
      NOW,
      'monitor running (pid 4711) · 1 up, 1 unknown · testing site1: log in',
    ],
    // Of version 1.0.0, which does not say what it does; and a process that says nothing at all.
    [sites('up'), running({}), NOW, 'monitor running (pid 4711) · 1 up'],
    [sites('down'), { holder: null }, NOW, 'monitor running · 1 DOWN'],
    [sites('up'), null, NOW - 2 * HOUR, 'monitor NOT RUNNING since Nov 23 10:00, 2 h · last known: 1 up'],
    [[], null, null, 'monitor NOT RUNNING'],
    [[], running({ next: 'soon' }), null, 'monitor running (pid 4711)'],
  ])('%#', (states, monitor, lastSign, words) => {
    expect(statusHead(states, { now: NOW, screen: recordingScreen(), monitor, lastSign })).toBe(words);
  });
});

describe('--watch', () => {
  test('shows new results and the end of the monitor until a signal, then restores the terminal', async () => {
    const at = createHome({ a: 'works' });
    rows(at, every10('a', HOUR, 0));
    const holder = { pid: 4711, what: 'vpn-monitor run', since: '' };
    const held = await acquireResults(at.at('results'), holder, machine);
    if (!held.ok) throw new Error(held.why);
    held.value.describe({ ...holder, doing: 'testing a: log in' });
    const shell = createShell(at, { columns: 80, system: { now: () => new Date(NOW), sleep: shortSleep } });
    const options = { config: at.config, logLevel: undefined, sites: [], json: false, watch: true };
    const ended = status(options, shell);
    const pages = () =>
      shell.screen
        .stdout()
        .split('\x1b[H')
        .map((page) => page.replace(/\x1b\[\d*[mKJ]/g, ''));
    await until('the first page', () =>
      pages().at(-1)?.startsWith('monitor running (pid 4711) · 1 up · testing a: log in\r\n'),
    );
    rows(at, [...every10('a', HOUR, 10 * MINUTE), ['a', 0, '5,ERROR,12']]);
    await until('the new result', () => pages().at(-1)?.includes('1 DOWN'));
    held.value.release();
    await until('the end of the monitor', () => pages().at(-1)?.startsWith('monitor NOT RUNNING since '));
    shell.send('SIGINT');
    expect(await ended).toBe(130);
    expect(shell.screen.stdout()).toMatch(/^\x1b\[\?1049h.*\x1b\[\?1049l$/s);
  });

  test('needs a terminal, and is no JSON', async () => {
    const at = createHome({ a: 'works' });
    expect(await look(at, { watch: true })).toEqual({
      code: 2,
      out: '',
      err: 'error: --watch needs a terminal\n',
    });
    expect(await look(at, { watch: true, json: true, columns: 80 })).toMatchObject({
      code: 2,
      err: "error: --watch can't be combined with --json\n",
    });
  });

  /** Longer sleeps only cost the test time. */
  const shortSleep = (ms: number, signal?: AbortSignal) => machine.sleep(Math.min(ms, 20), signal);
});

test('why the last test failed, and what the gateway warned of', async () => {
  const at = createHome({ a: 'works', b: 'works' });
  rows(at, [...every10('a', HOUR, 10 * MINUTE), ['a', 0, '5.213,ERROR,TIMEOUT'], ...every10('b', HOUR, 0)]);
  events(at, 'a', [
    [10 * MINUTE, { kind: 'password-expires', expires: new Date(NOW), detail: 'expires in 0 days' }],
    [0, { kind: 'failure', cause: 'password-expired', detail: 'Your password\u001b[2J has expired.' }],
  ]);
  const { out } = await look(at);
  expect(out).toMatch(
    /^ {2}1 failure, no mail yet\n {2}password-expired: Your password \[2J has expired\.\n {2}warning: expires in 0 days \(Nov 23 12:00\)\nb /m,
  );
  // A narrow terminal has it on the site's line.
  expect(plain((await look(at, { columns: 60 })).out)[3]).toBe(
    'a     DOWN  0 s  password-expired: Your password [2J has ex…',
  );
});

test('a site that flaps is shown as such', async () => {
  const at = createHome({ a: 'works' });
  rows(at, [['a', 0, '5.213,ERROR,3.100']]);
  const ago = (ms: number) => new Date(NOW - ms).toISOString();
  const since = ago(30 * MINUTE);
  state(at, {
    a: {
      consecutiveFailures: 2,
      since: ago(10 * MINUTE),
      lastResult: ago(0),
      withheld: 'flapping',
      flap: { changes: [], since, first: {} },
    },
  });
  const { out } = await look(at);
  expect(plain(out)).toContain('  2 failures in a row, no mail: flapping');
  expect(plain(out)).toContain('  flapping since Nov 23 11:30');
  expect(JSON.parse((await look(at, { json: true })).out).sites[0]).toMatchObject({
    withheld: 'flapping',
    flapping: since,
  });
});

test('a stage that was slow is shown with its limit', async () => {
  const at = createHome({ a: 'works' });
  rows(at, [['a', 0, '5.213,18230.000,3.100']]);
  const slow = { stage: 2, ms: 18_230, limit_ms: 15_000 };
  events(at, 'a', [[0, { kind: 'slow', ...slow }]]);
  expect(plain((await look(at)).out)).toContain('  slow: log in 18.2 s (limit 15.0 s)');
  expect(JSON.parse((await look(at, { json: true })).out).sites[0].slow).toEqual([slow]);
});

test('as JSON there is nothing else on stdout', async () => {
  const at = createHome({ a: 'works', b: 'works' });
  rows(at, [...every10('a', 2 * HOUR, 10 * MINUTE), ['a', 0, '5.213,ERROR,TIMEOUT']]);
  writeFileSync(at.at('results', 'result_261122.csv'), 'hello\n');
  events(at, 'a', [
    [0, { kind: 'failure', cause: 'refused', detail: 'no' }],
    [10 * MINUTE, { kind: 'grace-logins', left: 3, detail: '3 grace logins remaining' }],
    [20 * MINUTE, { kind: 'new-version', detail: 'old news' }],
  ]);
  const { code, out, err } = await look(at, { json: true });
  expect(code).toBe(1);
  expect(err).toBe('');
  expect(JSON.parse(out)).toEqual({
    version: '1.2.3',
    time: '2026-11-23T12:00:00.000Z',
    monitor: { running: false, pid: null, doing: null, next: null, lastSign: '2026-11-23T12:00:00.000Z' },
    hostFaults: [],
    notes: ["can't read result_261122.csv: no line of it is a row; the first: result_261122.csv:1: hello"],
    nextReport: null,
    sites: [
      {
        name: 'a',
        now: 'down',
        unknown: null,
        since: '2026-11-23T12:00:00.000Z',
        failures: 1,
        announced: null,
        mail: null,
        withheld: null,
        flapping: null,
        maintenance: null,
        silence: null,
        ack: null,
        cause: 'refused',
        detail: 'no',
        warnings: [
          {
            kind: 'grace-logins',
            time: '2026-11-23T11:50:00.250Z',
            left: 3,
            detail: '3 grace logins remaining',
          },
        ],
        last: {
          time: '2026-11-23T12:00:00.000Z',
          summary: 'FAILURE',
          stages: [
            { stage: 1, ms: 5.213, outcome: 'ok' },
            { stage: 2, ms: null, outcome: 'error' },
            { stage: 3, ms: null, outcome: 'timeout' },
          ],
        },
        availability: [24, 168, 720].map((hours) => ({
          hours,
          share: 1,
          shareUnplanned: 1,
          seconds: { up: 7200, down: 0, unknown: hours * 3600 - 7200 },
        })),
        trend: expect.arrayContaining([{ from: '2026-11-23T11:00:00.000Z', ms: 157.5, tests: 6, failed: 1 }]),
      },
      expect.objectContaining({ name: 'b', now: 'unknown', unknown: 'never', since: null, last: null }),
    ],
  });
});

test('planned work is said, and the availability without it', async () => {
  const at = createHome({ a: 'works' });
  const window = { from: '2026-11-23 00:00', to: '2026-11-23 14:00', zone: 'UTC' };
  const listed = JSON.stringify([{ ...window, reason: 'new firmware' }]);
  writeFileSync(at.config, `${readFileSync(at.config, 'utf8')}maintenance: ${listed}\n`);
  rows(at, [...every10('a', 2 * HOUR, HOUR + 10 * MINUTE), ...every10('a', HOUR, 0, '5,ERROR,12')]);
  const ago = (ms: number) => new Date(NOW - ms).toISOString();
  const [from, to] = [ago(HOUR), ago(-2 * HOUR)];
  const planned = { kind: 'maintenance', from, to, reason: 'new firmware' };
  events(
    at,
    'a',
    every10('a', HOUR, 0).map(([, age]) => [age, planned] as const),
  );
  const since = ago(HOUR);
  state(at, { a: { consecutiveFailures: 7, since, lastResult: ago(0), withheld: 'maintenance' } });
  const { out } = await look(at);
  expect(out).toContain(
    '\n  7 failures in a row, no mail: maintenance\n  maintenance until Nov 23 14:00: new firmware\n',
  );
  expect(out).toContain('\n  without maintenance: 100 %, 100 %, 100 %\n');
  const { sites } = JSON.parse((await look(at, { json: true })).out);
  expect(sites).toMatchObject([
    {
      withheld: 'maintenance',
      maintenance: { to, reason: 'new firmware' },
      availability: [{ shareUnplanned: 1 }, {}, {}],
    },
  ]);
});

test('the next report by mail is named', async () => {
  const at = createHome({ a: 'works' }, { report: '{ every: month }' });
  rows(at, every10('a', HOUR, 0));
  const config = readFileSync(at.config, 'utf8');
  writeFileSync(
    at.config,
    config.replace('logging: {', 'logging: { email: { server: mail, from: a@b.c, to: a@b.c },'),
  );
  const { out } = await look(at);
  expect(out).toContain('Next report by mail: Dec 1 07:00.');
  const { nextReport } = JSON.parse((await look(at, { json: true })).out);
  expect(nextReport).toBe(new Date(2026, 11, 1, 7).toISOString());
});

test('disabled sites are named; other rows and sites are ignored', async () => {
  const at = createHome({ a: 'works', b: 'works, enabled: false' });
  rows(at, [
    ...every10('a', HOUR, 0),
    ...every10('b', HOUR, 0),
    ['gone', 0, '5,ERROR,12'],
    ['a', -HOUR, '5,ERROR,12'],
  ]);
  const { code, out } = await look(at);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    'monitor NOT RUNNING since Nov 23 12:00, 0 s · last known: 1 up',
    '',
    expect.stringMatching(/^SITE /),
    expect.stringMatching(/^a /),
    '',
    'Disabled sites, not tested: b.',
    '',
  ]);
});

test('a user who may not read the passwords can see the status', async () => {
  const at = createHome({ a: 'works' });
  const text = readFileSync(at.config, 'utf8');
  writeFileSync(at.config, text.replace('password: s3cr3t-pass', 'password_file: not-ours'));
  rows(at, every10('a', HOUR, 0));
  expect(await look(at)).toMatchObject({ code: 0, err: '' });
});

test('changes neither the state nor a file, and creates no log', async () => {
  const at = createHome({ a: 'works' });
  rows(at, every10('a', HOUR, 0));
  const before = readdirSync(at.at('results'));
  await look(at);
  expect(readdirSync(at.at('results'))).toEqual(before);
});

test('a results folder that can not be read', async () => {
  const at = createHome({ a: 'works' });
  writeFileSync(at.at('results'), 'a file');
  expect(await look(at)).toMatchObject({
    code: 3,
    out: '',
    err: expect.stringMatching(/^error: .*results can't be read: not a directory \(ENOTDIR\)\n$/),
  });
});

test('a wrong config is status 2', async () => {
  const at = createHome({ a: 'works' }, { frequency: 'often' });
  expect(await look(at)).toMatchObject({ code: 2, out: '' });
});

test('certificates: one that expires soon or has another name is a warning, each is shown of one site and in the JSON', async () => {
  const at = createHome({ a: 'works', b: 'works' });
  rows(at, [...every10('a', HOUR, 0), ...every10('b', HOUR, 0)]);
  const certificate = (owner: 'gateway' | 'user', days: number, wrongName: string | null = null) => {
    const until = new Date(NOW + days * DAY + HOUR).toISOString();
    const from = new Date(NOW - DAY).toISOString();
    return { owner, fingerprint: 'AA:BB', from, until, wrongName, told: null, open: false };
  };
  state(at, {
    a: { certificates: [certificate('gateway', 10), certificate('user', 90)] },
    b: { certificates: [certificate('gateway', 90, 'it is for DNS:x, not for vpn.example.com')] },
  });
  const ten = '  warning: gateway certificate: 10 days left (Dec 3 2026)';
  const ninety = '  user certificate: 90 days left (Feb 21 2027)';
  const named =
    '  warning: gateway certificate: 90 days left (Feb 21 2027); it is for DNS:x, not for vpn.example.com';
  const about = async (options?: LookOptions) =>
    plain((await look(at, options)).out).filter((line) => line.includes('certificate'));
  expect(await about()).toEqual([ten, named]);
  expect(await about({ sites: ['a'] })).toEqual([ten, ninety]);
  expect(await about({ columns: 80 })).toEqual([
    expect.stringMatching(/^a .*% {2}warning: gateway certificate: 10 days left \(Dec/),
    expect.stringMatching(/^b .*% {2}warning: gateway certificate: 90 days left \(Feb/),
  ]);
  const { sites } = JSON.parse((await look(at, { json: true })).out);
  expect(sites[0].certificates).toEqual([
    expect.objectContaining({ owner: 'gateway', daysLeft: 10, expires: '2026-12-03T13:00:00.000Z' }),
    expect.objectContaining({ owner: 'user', daysLeft: 90, fingerprint: 'AA:BB', wrongName: null }),
  ]);
});
