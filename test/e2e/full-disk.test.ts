import { renameSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  CSV_HEADER,
  createMonitoredWorld,
  csvNameAtNoon,
  type MonitoredWorld,
  NOON,
} from '../support/monitored-world.ts';
import { until } from '../support/until.ts';
import { stop, type WorldProcess, worldUnavailable } from '../support/world.ts';

const reason = worldUnavailable();
let world: MonitoredWorld;
let daemon: WorldProcess;
beforeEach(async ({ skip }) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  world.config({ site1: 'works', site2: 'works' }, 'frequency: 1');
  await world.mailServer();
});
afterEach(() => world?.end());

/** A row of another time. */
const OLD_ROW = 'Wed Nov 14 00:03:40 2018,old,SUCCESS,1.000,2.000,3.000';

/** The tests that were finished, as their rows should end: by what the monitor prints, which goes through no disk. */
function finished(): string[] {
  const value = ' +([A-Z]+|[\\d.]+)(?: ms)?';
  const line = new RegExp(`\\b(site[12]) +([A-Z]+)${value.repeat(3)}$`, 'gm');
  const lines = daemon.stdout().matchAll(line);
  return [...lines].map(([, ...fields]) => fields.join(','));
}

async function moreTests(count: number): Promise<void> {
  const before = finished().length;
  await until(`${count} more tests`, () => finished().length >= before + count);
}

async function start(): Promise<void> {
  daemon = world.monitor([], { TZ: NOON });
  await moreTests(2);
}

/** A small file system in the world, seen only there. */
function mountSmallDisk(folder: string): void {
  world.run(`mkdir -p ${folder} && mount -t tmpfs -o size=256k tmpfs ${folder}`);
}

/** Has a file of the results folder lie on a small disk of its own. */
function mountSmallFile(name: string): void {
  mountSmallDisk('disk');
  world.run(`mkdir -p results; touch disk/file results/${name}; mount --bind disk/file results/${name}`);
}

function fill(folder: string): void {
  world.run(`cat /dev/zero >${folder}/filler 2>/dev/null; test -s ${folder}/filler`);
}

function free(folder: string): void {
  world.run(`rm ${folder}/filler`);
}

function subjects(): string[] {
  return world.mails().map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1] ?? '');
}

