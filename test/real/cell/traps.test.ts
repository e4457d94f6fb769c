import { afterEach, beforeEach, expect, test } from 'vitest';
import { enter, type Inside } from '../../../src/cell/enter.ts';
import { type Namespaces, openNamespaces } from '../../../src/cell/namespaces.ts';
import { DONE } from '../../../src/model/result.ts';
import type { Exit } from '../../../src/system/place.ts';
import { machine } from '../../support/machine.ts';
import { missingPrograms } from '../../support/missing-programs.ts';
import { never } from '../../support/never.ts';
import { until } from '../../support/until.ts';
import { worldUnavailable } from '../../support/world.ts';

const reason = missingPrograms(['ip', 'nsenter', 'setpriv', 'unshare']) ?? worldUnavailable();
const opened: Cell[] = [];
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close()));
});

type Cell = Inside & Namespaces;

/** Opens a cell of this machine without a network. */
async function openCell(): Promise<Cell> {
  const furniture = { resolvConf: 'nameserver 192.0.2.53\n', inside: [], homes: [], visible: [] };
  const namespaces = await openNamespaces(machine, furniture, async () => DONE, never);
  if (!namespaces.ok) throw new Error(namespaces.why);
  const cell = { ...namespaces.value, ...enter(machine, namespaces.value.init) };
  opened.push(cell);
  return cell;
}

/** Starts a shell text on a terminal in a cell. */
function client({ place }: Cell, script: string) {
  const started = place.spawnPty('/bin/bash', ['-c', script], { env: place.env });
  if (!started.ok) throw new Error(started.why);
  const pty = started.value;
  let output = '';
  pty.onData((bytes) => {
    output += bytes.toString();
  });
  const ended = new Promise<Exit>((resolve) => pty.onExit(resolve));
  return {
    pid: pty.pid,
    ended,
    output: () => output,
    says: (word: string) => until(word, () => output.includes(word)),
  };
}

const LOGS_OUT = `trap 'echo logged out; exit 7' INT TERM; trap 'echo hung up; exit 8' HUP; echo ready; while :; do sleep 0.05; done`;

test.each([
  ['the client', 1],
  ['its group', -1],
])('a signal to the pid of the pty hits nsenter: it is for %s, which logs out', async (_, sign) => {
  const cell = await openCell();
  const running = client(cell, LOGS_OUT);
  await running.says('ready');
  expect(cell.place.kill(sign * running.pid, 'SIGINT')).toBe('sent');
  expect(await running.ended).toEqual({ code: 7, signal: 0 });
  expect(running.output()).toContain('logged out');
  expect(running.output()).not.toContain('hung up');
});

test("pids are the host's: a cell has only the processes of its own", async () => {
  const cells = [await openCell(), await openCell()] as const;
  for (const cell of cells) await client(cell, 'echo ready; exec sleep 1000').says('ready');
  const [one, other] = await Promise.all(cells.map(({ place }) => place.listPids()));
  expect(one).toHaveLength(1);
  expect(other).toHaveLength(1);
  expect(other).not.toEqual(one);
});

test('ps refuses a second caller while one runs: many cells ask at the same time', async () => {
  const cell = await openCell();
  await client(cell, 'echo ready; exec sleep 1000').says('ready');
  const asked = await Promise.all([cell.place.listPids(), cell.place.listPids(), machine.listPids()]);
  expect(asked.slice(0, 2).map((pids) => pids.length)).toEqual([1, 1]);
});

test('/etc: a client that renames a file over resolv.conf replaces its own alone', async () => {
  const before = machine.readFile('/etc/resolv.conf');
  const [cell, other] = [await openCell(), await openCell()];
  const script =
    "printf 'nameserver 192.0.2.99\\n' >/etc/resolv.conf.new && mv /etc/resolv.conf.new /etc/resolv.conf";
  const { code, output } = await cell.place.run('/bin/bash', ['-c', script], {
    env: cell.place.env,
    timeoutMs: 60_000,
  });
  expect(code, output).toBe(0);
  expect(cell.place.readFile('/etc/resolv.conf')).toMatchObject({ text: 'nameserver 192.0.2.99\n' });
  expect(other.place.readFile('/etc/resolv.conf')).toMatchObject({ text: 'nameserver 192.0.2.53\n' });
  expect(machine.readFile('/etc/resolv.conf')).toEqual(before);
});

test('a client that forks away, ignores signals, mounts and fills /tmp is gone with its cell', async () => {
  const mounts = () => machine.readFile('/proc/self/mounts', 1024 * 1024);
  const before = mounts();
  const cell = await openCell();
  const running = client(
    cell,
    `trap '' INT TERM HUP; mount -t tmpfs client /mnt; head -c 1000000 /dev/zero >/tmp/full
     setsid bash -c "trap '' INT TERM HUP; sleep 1000 & sleep 1000" & echo ready; wait`,
  );
  await running.says('ready');
  await until('all of them run', () => cell.place.pidsInProc().length >= 4);
  const pids = cell.place.pidsInProc();
  cell.place.kill(-running.pid, 'SIGTERM');
  expect(await cell.close()).toEqual(DONE);
  expect(pids.filter((pid) => !['Z', undefined].includes(machine.readStat(pid)?.state))).toEqual([]);
  await running.ended;
  expect(mounts()).toEqual(before);
  expect(machine.readFile('/tmp/full')).toEqual({ state: 'missing' });
});
