import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { Console } from '../../src/console/expect.ts';
import { terminate } from '../../src/console/terminate.ts';
import type { System } from '../../src/system.ts';
import { machine, never, until } from '../host/programs.ts';
import { fakeMachine } from '../support/fake-machine.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-terminate-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a bash script on a terminal and waits until it has said `ready`. */
async function start(script: string, system: System = machine): Promise<Console> {
  const child = new Console(system, '/bin/bash', ['-c', script, 'bash', folder], system.env);
  onTestFinished(() => void machine.kill(-child.pid, 'SIGKILL'));
  expect(await child.expect([{ regex: /ready/ }], 30_000, never)).toMatchObject({ kind: 'match' });
  return child;
}

/** The processes of its group that run. */
async function membersOf(child: Console): Promise<number[]> {
  const members = (await machine.listPids()).map((pid) => machine.readProcess(pid));
  return members.flatMap((member) =>
    member?.pgrp === child.pid && !'ZX'.includes(member.state) ? [member.pid] : [],
  );
}

test('a client that obeys is ended by SIGTERM', async () => {
  const child = await start(
    `trap 'touch "$1/termed"; exit 5' TERM; echo ready; while :; do sleep 0.05; done`,
  );
  expect(await terminate(machine, child, never)).toBe(true);
  expect(await child.ended(30_000, never)).toEqual({ code: 5, signal: 0 });
  expect(readFileSync(path.join(folder, 'termed'), 'utf8')).toBe('');
});

test('a client that ignores SIGTERM is killed', async () => {
  const child = await start("trap '' TERM HUP; echo ready; while :; do sleep 0.05; done");
  expect(await terminate(machine, child, never)).toBe(true);
  expect(await child.ended(30_000, never)).toEqual({ code: 0, signal: 9 });
});

test('in a hurry it is killed at once', async () => {
  const child = await start("trap '' TERM HUP; echo ready; while :; do sleep 0.05; done");
  const slept: number[] = [];
  const system: System = {
    ...machine,
    sleep: (ms, signal) => {
      slept.push(ms);
      return machine.sleep(ms, signal);
    },
  };
  await terminate(system, child, AbortSignal.abort());
  // None of the 3 s that SIGTERM is given; the kill itself may take a moment.
  expect(slept.length * 50).toBeLessThan(3000);
  expect(await membersOf(child)).toEqual([]);
});

test('a hurry that begins in the grace ends it', async () => {
  const child = await start("trap '' TERM HUP; echo ready; while :; do sleep 0.05; done");
  const hurry = new AbortController();
  let looks = 0;
  const system: System = {
    ...machine,
    sleep: (ms, signal) => {
      looks += 1;
      if (looks === 2) hurry.abort();
      return machine.sleep(ms, signal);
    },
  };
  expect(await terminate(system, child, hurry.signal)).toBe(true);
  expect(looks).toBeLessThan(3000 / 50);
});

test('what else is in its group goes too, also when the client itself is gone', async () => {
  const child = await start(
    `(trap '' TERM HUP; echo ready; exec </dev/null >/dev/null 2>&1; while :; do sleep 0.05; done) & read -r _`,
  );
  child.sendLine('');
  await child.ended(30_000, never);
  expect((await membersOf(child)).length).toBeGreaterThan(0);
  expect(await terminate(machine, child, never)).toBe(true);
  await until(() => machine.kill(-child.pid, 0) === 'gone', 'the group is gone');
});

test('a zombie that nobody reaps does not run', async () => {
  // Its parent has left the group: it is neither signalled nor does it reap.
  const child = await start(
    `perl -e '$SIG{HUP} = "IGNORE"; fork or exit; setpgrp 0, 0; $| = 1; print "$$ ready\\n"; sleep 1000' & read -r _`,
  );
  const holder = Number(/(\d+) ready/.exec(child.transcript.text)?.[1]);
  onTestFinished(() => void machine.kill(holder, 'SIGKILL'));
  child.sendLine('');
  await child.ended(30_000, never);
  await expect.poll(() => membersOf(child), { timeout: 30_000 }).toEqual([]);
  expect(machine.kill(-child.pid, 0)).toBe('sent');
  expect(await terminate(machine, child, never)).toBe(true);
  expect(machine.readProcess(holder)?.state).toMatch(/[SR]/);
});

test('a client that has ended is not signalled', async () => {
  const child = await start('echo ready');
  await child.ended(30_000, never);
  const signals: (NodeJS.Signals | 0)[] = [];
  const system: System = {
    ...machine,
    kill: (pid, signal) => {
      signals.push(signal);
      return machine.kill(pid, signal);
    },
  };
  expect(await terminate(system, child, never)).toBe(true);
  expect(signals.filter((signal) => signal !== 0)).toEqual([]);
});

test('what may not be signalled is not gone', async () => {
  const { system } = fakeMachine({ programs: { client: () => [] }, system: { kill: () => 'denied' } });
  const child = new Console(system, '/usr/bin/client', [], {});
  expect(await terminate(system, child, never)).toBe(false);
});

test('where ps is missing, a group that still answers counts as running', async () => {
  const { system } = fakeMachine({
    programs: { client: () => [{ after: 1, exits: { code: 0, signal: 0 } }] },
    system: { kill: () => 'sent', listPids: () => Promise.reject(new Error('no ps')) },
  });
  const child = new Console(system, '/usr/bin/client', [], {});
  await child.ended(1000, never);
  expect(await terminate(system, child, never)).toBe(false);
});