const CANNOT = expect.stringMatching(/^results cannot be saved on \S+ \(.* free\): .*can't be written/);
const CAN_AGAIN = expect.stringMatching(/^results can be saved again on \S+ \(after /);

const FAULTS = {
  rows: /^rows can't be written to /,
  log: /^the log \S+ can't be written: /,
  state: /^the state can't be written: /,
};

/** Which of the {@link FAULTS} were said on stderr, which has each line of the log. */
function saidFaults(): string[] {
  const messages = [...daemon.stderr().matchAll(/^=.{23} - vpn-monitor - (?:ERROR|CRITICAL) - (.*)$/gm)];
  return messages.flatMap(([, message = '']) =>
    Object.entries(FAULTS).flatMap(([name, words]) => (words.test(message) ? [name] : [])),
  );
}

const withoutTime = (row: string) => row.replace(/^[^,]*,/, '');

/** Every finished test has its row, whole, once, in order, and the file has one header. */
function expectAllRows(): void {
  const [header, ...rows] = world.csv().filter((row) => row !== OLD_ROW);
  expect(header).toBe(CSV_HEADER);
  for (const row of rows) expect(row).toMatch(/^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4},/);
  expect(rows.map(withoutTime)).toEqual(finished());
}

test.for([
  { full: 'the rows', disk: 'disk', faults: ['rows'] },
  { full: 'the log', disk: 'disk', faults: ['log'] },
  { full: 'the state', disk: 'results/.state', faults: ['state'] },
  { full: 'rows, log and state', disk: 'results', faults: ['log', 'rows', 'state'] },
])("the script's fault: a full disk kills it, the row torn ($full)", async ({ full, disk, faults }) => {
  const csv = csvNameAtNoon();
  if (full === 'the rows') mountSmallFile(csv);
  else if (full === 'the log') mountSmallFile(`monitoring-20${csv.slice(7, 9)}.log`);
  else mountSmallDisk(disk);
  // A disk gives room by pages: the one of the rows is used up soon.
  writeFileSync(world.at('begun'), `${CSV_HEADER}\n${`${OLD_ROW}\n`.repeat(68)}`);
  world.run(`mkdir -p results; cat begun >results/${csv}`);
  await start();
  fill(disk);
  await until('the fault is mailed', () => subjects().length === 1);
  await until('all is said', () => saidFaults().length >= faults.length);
  await moreTests(6);
  expect(subjects()).toEqual([CANNOT]);
  free(disk);
  await until('the end is mailed', () => subjects().length === 2);
  await moreTests(2);
  await stop(daemon);

  expect(subjects()).toEqual([CANNOT, CAN_AGAIN]);
  expect(saidFaults().sort()).toEqual(faults);
  expectAllRows();
  expect(world.log().endsWith('Stopped\n')).toBe(true);
  expect(JSON.parse(world.read('results', '.state', 'state.json')).host).toBeNull();
});

test('a monitor that is started on a full disk tests, mails once and catches up', async () => {
  mountSmallDisk('results');
  fill('results');
  await start();
  await until('the fault is mailed', () => subjects().length === 1);
  await moreTests(4);
  expect(world.csv()).toEqual([]);
  free('results');
  await until('the end is mailed', () => subjects().length === 2);
  await stop(daemon);
  expect(subjects()).toEqual([CANNOT, CAN_AGAIN]);
  expect(saidFaults().sort()).toEqual(['log', 'rows', 'state']);
  expectAllRows();
});

test("a site's alert is mailed once while the state can't be written, and its recovery", async () => {
  world.config({ site1: 'switched' }, 'frequency: 1');
  world.gateway('works');
  mountSmallDisk('results/.state');
  await start();
  fill('results/.state');
  await until('the fault is mailed', () => subjects().length === 1);
  world.gateway('rejects');
  await until('the alert', () => subjects().length === 2);
  await moreTests(3);
  world.gateway('works');
  await until('the recovery', () => subjects().length === 3);
  await moreTests(3);
  await stop(daemon);
  expect(subjects()).toEqual([
    CANNOT,
    'VPN site1 DOWN: credentials rejected',
    expect.stringMatching(/^VPN site1 is back /),
  ]);
});

test("the script's fault: a missing folder kills it; it is made again, and no row is lost", async () => {
  await start();
  // Moved in one step: what was about to be written is somewhere.
  for (const place of ['moved', 'moved-again']) {
    renameSync(world.at('results'), world.at(place));
    await until('rows in a new folder', () => world.csv().length >= 3);
    await until('a state in it', () => world.read('results', '.state', 'state.json') !== '');
  }
  await stop(daemon);
  const rows = ['moved', 'moved-again', 'results'].flatMap((folder) => {
    const [header, ...rest] = world.read(folder, csvNameAtNoon()).trimEnd().split('\n');
    expect(header).toBe(CSV_HEADER);
    return rest.map(withoutTime);
  });
  expect(rows).toEqual(finished());
  expect(world.log()).toMatch(
    / - The log \S+ was deleted, moved or replaced by another program and is created again\n/,
  );
  expect(world.log().endsWith('Stopped\n')).toBe(true);
});

test('a results folder that becomes read-only is mailed once; the rows wait', async () => {
  await start();
  world.run('mount --bind results results && mount -o remount,bind,ro results');
  await until('the fault is mailed', () => subjects().length === 1);
  await moreTests(4);
  expect(subjects()).toEqual([CANNOT]);
  world.run('mount -o remount,bind,rw results');
  await until('the end is mailed', () => subjects().length === 2);
  await moreTests(2);
  await stop(daemon);
  expect(subjects()).toEqual([CANNOT, CAN_AGAIN]);
  expect(saidFaults().filter((fault) => fault === 'rows')).toEqual(['rows']);
  expectAllRows();
});
