import net, { type Socket } from 'node:net';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { HOST_LOCK, type Lock, waitForLock } from '../../src/lock/lock.ts';
import { lockAddress } from '../../src/lock/lock-name.ts';
import { testDeadlineMs } from '../../src/monitor/deadlines.ts';
import { type TestContext, testInSlot } from '../../src/monitor/test-in-slot.ts';
import { UplinkWatch } from '../../src/monitor/uplink-watch.ts';
import type { Row } from '../../src/results/csv-row.ts';
import type { TestEvent } from '../../src/results/test-event.ts';
import { realSystem } from '../../src/system/real-system.ts';
import type { System } from '../../src/system/system.ts';
import { simulatedCells } from '../support/cells.ts';
import { never } from '../support/never.ts';
import { CLEAN_HOST, PROFILE, probeConfig, probeContext } from '../support/probe.ts';
import { simulatedSite } from '../support/site.ts';
import { until } from '../support/until.ts';
import { withoutFiles } from '../support/without-files.ts';

/** The lock is a real one. There is neither a ping nor a client: the test itself is over at once, and all ERROR. */
const machine = realSystem({ PATH: '/nowhere' });
const tester = { pid: process.pid, what: 'a test', since: 'now' };

/** Takes the host's lock as another program on this host would, once it is free. */
async function takeHost(what: string): Promise<Lock> {
  const acquired = await waitForLock(
    HOST_LOCK,
    { ...tester, what },
    {
      system: machine,
      signal: never,
      onWait: () => undefined,
    },
  );
  if (!acquired.ok) throw new Error(acquired.why);
  const lock = acquired.value;
  onTestFinished(() => lock.release());
  return lock;
}

/** What comes of taking the host's name at the very moment of the call: bind(2) happens inside of listen(). */
function takeNow(): Promise<string> {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.once('listening', () => server.close(() => resolve('it was free')));
    server.listen(lockAddress(HOST_LOCK));
  });
}

/** Resolves when the host can be had: other tests of this machine may hold it in between, but not we. */
async function becomesFree(): Promise<void> {
  (await takeHost('a look whether it is free')).release();
}

/** What a test in its turn needs; `cleaning` is called at each clean-up of the host. */
function turn({ profile, cleaning }: { profile?: Partial<ClientProfile>; cleaning?: () => unknown } = {}) {
  const rows: Row[] = [];
  const events: TestEvent[] = [];
  const client: ClientProfile = { ...PROFILE, tunnel: 'unknown', ...profile };
  const site = simulatedSite('works', { client });
  const { context, log, progress } = probeContext(machine, {
    config: probeConfig({ sites: [site] }),
    host: {
      ...CLEAN_HOST,
      clean: async (...given) => {
        await cleaning?.();
        return CLEAN_HOST.clean(...given);
      },
    },
  });
  const full: TestContext = {
    ...context,
    rows: {
      append: (row) => void rows.push(row),
      retry: () => undefined,
      close: () => undefined,
      pending: 0,
      fault: null,
    },
    cells: simulatedCells(machine),
    events: { append: (given) => void events.push(...given) },
    uplink: new UplinkWatch(context),
  };
  return { site, context: full, log, progress, rows, events };
}

// Another run of these tests may hold the host for a moment.
beforeEach(becomesFree);

test('the host is locked from the first clean-up until the row is written', async () => {
  const tries: { when: string; taking: Promise<string> }[] = [];
  const tryToTake = (when: string) => void tries.push({ when, taking: takeNow() });
  const { site, context, progress, rows } = turn({ cleaning: () => tryToTake('cleaning') });
  const append = (row: Row) => {
    rows.push(row);
    tryToTake('writing');
  };
  await testInSlot(site, { ...context, rows: { ...context.rows, append } }, never);
  const came = await Promise.all(tries.map(async ({ when, taking }) => `${when}: ${await taking}`));
  expect(came).toEqual(['cleaning: EADDRINUSE', 'cleaning: EADDRINUSE', 'writing: EADDRINUSE']);
  expect(rows.map(({ line }) => line.split(',').slice(1).join())).toEqual([
    'site1,FAILURE,ERROR,ERROR,ERROR\n',
  ]);
  expect(progress.calls.at(-1)).toBe('finished site1');
  await becomesFree();
});

test('the log gets the cause of a failure, and the sentence that a mail begins with', async () => {
  const { site, context, log } = turn();
  await testInSlot(site, context, never);
  expect(log.lines.at(-1)).toBe(
    'ERROR Cause: client-missing. site1: the gateway could not be pinged, and it was not logged in at (the client simulated is not in PATH: name it in clients.simulated.command)',
  );
});

