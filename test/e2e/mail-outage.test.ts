import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../support/monitored-world.ts';
import { until } from '../support/until.ts';
import { stop, worldUnavailable } from '../support/world.ts';

const reason = worldUnavailable();
let world: MonitoredWorld;
beforeEach(({ skip }) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
  world.config({ site1: 'switched' }, 'frequency: 1');
});
afterEach(() => world?.end());

const FAILURE = 'VPN site1 DOWN: credentials rejected';
const RECOVERY = expect.stringMatching(/^VPN site1 is back \(down \d+ s; credentials rejected\)$/);

function header(mail: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(mail)?.[1] ?? '';
}

function subjects(): string[] {
  return world.mails().map((mail) => header(mail, 'Subject'));
}

/** The messages that wait in the state. */
function waiting(): { subject: string; key: string; tries: number }[] {
  return JSON.parse(world.read('results', '.state', 'state.json') || '{"outbox":[]}').outbox;
}

function rows(summary: 'SUCCESS' | 'FAILURE'): number {
  return world.csv().filter((row) => row.includes(`,site1,${summary},`)).length;
}

async function moreRows(summary: 'SUCCESS' | 'FAILURE', count: number): Promise<void> {
  const before = rows(summary);
  await until(`${count} more rows of ${summary}`, () => rows(summary) >= before + count);
}

/** The mail server as it hangs up at once, or as it works. */
const serverIs = (state: 'down' | 'up') =>
  state === 'down' ? writeFileSync(world.at('mails', 'down'), '') : rmSync(world.at('mails', 'down'));

test("the script's fault: a mail at every further failure, none at recovery, empty body", async () => {
  await world.mailServer();
  world.gateway('rejects');
  const daemon = world.monitor();
  await until('the alert', () => subjects().length === 1);
  await moreRows('FAILURE', 3);
  expect(subjects()).toEqual([FAILURE]);
  world.gateway('works');
  await until('the recovery', () => subjects().length === 2);
  await moreRows('SUCCESS', 2);
  world.gateway('refused');
  await moreRows('FAILURE', 1);
  expect(subjects()).toEqual([FAILURE, RECOVERY]);
  await until('a second alert', () => subjects().length === 3);
  await stop(daemon);

  const [failure = '', recovery = '', again = ''] = world.mails();
  expect(failure).toContain(
    '\n\nsite1: the gateway answers pings and rejects the credentials (Login failed.)\n',
  );
  expect(failure).toMatch(/^Failures: +2 in a row, since /m);
  expect(failure).toMatch(/^Stage 2, log in: +ERROR: Login failed\.$/m);
  expect(failure).toMatch(/^ {2}\| Login failed\.$/m);
  expect(recovery).toMatch(/\n\nsite1: all three stages work again, after \d+ s\n/);
  expect(again).toContain('refuses the log-in (CONNECTION REFUSED)');
  expect(header(recovery, 'In-Reply-To')).toBe(header(failure, 'Message-ID'));
  expect(header(again, 'In-Reply-To')).toBe('');
  for (const mail of [failure, recovery, again]) {
    expect(header(mail, 'Auto-Submitted')).toBe('auto-generated');
    expect(header(mail, 'X-To')).toBe('noc@example.com');
  }
});

test("the script's fault: no mail if the server is down once; both arrive at the first retry, in order", async () => {
  await world.mailServer();
  serverIs('down');
  world.gateway('rejects');
  const daemon = world.monitor();
  await until('a failed try', () => world.log().includes('Mail not sent'));
  world.gateway('works');
  await until('both wait', () => waiting().length === 2);
  const ids = waiting().map(({ key }) => `<${key}>`);
  serverIs('up');
  const up = Date.now();
  // The first step of the back-off is 30 s.
  await until('both mails', () => subjects().length === 2);
  await moreRows('SUCCESS', 2);
  await stop(daemon);

  expect(subjects()).toEqual([FAILURE, RECOVERY]);
  expect(world.mails().map((mail) => header(mail, 'Message-ID'))).toEqual(ids);
  const [failed = 0, recovered = 0] = world.mails().map((mail) => Date.parse(header(mail, 'Date')));
  expect(failed).toBeLessThan(recovered);
  expect(recovered).toBeLessThanOrEqual(up);
  expect(waiting()).toEqual([]);
}, 120_000);

test('a mail server down over a restart from the failure to the recovery: both mails, once, in order', async () => {
  await world.mailServer();
  serverIs('down');
  world.gateway('rejects');
  const first = world.monitor();
  await until('a failed try', () => world.log().includes('Mail not sent'));
  await stop(first);
  const [failure] = waiting();
  world.gateway('works');
  const second = world.monitor();
  await until('both wait', () => waiting().length === 2);
  await stop(second);
  serverIs('up');
  const third = world.monitor();
  await until('both mails', () => subjects().length === 2);
  await moreRows('SUCCESS', 2);
  await stop(third);
  expect(subjects()).toEqual([FAILURE, RECOVERY]);
  expect(new Set(world.mails().map((mail) => header(mail, 'Message-ID'))).size).toBe(2);
  expect(header(world.mails()[0] ?? '', 'Message-ID')).toBe(`<${failure?.key}>`);
});

test('a reload tries a waiting mail at once', async () => {
  world.gateway('rejects');
  const daemon = world.monitor();
  await until('a failed try', () => world.log().includes('Mail not sent'));
  await world.mailServer();
  daemon.signal('SIGHUP');
  await until('the mail', () => subjects().length === 1);
  await stop(daemon);
  expect(subjects()).toEqual([FAILURE]);
});

test('a mail server that accepts after 20 s gets the mail once', async () => {
  await world.mailServer();
  writeFileSync(world.at('mails', 'slow'), '');
  world.gateway('rejects');
  const daemon = world.monitor();
  await until('the mail', () => subjects().length === 1);
  await moreRows('FAILURE', 3);
  await stop(daemon);
  expect(subjects()).toEqual([FAILURE]);
  expect(waiting()).toEqual([]);
}, 90_000);

test('kill -9 right after the state was stored: the mail still comes, and the streak is known', async () => {
  // The try hangs until the kill.
  const silent = await world.silentServer();
  world.gateway('rejects');
  const killed = world.monitor();
  const [stored] = await until('the mail is stored', () => waiting().length > 0 && waiting());
  killed.signal('SIGKILL');
  expect(await killed.ended).toBe(137);
  expect(subjects()).toEqual([]);
  silent.signal('SIGKILL');
  await silent.ended;

  await world.mailServer();
  const daemon = world.monitor();
  await until('the mail', () => subjects().length === 1);
  await moreRows('FAILURE', 3);
  await stop(daemon);
  expect(subjects()).toEqual([FAILURE]);
  expect(header(world.mails()[0] ?? '', 'Message-ID')).toBe(`<${stored?.key}>`);
});
