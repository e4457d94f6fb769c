import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { MAIN } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { createWorld, type World, worldUnavailable } from '../support/world.ts';

const RESOLV = '/etc/resolv.conf';
const reason = worldUnavailable();
let world: World | undefined;
afterEach(() => world?.end());

test('the demo shows the whole job and touches nothing else on the host, also beside another one', async ({
  skip,
}) => {
  skip(reason !== undefined, reason);
  world = createWorld();
  const { folder, start, run, processes } = world;
  const resolv = existsSync(RESOLV) ? readFileSync(RESOLV, 'utf8') : '';
  const at = (...names: string[]) => path.join(folder, 'demo', ...names);
  const demo = start([process.execPath, MAIN, 'demo', '--dir', 'demo']);
  // The folder for it is made: it lies in the temporary folder.
  const other = start([process.execPath, MAIN, 'demo'], { TMPDIR: folder });

  let running = true;
  const ended = Promise.all([demo.ended, other.ended]).finally(() => (running = false));
  const locks = new Set<string>();
  const look = () => {
    for (const [, name = ''] of run('cat /proc/net/unix').matchAll(/@vpn-monitor (\w+)/g)) locks.add(name);
    return !running;
  };
  await until('both demos have ended', look, { seconds: 220, everyMs: 500 });
  expect(await ended, demo.stderr()).toEqual([0, 0]);

  // Each holds its own folder, none the host.
  expect([...locks]).toEqual(['results']);
  expect(existsSync(RESOLV) ? readFileSync(RESOLV, 'utf8') : '').toBe(resolv);
  expect(processes().filter(({ args }) => args.includes('demo'))).toEqual([]);

  const csv = readdirSync(at('results')).filter((name) => name.endsWith('.csv'));
  const rows = csv.flatMap((name) => readFileSync(at('results', name), 'utf8').split('\n').slice(1, -1));
  const cycle = (recovers: string) => [
    'works,SUCCESS,N,N,N',
    'slow,SUCCESS,N,N,N',
    `recovers,${recovers}`,
    'wrong-password,FAILURE,N,ERROR,N',
    'hanging-login,FAILURE,N,ERROR,N',
    'dead-inside,FAILURE,N,N,TIMEOUT',
  ];
  const shown = rows.map((row) => row.replace(/^[^,]*,/, '').replace(/\b\d+\.\d{3}\b/g, 'N'));
  expect(shown).toEqual(['FAILURE,N,ERROR,N', 'FAILURE,N,ERROR,N', 'SUCCESS,N,N,N'].flatMap(cycle));
  const [first = 0, , third = 0] = rows
    .filter((row) => row.includes(',works,'))
    .map((row) => Date.parse(`${row.split(',')[0]} UTC`));
  // Two periods of 15 s lie between the starts of the first cycle and of the third.
  expect(third - first).toBeGreaterThanOrEqual(29_000);

  const mails = readdirSync(at('mails')).sort();
  expect(mails).toEqual(['1.eml', '2.eml', '3.eml', '4.eml', '5.eml']);
  const subjects = mails.map(
    (name) => /^Subject: (.*)\r$/m.exec(readFileSync(at('mails', name), 'utf8'))?.[1],
  );
  expect(subjects).toEqual([
    'VPN recovers DOWN: credentials rejected',
    'VPN wrong-password DOWN: credentials rejected',
    'VPN hanging-login DOWN: log-in hangs',
    'VPN dead-inside DOWN: nothing answers inside',
    expect.stringMatching(/^VPN recovers is back /),
  ]);

  const out = demo.stdout();
  expect(out).toContain(`All files are in ${at()}`);
  expect(out).toContain(`The rows: ${at('results', csv[0] ?? '')}`);
  expect(out).toContain(`The first of 5 mails: ${at('mails', '1.eml')}`);
  expect(out).toMatch(/\nThe last one, at a recovery: .*5\.eml\nFrom: [^\0]*\nSubject: VPN recovers is back/);
  // As a mail program shows it, not as it is encoded.
  expect(out).toContain(`Log:      ${at('results', 'monitoring.log')}`);
  const dialogue = ['Connecting...', 'Username:monitor', 'Password:', '1. OK', '2. Cancel'];
  dialogue.push('Enter your choice [1]: 1', 'The credentials provided were invalid.', 'Username:');
  expect(out).toContain(dialogue.map((line) => `  | ${line}\n`).join(''));
  expect(out).toMatch(/\nmonitor NOT RUNNING since .* · last known: 3 up, 3 DOWN\n/);
  expect(out).toMatch(new RegExp(`\n${at('report.html')}: .*, 6 sites, `));
  expect(out).toMatch(/\nNext: {5}node .*main\.js init .*\n.* check .*\n$/);
  for (const text of [out, demo.stderr(), readFileSync(at('results', 'monitoring.log'), 'utf8')]) {
    expect(text).not.toContain('demo-password');
  }
  expect(statSync(at('config.yml')).mode & 0o777).toBe(0o600);
  // What it tells to try next can be tried.
  const [, line = ''] = /\nTry: +node (.*)\n/.exec(out) ?? [];
  const once = start([process.execPath, ...line.split(' ')]);
  expect(await once.ended, once.stderr()).toBe(0);
}, 240_000);