test('a second test waits, logs for whom, and then runs', async () => {
  const other = await takeHost('the test of site9');
  const { site, context, log, progress, rows } = turn();
  const tested = testInSlot(site, context, never);
  const words = `the test of site9 by process ${process.pid}`;
  await until('it waits', () => progress.calls.length > 0);
  expect(progress.calls).toEqual([`waiting-for-host site1 ${words}`]);
  expect(log.lines).toEqual([`INFO Waiting for ${words} to finish with this host before testing site1`]);
  expect(rows).toEqual([]);
  other.release();
  await tested;
  expect(rows).toHaveLength(1);
});

test('an unknown holder is called another program', async () => {
  const peers = new Set<Socket>();
  const stranger = net.createServer((peer) => void peers.add(peer));
  const listen = () => void stranger.listen(lockAddress(HOST_LOCK));
  stranger.on('error', () => void setTimeout(listen, 50));
  listen();
  await until('the stranger holds the host', () => stranger.listening);
  const end = () => {
    stranger.close();
    for (const peer of peers) peer.destroy();
  };
  onTestFinished(end);
  const { site, context, progress } = turn();
  const tested = testInSlot(site, context, never);
  await until('it waits', () => progress.calls.length > 0);
  expect(progress.calls).toEqual(['waiting-for-host site1 another program']);
  end();
  await tested;
});

test('if the host is locked for longer than a test takes: a row of errors, and the log says by whom', async () => {
  await takeHost('the test of site9');
  const { site, context, progress, rows } = turn();
  const whole = testDeadlineMs(context.config, { ...PROFILE, tunnel: 'unknown' });
  let strike = () => {};
  const sleep: System['sleep'] = (ms, signal) => {
    if (ms !== whole) return machine.sleep(ms, signal);
    return new Promise((resolve) => {
      strike = resolve;
    });
  };
  const tested = testInSlot(site, { ...context, system: { ...machine, sleep } }, never);
  await until('it waits', () => progress.calls.length > 0);
  strike();
  const { stages, host } = await tested;
  const words = `the host is held by the test of site9 by process ${process.pid} for longer than a test takes`;
  expect(stages.map((stage) => stage.detail)).toEqual([words, words, words]);
  expect(host.get('cleaning')).toBe(words);
  expect(rows).toHaveLength(1);
});

test('if the host can not be locked: a row of errors, at once', async ({ skip }) => {
  const { site, context, rows } = turn();
  const result = await withoutFiles(() => testInSlot(site, context, never));
  skip(result === undefined, 'this process may open too many files');
  expect(result?.host.get('cleaning')).toBe("the host's lock can't be acquired: EMFILE");
  expect(rows).toHaveLength(1);
});

test('a stop ends the wait: no row, nothing started', async () => {
  await takeHost('the test of site9');
  const stop = new AbortController();
  const { site, context, progress, rows } = turn();
  const tested = testInSlot(site, context, stop.signal);
  await until('it waits', () => progress.calls.length > 0);
  stop.abort(new Error('stop'));
  await expect(tested).rejects.toThrow('stop');
  expect(progress.calls).toHaveLength(1);
  expect(rows).toEqual([]);
});

test('a client that does not need the host does not wait', async () => {
  await takeHost('the test of site9');
  const { site, context, rows } = turn({ profile: { tunnel: 'none' } });
  await testInSlot(site, context, never);
  expect(rows).toHaveLength(1);
});

test('a client whose leftovers are searched waits, also without a tunnel: they may belong to a running test', async () => {
  const other = await takeHost('the test of site9');
  const { site, context, progress, rows } = turn({ profile: { tunnel: 'none', own: { by: 'mark' } } });
  const tested = testInSlot(site, context, never);
  await until('it waits', () => progress.calls.length > 0);
  expect(rows).toEqual([]);
  other.release();
  await tested;
  expect(rows).toHaveLength(1);
});

test.each([
  ['before the test', 0],
  ['in the test', 1],
  ['after it, when all values are there', 2],
])('a stop %s: no row, and the host is free again', async (_, cleanUps) => {
  const stop = new AbortController();
  let cleaned = 0;
  const cleaning = () => {
    cleaned += 1;
    if (cleaned === cleanUps) stop.abort(new Error('stop'));
  };
  const { site, context, rows, progress } = turn({ cleaning });
  if (cleanUps === 0) stop.abort(new Error('stop'));
  await expect(testInSlot(site, context, stop.signal)).rejects.toThrow('stop');
  expect(rows).toEqual([]);
  expect(progress.calls).not.toContain('finished site1');
  await becomesFree();
});
