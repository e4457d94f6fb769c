import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OwnProcess } from '../../../src/clients/profile.ts';
import { type LeftoverOptions, leftoverKiller } from '../../../src/host/leftovers/kill-leftovers.ts';
import { DONE } from '../../../src/model/result.ts';
import { userName } from '../../../src/rights/user-name.ts';
import type { System } from '../../../src/system/system.ts';
import { machine } from '../../support/machine.ts';
import { never } from '../../support/never.ts';
import { recordingLog } from '../../support/recording-log.ts';
import { until } from '../../support/until.ts';
import { connectTunnel, fixture, type Programs, programs, type Running, uniqueName } from '../programs.ts';

const javaCode = connectTunnel.find(({ name }) => name === 'java')?.code ?? /^$/;

let world: Programs;
beforeEach(() => {
  world = programs();
});
afterEach(() => world.end());

async function started(name: string, program: string, args: readonly string[] = []): Promise<Running> {
  const running = world.start(world.install(fixture(program), name), args);
  await running.printed('ready');
  return running;
}

/** One call with a killer of its own; `killed`: how many it told that it killed, each time that it did. */
async function sweep(
  processes: readonly OwnProcess[],
  system: System = machine,
  settleSeconds = 0,
  pids: LeftoverOptions['pids'] = 'ps',
) {
  const log = recordingLog();
  const killed: number[] = [];
  const kill = leftoverKiller(system, log, (count) => killed.push(count));
  const result = await kill({ processes, settleSeconds, signal: never, pids });
  return { result, killed, lines: log.lines };
}

const CLEAN = DONE;

/** Asks a program that stays whether it is still there, and whether a signal reached it. */
async function expectUntouched(running: Running): Promise<void> {
  running.child.stdin?.write('untouched\n');
  await running.printed('untouched');
  expect(running.output()).not.toContain('TERM');
}

function found(name: string, { pid }: { pid: number }): string {
  return `CRITICAL Ps ${name} with pid ${pid} was found to be running...`;
}

function killing(name: string, { pid }: { pid: number }): string {
  return `CRITICAL Killing Ps ${name} with pid ${pid}`;
}

test("the script's fault: of three leftovers one is killed per site", async () => {
  const [first, second, third] = [uniqueName(), uniqueName(), uniqueName()];
  // Started in another order than that of the profile.
  const c = await started(third, 'stays', ['-jar', '/usr/local/Aventail/ui/SnwlConnect.jar']);
  const b = await started(second, 'stays');
  const a = await started(first, 'stays');
  const processes = [{ name: first }, { name: second }, { name: third, code: javaCode }];
  const { result, killed, lines } = await sweep(processes);
  expect({ result, killed }).toEqual({ result: CLEAN, killed: [3] });
  expect(lines).toEqual([
    found(first, a),
    found(second, b),
    found(third, c),
    killing(first, a),
    killing(second, b),
    killing(third, c),
  ]);
  for (const running of [a, b, c]) await running.printed('TERM');
});

test("the script's fault: a strange user's java is killed", async () => {
  const java = uniqueName();
  const stranger = await started(java, 'stays', [
    '-jar',
    '/opt/app.jar',
    '/usr/local/Aventail/ui/SnwlConnect.jar',
  ]);
  expect(await sweep([{ name: java, code: javaCode }])).toEqual({
    result: CLEAN,
    killed: [],
    lines: [],
  });
  await expectUntouched(stranger);
});

test("the script's fault: a hung client becomes a zombie that costs every later site 11 s", async () => {
  const name = uniqueName();
  const parent = world.start(fixture('never-reaps'), [world.install('/bin/cat', name)]);
  await until('the pid of the zombie', () => /^\d+\n/.test(parent.output()));
  const pid = Number.parseInt(parent.output(), 10);
  await until('its parent is stopped', () => machine.readProcess(parent.pid)?.state === 'T');
  await until('it runs', () => machine.readProcess(pid)?.name === name);
  parent.child.stdin?.end();
  await until('it is a zombie', () => machine.readProcess(pid)?.state === 'Z');
  expect(machine.readProcess(pid)?.name).toBe(name);
  expect(await sweep([{ name }], machine, 11)).toEqual({ result: CLEAN, killed: [], lines: [] });
});

test('a process with the name in an argument only is no leftover', async () => {
  const name = uniqueName();
  const editor = await started(uniqueName(), 'stays', [name, `/usr/bin/${name}`]);
  const shell = world.start('/bin/bash', ['-c', `echo ready; read -r x; echo "$x"; # ${name}`, name]);
  await shell.printed('ready');
  expect(await sweep([{ name }])).toEqual({ result: CLEAN, killed: [], lines: [] });
  await expectUntouched(editor);
  await expectUntouched(shell);
});

