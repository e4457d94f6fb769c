import { expect, test } from 'vitest';
import { askControlTargets } from '../../src/probe/control-targets.ts';
import { fakeMachine, type ProgramStep } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { probeConfig } from '../support/probe.ts';
import { recordingLog } from '../support/recording-log.ts';

const EXIT: ProgramStep = { after: 0, exits: { code: 0, signal: 0 } };
const ANSWER: readonly ProgramStep[] = [
  {
    after: 5,
    prints:
      '1 packets transmitted, 1 received, 0% packet loss, time 0ms\nrtt min/avg/max/mdev = 1/1/1/0 ms\n',
  },
  EXIT,
];
const NO_ROUTE: readonly ProgramStep[] = [
  { after: 5, prints: 'ping: connect: Network is unreachable\n' },
  { after: 0, exits: { code: 2, signal: 0 } },
];

/** Asks two control targets on a machine whose ping of each host does what `programs` says; an empty one hangs. */
async function ask(hosts: Readonly<Record<string, (asked: number) => readonly ProgramStep[]>> | undefined) {
  const asked = new Map<string, number>();
  const machine = fakeMachine({
    programs:
      hosts === undefined
        ? {}
        : {
            ping: (args) => {
              const host = args.at(-1) ?? '';
              asked.set(host, (asked.get(host) ?? 0) + 1);
              return hosts[host]?.(asked.get(host) ?? 0) ?? [];
            },
          },
  });
  const log = recordingLog();
  const config = probeConfig({
    uplink: [
      { kind: 'ping', host: '192.0.2.1' },
      { kind: 'ping', host: '192.0.2.2' },
    ],
  });
  const parts = { place: machine.system, redact: (text: string) => text, force: never, log };
  const words = await askControlTargets(config, parts, never);
  return { words, asked: [...asked.values()], seconds: machine.system.monotonic() / 1000, log: log.lines };
}

test('one answer is enough, also after a lost packet', async () => {
  expect(await ask({ '192.0.2.2': () => ANSWER })).toMatchObject({ words: null, asked: [1, 1] });
  const second = await ask({ '192.0.2.1': (asked) => (asked === 2 ? ANSWER : []) });
  expect(second).toMatchObject({ words: null, asked: [2, 2], log: [] });
});

test('none answers: each is asked three times, all at once', async () => {
  const { words, asked, seconds } = await ask({ '192.0.2.1': () => NO_ROUTE });
  expect(words).toMatch(
    /^no control target answers \(ping:\/\/192\.0\.2\.1: .*Network is unreachable.*; ping:\/\/192\.0\.2\.2: .*\)$/,
  );
  expect(asked).toEqual([3, 3]);
  expect(seconds).toBeLessThan(20);
});

test('what cannot be asked says nothing of the line', async () => {
  const { words, log } = await ask(undefined);
  expect(words).toBeNull();
  expect(log).toEqual(['WARNING The uplink of this host is not known: the command ping is not in PATH']);
});
