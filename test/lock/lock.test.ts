import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatHolder, parseHolder } from '../../src/lock/holder.ts';
import { acquireLock, acquireResults, type Holder, type Lock, waitForLock } from '../../src/lock/lock.ts';
import { lockAddress } from '../../src/lock/lock-name.ts';
import { fixture, type Programs, programs, type Running, uniqueName } from '../host/programs.ts';
import { machine } from '../support/machine.ts';
import { until } from '../support/until.ts';
import { withoutFiles } from '../support/without-files.ts';

const ME: Holder = { pid: process.pid, what: 'a test', since: '2026-11-14T05:18:02.000Z' };

let world: Programs;
let name: string;
let held: Lock[];
beforeEach(() => {
  world = programs();
  name = `vpn-monitor test ${uniqueName()}`;
  held = [];
});
afterEach(async () => {
  for (const lock of held) lock.release();
  await world.end();
});

async function take(): Promise<Lock> {
  const acquired = await acquireLock(name, ME, machine);
  if (!acquired.ok) throw new Error(acquired.why);
  held.push(acquired.value);
  return acquired.value;
}

/** Starts waiting. `holders` are the holders that it has waited for. */
function wait(signal = new AbortController().signal) {
  const holders: (Holder | null)[] = [];
  const onWait = (holder: Holder | null) => void holders.push(holder);
  const lock = waitForLock(name, ME, { system: machine, signal, onWait }).then((acquired) => {
    if (!acquired.ok) throw new Error(acquired.why);
    held.push(acquired.value);
    return acquired.value;
  });
  return { lock, holders };
}

/** Another process that holds the lock. */
async function other(answer: string): Promise<Running> {
  const address = Buffer.from(lockAddress(name)).toString('base64');
  const holder = world.start(process.execPath, [fixture('holds-lock.mjs'), address, answer]);
  await holder.printed('ready');
  return holder;
}

function connections(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('Pipe')).length;
}

function sockets(): number {
  return readdirSync('/proc/self/fd').length;
}

test('a lock can be acquired once, and again after its release', async () => {
  const lock = await take();
  expect(await acquireLock(name, ME, machine)).toEqual({
    ok: false,
    holder: ME,
    why: `held by process ${process.pid} (a test)`,
  });
  lock.release();
  lock.release();
  (await take()).release();
});

test('a lock names the process that holds it, and is free when that process is killed', async () => {
  const holder = await other(formatHolder({ pid: 4242, what: 'vpn-monitor run', since: 'today' }));
  expect(await acquireLock(name, ME, machine)).toEqual({
    ok: false,
    holder: { pid: 4242, what: 'vpn-monitor run', since: 'today' },
    why: 'held by process 4242 (vpn-monitor run)',
  });
  holder.child.kill('SIGKILL');
  await until('it was killed', () => holder.child.signalCode === 'SIGKILL');
  await take();
});

