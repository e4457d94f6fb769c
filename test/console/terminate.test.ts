import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Terminal } from '../../src/console/expect.ts';
import { terminate } from '../../src/console/terminate.ts';
import type { ProcessStat } from '../../src/system/place.ts';
import type { System } from '../../src/system/system.ts';
import { membersOf } from '../host/programs.ts';
import { fakeMachine, type ProgramStep } from '../support/fake-machine.ts';
import { machine } from '../support/machine.ts';
import { never } from '../support/never.ts';
import { openTerminal } from '../support/open-terminal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { PATIENT, until } from '../support/until.ts';

const folder = temporaryFolder(afterAll);

/** Starts a bash script on a terminal and waits until it has said `ready`. */
async function start(script: string, system: System = machine): Promise<Terminal> {
  const child = openTerminal(system, '/bin/bash', ['-c', script, 'bash', folder], system.env);
  onTestFinished(() => void machine.kill(-child.pid, 'SIGKILL'));
  // The whole line: what comes later would wake a wait.
  const ready = { regex: /ready/, wholeLine: true };
  expect(await child.expect([ready], 30_000, never)).toMatchObject({ kind: 'match' });
  return child;
}

/**
 * The machine on a clock that, from the first signal on, only looks move, and not after SIGKILL: dying may take as long as it
 * needs. `steps` has all signals and looks, up to SIGKILL.
 */
function watched(onLook?: (looks: number) => void): { readonly system: System; readonly steps: string[] } {
  const steps: string[] = [];
  let clock: number | undefined;
  const killed = () => steps.includes('SIGKILL');
  const system: System = {
    ...machine,
    monotonic: () => clock ?? machine.monotonic(),
    kill: (pid, signal) => {
      if (signal !== 0) {
        if (!killed()) steps.push(signal);
        clock ??= machine.monotonic();
      }
      return machine.kill(pid, signal);
    },
    sleep: async (ms, signal) => {
      if (clock === undefined || killed()) return machine.sleep(ms, signal);
      steps.push('look');
      await machine.sleep(1, signal);
      clock += ms;
      onLook?.(steps.filter((step) => step === 'look').length);
    },
  };
  return { system, steps };
}

const IGNORES_ALL = "trap '' TERM HUP; echo ready; while :; do sleep 0.05; done";

test('a client that obeys is ended by SIGTERM', async () => {
  const child = await start(
    `trap 'touch "$1/termed"; exit 5' TERM; echo ready; while :; do sleep 0.05; done`,
    // It has all the time it needs.
    { ...machine, monotonic: () => 0 },
  );
  expect(await terminate(child, never)).toBe(true);
  expect(await child.ended(30_000, never)).toEqual({ code: 5, signal: 0 });
  expect(readFileSync(path.join(folder, 'termed'), 'utf8')).toBe('');
});

test('a client that ignores SIGTERM is killed 3 s later', async () => {
  const { system, steps } = watched();
  const child = await start(IGNORES_ALL, system);
  expect(await terminate(child, never)).toBe(true);
  expect(await child.ended(30_000, never)).toEqual({ code: 0, signal: 9 });
  expect(steps).toEqual(['SIGTERM', ...Array<string>(3000 / 50).fill('look'), 'SIGKILL']);
});

test('in a force it is killed at once', async () => {
  const { system, steps } = watched();
  const child = await start(IGNORES_ALL, system);
  expect(await terminate(child, AbortSignal.abort())).toBe(true);
  expect(steps).toEqual(['SIGTERM', 'SIGKILL']);
  expect(membersOf(child.pid)).toEqual([]);
});

test('a force that begins in the grace ends it', async () => {
  const force = new AbortController();
  const { system, steps } = watched((looks) => {
    if (looks === 2) force.abort();
  });
  const child = await start(IGNORES_ALL, system);
  expect(await terminate(child, force.signal)).toBe(true);
  expect(steps).toEqual(['SIGTERM', 'look', 'look', 'SIGKILL']);
});

test('what else is in its group goes too, also when the client itself is gone', async () => {
  const child = await start(
    `(trap '' TERM HUP; echo ready; exec </dev/null >/dev/null 2>&1; while :; do sleep 0.05; done) & read -r _`,
    watched().system,
  );
  child.sendLine('');
  await child.ended(30_000, never);
  expect(membersOf(child.pid).length).toBeGreaterThan(0);
  expect(await terminate(child, never)).toBe(true);
  await until('the group is gone', () => machine.kill(-child.pid, 0) === 'gone');
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
  await expect.poll(() => membersOf(child.pid), PATIENT).toEqual([]);
  expect(machine.kill(-child.pid, 0)).toBe('sent');
  expect(await terminate(child, never)).toBe(true);
  expect(machine.readProcess(holder)?.state).toMatch(/[SR]/);
});

test('a client that has ended is not signalled', async () => {
  const { system, steps } = watched();
  const child = await start('echo ready', system);
  await child.ended(30_000, never);
  expect(await terminate(child, never)).toBe(true);
  expect(steps).toEqual([]);
});

test('what may not be signalled is not gone', async () => {
  const { system } = fakeMachine({ programs: { client: () => [] }, system: { kill: () => 'denied' } });
  const child = openTerminal(system, '/usr/bin/client', [], {});
  expect(await terminate(child, never)).toBe(false);
});

test('a ps that hangs holds nothing up', async () => {
  const child = await start(
    `(trap '' TERM HUP; echo ready; exec </dev/null >/dev/null 2>&1; while :; do sleep 0.05; done) & read -r _`,
    { ...watched().system, listPids: () => new Promise(() => undefined) },
  );
  child.sendLine('');
  await child.ended(30_000, never);
  expect(membersOf(child.pid).length).toBeGreaterThan(0);
  expect(await terminate(child, never)).toBe(true);
  expect(membersOf(child.pid)).toEqual([]);
});