test('a script is found by its name when a shell runs it', async () => {
  const name = uniqueName();
  const script = world.start('/bin/bash', ['-u', world.install(fixture('stays'), name)]);
  await script.printed('ready');
  expect(machine.readProcess(script.pid)?.name).toBe('bash');
  expect(await sweep([{ name }])).toMatchObject({ result: CLEAN, killed: [1] });
});

test('a client that ignores SIGTERM is killed with SIGKILL', async () => {
  const name = uniqueName();
  const hung = await started(name, 'ignores-sigterm');
  const { result, killed, lines } = await sweep([{ name }]);
  expect({ result, killed }).toEqual({ result: CLEAN, killed: [1] });
  expect(lines).toEqual([found(name, hung), killing(name, hung)]);
  await until('it died of SIGKILL', () => hung.child.signalCode === 'SIGKILL');
});

test('a name with brackets, blanks and line ends is read correctly', async () => {
  const name = `) R\n${uniqueName().slice(4)}`;
  const { pid } = world.start(world.install('/bin/sleep', name), ['60']);
  await until('it runs', () => machine.readProcess(pid)?.name === name);
  expect(await sweep([{ name }])).toMatchObject({ result: CLEAN, killed: [1] });
});

test('a process that starts again after every kill is given up', async () => {
  const name = uniqueName();
  const client = await started(name, 'comes-back');
  let lists = 0;
  // Not before the next one is ready to come back.
  const listPids = async () => {
    lists += 1;
    await until('it has started again', () => client.output().split('ready').length > lists);
    return machine.listPids();
  };
  const { result, killed, lines } = await sweep([{ name }], { ...machine, listPids });
  expect(killed).toEqual([5]);
  expect(result).toEqual({
    ok: false,
    fault: 'cleaning',
    why: `${name} started again after each of 5 kills`,
  });
  expect(lines.filter((line) => line.includes('Killing'))).toHaveLength(5);
});

test('this process and its ancestors are no leftovers', async () => {
  const names = [process.pid, process.ppid].map((pid) => machine.readProcess(pid)?.name ?? '');
  const pids = [process.pid, process.ppid];
  const here: System = { ...machine, listPids: async () => pids, kill: () => expect.unreachable() };
  const processes = names.map((name) => ({ name }));
  expect(await sweep(processes, here)).toMatchObject({ result: CLEAN, killed: [] });
});

test.each(['SIGTERM', 'SIGKILL'])('a pid that is reused before %s is not signalled', async (before) => {
  const name = uniqueName();
  const stranger = await started(name, 'stays');
  const signals: string[] = [];
  let looks = 0;
  let lists = 0;
  const reused: System = {
    ...machine,
    kill: (_, signal) => {
      signals.push(String(signal));
      return 'sent';
    },
    listPids: () => {
      lists += 1;
      return machine.listPids();
    },
    readProcess: (pid) => {
      const process = machine.readProcess(pid);
      if (pid !== stranger.pid || process === undefined) return process;
      looks += 1;
      if (before === 'SIGTERM' ? looks === 1 : signals.length === 0) return process;
      // Only the start tells it from the one that was found; the next list shows it as what it is.
      return {
        ...process,
        startTicks: process.startTicks + 1,
        ...(lists > 1 && { name: 'other', args: [] }),
      };
    },
  };
  const killed = before === 'SIGTERM' ? [] : [1];
  expect(await sweep([{ name }], reused)).toMatchObject({ result: CLEAN, killed });
  expect(signals).toEqual(before === 'SIGTERM' ? [] : ['SIGTERM']);
  await expectUntouched(stranger);
});

test('a process that may not be signalled is logged with its owner, once', async () => {
  const name = uniqueName();
  const others = await started(name, 'stays');
  const denied: System = {
    ...machine,
    kill: () => 'denied',
    readProcess: (pid) => {
      const process = machine.readProcess(pid);
      return process && pid === others.pid ? { ...process, uid: 0 } : process;
    },
  };
  const log = recordingLog();
  const kill = leftoverKiller(denied, log, () => expect.unreachable());
  const once = {
    ok: false,
    fault: 'cleaning',
    why: `Ps ${name} with pid ${others.pid} belongs to root, whose processes this user may not kill`,
  };
  for (let site = 0; site < 3; site += 1) {
    expect(await kill({ processes: [{ name }], settleSeconds: 60, signal: never, pids: 'ps' })).toEqual(once);
  }
  expect(log.lines).toEqual([
    found(name, others),
    `CRITICAL Ps ${name} with pid ${others.pid} belongs to root, whose processes this user may not kill: end it by hand`,
  ]);
  await expectUntouched(others);
});

