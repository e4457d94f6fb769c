import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { leftoverKiller } from '../../../src/host/leftovers/kill-leftovers.ts';
import { nameOf } from '../../../src/host/leftovers/own-process.ts';
import { DONE } from '../../../src/model/result.ts';
import { machine } from '../../support/machine.ts';
import { never } from '../../support/never.ts';
import { recordingLog } from '../../support/recording-log.ts';
import { until } from '../../support/until.ts';
import { fixture, type Programs, programs, uniqueName } from '../programs.ts';

let world: Programs;
beforeEach(() => {
  world = programs();
});
afterEach(() => world.end());

async function sweep(mark: string) {
  const log = recordingLog();
  const killed: number[] = [];
  const kill = leftoverKiller(machine, log, (count) => killed.push(count));
  const result = await kill({ processes: [{ mark }], settleSeconds: 0, signal: never, pids: 'ps' });
  return { result, killed, lines: log.lines };
}

test('a process with the mark is killed, also its children in a session of their own', async () => {
  const name = uniqueName();
  const program = world.install(fixture('stays'), name);
  const mark = `VPN_MONITOR_CLIENT=/results/${name} = 1`;
  const env = { ...machine.env, VPN_MONITOR_CLIENT: `/results/${name} = 1` };
  const client = world.start('/bin/sh', ['-c', 'setsid --fork sleep 300; exec "$0"', program], env);
  await client.printed('ready');
  const other = world.start(program, [], { ...machine.env, VPN_MONITOR_CLIENT: `/results/${name}` });
  const unmarked = world.start(program, [mark]);
  await other.printed('ready');
  await unmarked.printed('ready');
  const forked = () =>
    readdirSync('/proc')
      .map(Number)
      .find((pid) => machine.readProcess(pid)?.name === 'sleep' && machine.hasInEnvironment(pid, mark));
  await until('the grandchild runs', () => forked() !== undefined);
  const grandchild = forked() ?? 0;
  expect(machine.readProcess(grandchild)?.pgrp).toBe(grandchild);

  const { result, killed, lines } = await sweep(mark);
  expect({ result, killed }).toEqual({ result: DONE, killed: [2] });
  expect(lines.filter((line) => line.startsWith('CRITICAL Killing')).sort()).toEqual(
    [
      `CRITICAL Killing Ps ${name} with pid ${client.pid}`,
      `CRITICAL Killing Ps sleep with pid ${grandchild}`,
    ].sort(),
  );
  await until('the grandchild is gone', () => machine.readProcess(grandchild) === undefined);
  for (const stranger of [other, unmarked]) {
    stranger.child.stdin?.write('untouched\n');
    await stranger.printed('untouched');
    expect(stranger.output()).not.toContain('TERM');
  }
});

test('a process that is gone has no mark', () => {
  expect(machine.hasInEnvironment(2 ** 22 + 1, 'A=1')).toBe(false);
});

test('the log has the own name of a marked process', () => {
  const itself = machine.readProcess(process.pid);
  if (itself === undefined) throw new Error('this process is not there');
  expect(nameOf(itself, { mark: 'A=1' })).toBe(itself.name);
  expect(nameOf(itself, { name: 'startct' })).toBe('startct');
  expect(nameOf({ ...itself, name: 'x\x1b[2J\n=\u202e' }, { mark: 'A=1' })).toBe('x\\x1b[2J =\\u{202e}');
});