test('a holder may say what it does now; what it sends is cut and printable', async () => {
  const lock = await take();
  lock.describe({ ...ME, doing: `testing \x1b[2J${'x'.repeat(200)}`, next: '2026-11-14T05:28:02.000Z' });
  const acquired = await acquireLock(name, ME, machine);
  expect(acquired).toMatchObject({
    ok: false,
    holder: {
      pid: process.pid,
      doing: expect.stringMatching(/^testing \\x1b\[2Jx+$/),
      next: '2026-11-14T05:28:02.000Z',
    },
  });
  expect(acquired.ok || (acquired.holder?.doing?.length ?? 0)).toBeLessThanOrEqual(100);
});

test('a waiting process learns who holds the lock, and acquires it when the holder is killed', async () => {
  const holder = await other(formatHolder({ pid: 4242, what: 'vpn-monitor once', since: 'today' }));
  const { lock, holders } = wait();
  await until('it knows the holder', () => holders.length > 0);
  expect(holders).toEqual([{ pid: 4242, what: 'vpn-monitor once', since: 'today' }]);
  holder.child.kill('SIGKILL');
  await lock;
  expect(holders).toHaveLength(1);
});

test.each([
  ['sends nothing', ''],
  ['sends something else', 'HTTP/1.1 400 Bad Request\n\n'],
  ['sends an endless line', 'x'.repeat(5000)],
])('a holder that %s is unknown', async (_, answer) => {
  const holder = await other(answer);
  expect(await acquireLock(name, ME, machine)).toEqual({
    ok: false,
    holder: null,
    why: 'held by an unknown process',
  });
  const { lock, holders } = wait();
  await until('it knows the holder', () => holders.length > 0);
  expect(holders).toEqual([null]);
  holder.child.kill('SIGKILL');
  await lock;
});

test('a wait ends with the reason of its signal', async () => {
  await take();
  const stop = new AbortController();
  const { lock, holders } = wait(stop.signal);
  await until('it waits', () => holders.length > 0);
  const rejected = expect(lock).rejects.toThrow('the test is over');
  stop.abort(new Error('the test is over'));
  await rejected;
  await expect(wait(AbortSignal.abort(new Error('before'))).lock).rejects.toThrow('before');
});

test('a lock that can not be acquired for another reason than its holder is neither held nor waited for', async ({
  skip,
}) => {
  const options = { system: machine, signal: new AbortController().signal, onWait: () => undefined };
  const outcomes = await withoutFiles(async () => [
    await acquireLock(name, ME, machine),
    await waitForLock(name, ME, options),
  ]);
  skip(outcomes === undefined, 'this process may open too many files');
  expect(outcomes).toEqual([
    { ok: false, why: "the lock can't be acquired: EMFILE", holder: null },
    { ok: false, why: 'EMFILE' },
  ]);
});

test('a process that acquires a lock again and again lets waiting processes go first', async () => {
  const first = await take();
  const address = Buffer.from(lockAddress(name)).toString('base64');
  const waiter = world.start(process.execPath, [fixture('waits-for-lock.mjs'), address]);
  await waiter.printed('waiting');
  // The holder sends its line when it has accepted the connection.
  await new Promise((resolve) => setTimeout(resolve, 0));
  first.release();
  const { lock } = wait();
  await waiter.printed('got');
  waiter.child.stdin?.end();
  await lock;
  expect(waiter.output()).not.toContain('missed');
});

test('many waiting processes acquire the lock one after the other', async () => {
  const first = await take();
  let inside = 0;
  const waits = Array.from({ length: 40 }, async () => {
    const lock = await wait().lock;
    inside += 1;
    expect(inside).toBe(1);
    await machine.sleep(1);
    inside -= 1;
    lock.release();
  });
  first.release();
  await Promise.all(waits);
});

test('a peer that never reads, one that sends text and one that stays connected do no harm', async () => {
  const lock = await take();
  const peers = [0, 1, 2].map(() => net.connect({ path: lockAddress(name) }).on('error', () => {}));
  peers[0]?.pause();
  peers[1]?.write('x'.repeat(100_000));
  peers[2]?.resume();
  await until('the peer that sends text is disconnected', () => peers[1]?.destroyed === true);
  expect(peers.map((peer) => peer.destroyed)).toEqual([false, true, false]);
  expect(await acquireLock(name, ME, machine)).toMatchObject({ ok: false, holder: ME });
  lock.release();
  (await take()).release();
  for (const peer of peers) peer.destroy();
});

test('a lock does not keep a program running and leaves no open file', async () => {
  const [before, files] = [connections(), sockets()];
  const peers: net.Socket[] = [];
  for (let i = 0; i < 20; i += 1) {
    name = `vpn-monitor test ${uniqueName()}`;
    await take();
    const peer = net.connect({ path: lockAddress(name) });
    await new Promise((resolve) => peer.once('data', resolve));
    peers.push(peer.unref());
    expect((await acquireLock(name, ME, machine)).ok).toBe(false);
  }
  expect(sockets()).toBeGreaterThan(files + peers.length);
  expect(connections()).toBeLessThanOrEqual(before);
  for (const lock of held) lock.release();
  for (const peer of peers) peer.destroy();
  await until('all sockets are closed', () => sockets() <= files);
});

test('two paths to one folder are one lock, two folders are two', async () => {
  const link = path.join(world.folder, 'link');
  const other = path.join(world.folder, 'other');
  symlinkSync(world.folder, link);
  mkdirSync(other);
  const first = await acquireResults(world.folder, ME, machine);
  if (!first.ok) throw new Error(first.why);
  held.push(first.value);
  expect((await acquireResults(link, ME, machine)).ok).toBe(false);
  const second = await acquireResults(other, ME, machine);
  if (!second.ok) throw new Error(second.why);
  held.push(second.value);
  await expect(acquireResults('/no/such/folder', ME, machine)).rejects.toThrow('ENOENT');
});

test('a results folder that is moved away and created again is still locked', async () => {
  const results = path.join(world.folder, 'results');
  mkdirSync(results);
  const first = await acquireResults(results, ME, machine);
  if (!first.ok) throw new Error(first.why);
  held.push(first.value);
  renameSync(results, path.join(world.folder, 'moved'));
  mkdirSync(results);
  expect((await acquireResults(results, ME, machine)).ok).toBe(false);
  expect((await acquireResults(path.join(world.folder, 'moved'), ME, machine)).ok).toBe(false);
});

test('an address has the full length, so that it is the same name in all versions of Node', () => {
  const address = lockAddress('vpn-monitor host');
  expect(Buffer.byteLength(address)).toBe(108);
  // libuv 1.50 refuses any other NUL.
  expect(address.lastIndexOf('\0')).toBe(0);
  expect(() => lockAddress('x'.repeat(108))).toThrow(RangeError);
});

test.each([
  ['', null],
  ['null', null],
  ['[]', null],
  ['{"pid":"1"}', null],
  ['{"pid":-1}', null],
  ['{"pid":1.5}', null],
  ['{"pid":7}', { pid: 7, what: '', since: '' }],
  ['{"pid":7,"what":["x"],"since":1}', { pid: 7, what: '', since: '' }],
  ['{"pid":7,"what":"a\\u001b[31m\\nb","since":"now"}', { pid: 7, what: 'a\\x1b[31m b', since: 'now' }],
  [`{"pid":7,"what":"${'x'.repeat(500)}","since":""}`, { pid: 7, what: 'x'.repeat(100), since: '' }],
])('the line %j is parsed as %j', (line, holder) => {
  expect(parseHolder(line)).toEqual(holder);
});

test('the line of a holder is bounded', () => {
  const line = formatHolder({ pid: 7, what: '\u{1f600}'.repeat(500), since: 'now' });
  expect(Buffer.byteLength(line)).toBeLessThan(1024);
  expect(parseHolder(line)?.pid).toBe(7);
});