test('a process that survives SIGKILL causes a wait at one site only', async () => {
  const name = uniqueName();
  const stuck = await started(name, 'stays');
  let sent = 0;
  const unkillable: System = {
    ...machine,
    kill: () => {
      sent += 1;
      return 'sent';
    },
  };
  const kill = leftoverKiller(unkillable, recordingLog(), () => undefined);
  for (let site = 0; site < 3; site += 1) {
    expect(await kill({ processes: [{ name }], settleSeconds: 60, signal: never, pids: 'ps' })).toEqual({
      ok: false,
      fault: 'cleaning',
      why: `Ps ${name} with pid ${stuck.pid} is still there after SIGKILL`,
    });
  }
  expect(sent).toBe(2);
});

test('waits for the gateway only after a kill, and runs ps once on a clean host', async () => {
  const name = uniqueName();
  const sleeps: number[] = [];
  let lists = 0;
  const watched: System = {
    ...machine,
    listPids: () => {
      lists += 1;
      return machine.listPids();
    },
    sleep: (ms, signal) => {
      sleeps.push(ms);
      return ms === 77_000 ? Promise.resolve() : machine.sleep(ms, signal);
    },
  };
  expect(await sweep([{ name }], watched, 77)).toMatchObject({ result: CLEAN, killed: [] });
  expect(sleeps).not.toContain(77_000);
  expect(lists).toBe(1);
  await started(name, 'stays');
  expect(await sweep([{ name }], watched, 77)).toMatchObject({ result: CLEAN, killed: [1] });
  expect(sleeps.filter((ms) => ms === 77_000)).toHaveLength(1);
});

test('without ps it is unknown whether there are leftovers', async () => {
  const missing = Object.assign(new Error('spawn ps ENOENT'), { code: 'ENOENT', errno: -2 });
  const without: System = { ...machine, listPids: () => Promise.reject(missing) };
  expect((await sweep([{ name: uniqueName() }], without)).result).toEqual({
    ok: false,
    fault: 'ps',
    why: "ps can't list the processes: no such file or directory (ENOENT)",
  });
  expect(await sweep([], without)).toMatchObject({ result: CLEAN, killed: [] });
});

test('a ps that hangs is given up', async () => {
  const hanging: System = {
    ...machine,
    listPids: () => new Promise(() => {}),
    sleep: (_, signal) => machine.sleep(1, signal),
  };
  expect((await sweep([{ name: uniqueName() }], hanging)).result).toEqual({
    ok: false,
    fault: 'ps',
    why: 'ps did not answer within 8 s',
  });
});

test('an aborted signal ends the wait with its reason', async () => {
  const name = uniqueName();
  await started(name, 'ignores-sigterm');
  const stop = new AbortController();
  const log = recordingLog();
  const kill = leftoverKiller(machine, log, () => undefined);
  const killed = kill({ processes: [{ name }], settleSeconds: 0, signal: stop.signal, pids: 'ps' });
  const rejected = expect(killed).rejects.toThrow('the test is over');
  await until('SIGTERM was sent', () => log.lines.length === 2);
  stop.abort(new Error('the test is over'));
  await rejected;
});

test("a user's name comes from /etc/passwd", () => {
  const [name = '', , uid] = (readFileSync('/etc/passwd', 'utf8').split('\n')[0] ?? '').split(':');
  expect(userName(machine, Number(uid))).toBe(name);
  expect(userName(machine, 3_999_999_999)).toBe('uid 3999999999');
});

test('after a test ps is not asked again: /proc lists the processes', async () => {
  const name = uniqueName();
  await started(name, 'stays');
  const system: System = { ...machine, listPids: () => expect.unreachable() };
  expect(await sweep([{ name }], system, 0, 'proc')).toMatchObject({ result: CLEAN, killed: [1] });
});

test('a /proc that cannot be read is a host that was not cleaned', async () => {
  const system: System = {
    ...machine,
    pidsInProc: () => {
      throw Object.assign(new Error('EMFILE: too many open files, scandir'), { code: 'EMFILE' });
    },
  };
  const { result } = await sweep([{ name: uniqueName() }], system, 0, 'proc');
  expect(result).toMatchObject({
    ok: false,
    fault: 'cleaning',
    why: expect.stringMatching(/^\/proc can't be read: /),
  });
});