describe('a client that is gone, and its number', () => {
  const NUMBER = 1000;
  const process = (pid: number, startTicks: number, more: Partial<ProcessStat> = {}): ProcessStat => {
    return { pid, name: '', state: 'S', ppid: 1, pgrp: NUMBER, session: NUMBER, startTicks, ...more };
  };
  const ENDS: readonly ProgramStep[] = [{ after: 1, exits: { code: 0, signal: 0 } }];

  /** A client that ends at 1 ms, and the processes that are there from then on; they change by `become`. */
  function world(atItsEnd: readonly ProcessStat[], client: readonly ProgramStep[] = ENDS) {
    let processes: readonly ProcessStat[] = [process(NUMBER, 50)];
    const signals: string[] = [];
    const { system, at } = fakeMachine({
      programs: { client: () => client },
      system: {
        pidsInProc: () => processes.map(({ pid }) => pid),
        readStat: (wanted) => processes.find(({ pid }) => pid === wanted),
        kill: (pid, signal) => {
          const reached = processes.filter((process) => process.pid === pid || process.pgrp === -pid);
          if (reached.length === 0) return 'gone';
          if (signal !== 0) signals.push(`${signal} ${pid}`);
          if (signal === 'SIGKILL') processes = processes.filter((process) => !reached.includes(process));
          return 'sent';
        },
      },
    });
    const become = (next: readonly ProcessStat[]) => {
      processes = next;
    };
    at(0, () => become(atItsEnd));
    return { system, at, child: openTerminal(system, '/usr/bin/client', [], {}), become, signals };
  }

  test.each([
    ['leads a session of that number', [process(NUMBER, 90)]],
    ['has left members of such a session', [process(7000, 90), process(7001, 90)]],
    ['leads a session of that number, and has members', [process(7000, 90), process(NUMBER, 90)]],
  ])('a stranger that came later and %s is not signalled', async (_, strangers) => {
    const { child, become, signals } = world([]);
    await child.ended(1000, never);
    become(strangers);
    expect(await terminate(child, never)).toBe(true);
    expect(signals).toEqual([]);
  });

  test('what was left has ended since, and a stranger has the number', async () => {
    const { child, become, signals } = world([process(2000, 60)]);
    await child.ended(1000, never);
    // Also under the pid of the one that was left.
    become([process(7000, 90), process(2000, 90)]);
    expect(await terminate(child, never)).toBe(true);
    expect(signals).toEqual([]);
  });

  test.each([
    ['right after the end was reported', ENDS],
    ['before the end is reported', []],
  ])('a stranger that has the number %s is not signalled', async (_, client) => {
    const { system, child, signals } = world([process(NUMBER, 90)], client);
    await system.sleep(10);
    expect(await terminate(child, never)).toBe(true);
    expect(signals).toEqual([]);
  });

  test('a group of that number in another session is not signalled', async () => {
    const { child, signals } = world([process(7000, 60, { session: 4 })]);
    await child.ended(1000, never);
    expect(await terminate(child, never)).toBe(true);
    expect(signals).toEqual([]);
  });

  test('what was left is signalled one by one, and what that forked since', async () => {
    const { at, child, become, signals } = world([process(2000, 60), process(2001, 61)]);
    await child.ended(1000, never);
    become([process(2001, 61), process(2002, 90)]);
    // In the grace all that were there at the client's end have ended.
    at(100, () => become([process(2002, 90), process(2003, 95)]));
    at(200, () => become([process(2003, 95)]));
    expect(await terminate(child, never)).toBe(true);
    expect(signals).toEqual(['SIGTERM 2001', 'SIGTERM 2002', 'SIGKILL 2003']);
  });

  test('what is forked between the look and the kill is killed as well', async () => {
    const zombie = process(2000, 60, { state: 'Z' });
    const { system, child, become, signals } = world([zombie, process(2001, 61)]);
    await child.ended(1000, never);
    const { kill } = system;
    Object.assign(system, {
      kill: (pid: number, signal: NodeJS.Signals | 0) => {
        const outcome = kill(pid, signal);
        if (signal === 'SIGKILL' && pid === 2001) become([zombie, process(2002, 90)]);
        return outcome;
      },
    });
    expect(await terminate(child, AbortSignal.abort())).toBe(true);
    expect(signals).toEqual(['SIGTERM 2001', 'SIGKILL 2001', 'SIGKILL 2002']);
  });

  test('a pid that is reused between the look and the signal is spared', async () => {
    const { system, child, become, signals } = world([process(2000, 60), process(2001, 61)]);
    await child.ended(1000, never);
    const { readStat } = system;
    let reads = 0;
    Object.assign(system, {
      readStat: (pid: number) => {
        const found = readStat(pid);
        reads += 1;
        // Two in the look whether anything runs, two in that for the signal.
        if (reads === 4) become([process(2000, 90, { pgrp: 5, session: 5 }), process(2001, 61)]);
        return found;
      },
    });
    expect(await terminate(child, never)).toBe(true);
    expect(signals).toEqual(['SIGTERM 2001', 'SIGKILL 2001']);
  });

  test.each([
    ['at its end', 0],
    ['later', 1],
  ])('where /proc can not be read %s, a group that still answers counts as running', async (_, readable) => {
    const { system, child, signals } = world([process(2000, 60)]);
    let looks = 0;
    const pidsInProc = () => {
      looks += 1;
      if (looks > readable) throw new Error('EMFILE: too many open files');
      return [2000];
    };
    Object.assign(system, { pidsInProc });
    await child.ended(1000, never);
    expect(await terminate(child, never)).toBe(false);
    expect(signals).toEqual([]);
  });
});
