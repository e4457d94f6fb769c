import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createNotifier } from '../../src/service/notify.ts';
import { realSystem } from '../../src/system/real-system.ts';
import type { System } from '../../src/system/system.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/**
 * A notifier with a systemd-notify that notes what it is given; `body` is what else that does. While the file `hold` is
 * there it does not end.
 */
function setUp(body = '') {
  const folder = temporaryFolder();
  const at = (name: string) => path.join(folder, name);
  const install = (text: string) => {
    writeFileSync(
      at('systemd-notify'),
      `#!/bin/bash
PATH=/usr/bin:/bin
echo "$NOTIFY_SOCKET: $*" >>${at('calls')}
while [ -e ${at('hold')} ]; do sleep 0.02; done
${text}
`,
    );
    chmodSync(at('systemd-notify'), 0o755);
  };
  install(body);
  const log = recordingLog();
  const system = { ...realSystem({ PATH: folder, SECRET: 'x' }) };
  const calls = () =>
    existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').trimEnd().split('\n') : [];
  return {
    log,
    system,
    calls,
    install,
    notifier: createNotifier('/run/n', system, log),
    called: (times: number) => until(`${times} calls`, () => calls().length === times),
    hold: () => writeFileSync(at('hold'), ''),
    letGo: () => rmSync(at('hold')),
  };
}

test('each kind of word, as systemd understands it', async () => {
  const { notifier, calls } = setUp();
  notifier.tell({ state: 'READY', status: 'a\nWATCHDOG=trigger\u009b', watchdogMs: 2500 });
  await notifier.end();
  expect(calls()).toEqual(['/run/n: READY=1 STATUS=a WATCHDOG=trigger WATCHDOG_USEC=2500000']);
});

test('the times of a reload are those of the clock that systemd means', async () => {
  const { notifier, calls } = setUp();
  const before = process.hrtime.bigint() / 1000n;
  notifier.tell({ state: 'RELOADING' });
  await notifier.end();
  const usec = BigInt(/^\/run\/n: RELOADING=1 MONOTONIC_USEC=(\d+)$/.exec(calls()[0] ?? '')?.[1] ?? -1);
  expect(usec).toBeGreaterThanOrEqual(before);
  expect(usec).toBeLessThanOrEqual(process.hrtime.bigint() / 1000n);
});

test('one helper at a time: what comes meanwhile is told together, the last of each kind', async () => {
  const { notifier, calls, called, hold, letGo } = setUp();
  hold();
  notifier.tell({ state: 'READY' });
  await called(1);
  for (let count = 1; count <= 50; count += 1) notifier.tell({ status: `step ${count}`, alive: true });
  for (let count = 1; count <= 5; count += 1) {
    notifier.tell({ state: 'RELOADING' });
    notifier.tell({ state: 'READY' });
  }
  notifier.tell({ status: 'read again' });
  letGo();
  await notifier.end();
  expect(calls().map((call) => call.replace(/\d{5,}/, 'N'))).toEqual([
    '/run/n: READY=1',
    // Who waits for a reload hears of it, and then of its end.
    '/run/n: STATUS=step 50 WATCHDOG=1 RELOADING=1 MONOTONIC_USEC=N',
    '/run/n: READY=1 STATUS=read again',
  ]);
});

test('a status that is shown already is not told again', async () => {
  const { notifier, calls, called } = setUp();
  notifier.tell({ status: 'one' });
  await called(1);
  notifier.tell({ status: 'one' });
  notifier.tell({});
  notifier.tell({ status: 'two' });
  await called(2);
  notifier.tell({ status: 'one' });
  await notifier.end();
  expect(calls()).toEqual(['STATUS=one', 'STATUS=two', 'STATUS=one'].map((line) => `/run/n: ${line}`));
});

test('after the word of the stop there is none', async () => {
  const { notifier, calls } = setUp();
  notifier.tell({ state: 'STOPPING', status: 'stopping', stopMs: 50_000 });
  notifier.tell({ state: 'READY', status: 'testing', alive: true });
  await notifier.end();
  notifier.tell({ alive: true });
  expect(calls()).toEqual(['/run/n: STOPPING=1 STATUS=stopping EXTEND_TIMEOUT_USEC=50000000']);
});

test('a failure is said once, and what was not told is told with what comes next', async () => {
  const { notifier, calls, called, log, install } = setUp('echo "no such socket" >&2; exit 1');
  notifier.tell({ state: 'READY', status: 'one' });
  await until('a warning', () => log.lines.length > 0);
  notifier.tell({ status: 'two' });
  await called(2);
  install('');
  await until('a third call', () => {
    notifier.tell({ alive: true });
    return calls().length > 2;
  });
  await notifier.end();
  expect(log.lines).toEqual([
    "WARNING systemd can't be told how the service fares: systemd-notify ended with 1: no such socket",
  ]);
  expect(calls()[2]).toMatch(/^\/run\/n: READY=1 STATUS=two WATCHDOG=1$/);
});

test.each<[string, Partial<System>, string]>([
  ['is missing', { findCommand: () => undefined }, 'the command systemd-notify is not in PATH'],
  ['hangs', { run: async () => ({ code: null, output: '' }) }, 'systemd-notify did not end within 10 s'],
  [
    'can not be started',
    { run: () => Promise.reject(Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' })) },
    'systemd-notify could not be started: spawn EAGAIN',
  ],
])('a helper that %s hurts nothing but the log', async (_, broken, words) => {
  const log = recordingLog();
  const { system } = setUp();
  const notifier = createNotifier('/run/n', { ...system, ...broken }, log);
  notifier.tell({ state: 'READY' });
  await notifier.end();
  expect(log.lines).toEqual([`WARNING systemd can't be told how the service fares: ${words}`]);
});

test('the end waits a second at most for a systemd that does not answer', async () => {
  const { system, log } = setUp();
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  const run = () => new Promise<never>(() => undefined);
  const notifier = createNotifier('/run/n', { ...system, sleep, run }, log);
  notifier.tell({ state: 'STOPPING' });
  await notifier.end();
  expect(waits).toEqual([1000]);
});
