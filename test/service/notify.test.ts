import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Notifier } from '../../src/service/notify.ts';
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
    notifier: new Notifier('/run/n', system, log),
    called: (times: number) => until(`${times} calls`, () => calls().length === times),
    hold: () => writeFileSync(at('hold'), ''),
    letGo: () => rmSync(at('hold')),
  };
}

test('each kind of assignment, as systemd understands it', async () => {
  const { notifier, calls } = setUp();
  notifier.send({ state: 'READY', status: 'a\nWATCHDOG=trigger\u009b', watchdogMs: 2500 });
  await notifier.end();
  expect(calls()).toEqual(['/run/n: READY=1 STATUS=a WATCHDOG=trigger WATCHDOG_USEC=2500000']);
});

test('the time of a reload is on CLOCK_MONOTONIC, as systemd requires', async () => {
  const { notifier, calls } = setUp();
  const before = process.hrtime.bigint() / 1000n;
  notifier.send({ state: 'RELOADING' });
  await notifier.end();
  const usec = BigInt(/^\/run\/n: RELOADING=1 MONOTONIC_USEC=(\d+)$/.exec(calls()[0] ?? '')?.[1] ?? -1);
  expect(usec).toBeGreaterThanOrEqual(before);
  expect(usec).toBeLessThanOrEqual(process.hrtime.bigint() / 1000n);
});

test('one helper at a time: later notices are merged, the last of each kind', async () => {
  const { notifier, calls, called, hold, letGo } = setUp();
  hold();
  notifier.send({ state: 'READY' });
  await called(1);
  for (let count = 1; count <= 50; count += 1) notifier.send({ status: `step ${count}`, alive: true });
  for (let count = 1; count <= 5; count += 1) {
    notifier.send({ state: 'RELOADING' });
    notifier.send({ state: 'READY' });
  }
  notifier.send({ status: 'read again' });
  letGo();
  await notifier.end();
  expect(calls().map((call) => call.replace(/\d{5,}/, 'N'))).toEqual([
    '/run/n: READY=1',
    // Who waits for a reload hears of it, and then of its end.
    '/run/n: STATUS=step 50 WATCHDOG=1 RELOADING=1 MONOTONIC_USEC=N',
    '/run/n: READY=1 STATUS=read again',
  ]);
});

test('a status that systemd shows already is not sent again', async () => {
  const { notifier, calls, called } = setUp();
  notifier.send({ status: 'one' });
  await called(1);
  notifier.send({ status: 'one' });
  notifier.send({});
  notifier.send({ status: 'two' });
  await called(2);
  notifier.send({ status: 'one' });
  await notifier.end();
  expect(calls()).toEqual(['STATUS=one', 'STATUS=two', 'STATUS=one'].map((line) => `/run/n: ${line}`));
});

test('nothing is sent after STOPPING', async () => {
  const { notifier, calls } = setUp();
  notifier.send({ state: 'STOPPING', status: 'stopping', stopMs: 50_000 });
  notifier.send({ state: 'READY', status: 'testing', alive: true });
  await notifier.end();
  notifier.send({ alive: true });
  expect(calls()).toEqual(['/run/n: STOPPING=1 STATUS=stopping EXTEND_TIMEOUT_USEC=50000000']);
});

test('a failure is logged once, and its notice is sent with the next one', async () => {
  const { notifier, calls, called, log, install } = setUp('echo "no such socket" >&2; exit 1');
  notifier.send({ state: 'READY', status: 'one' });
  await until('a warning', () => log.lines.length > 0);
  notifier.send({ status: 'two' });
  await called(2);
  install('');
  await until('a third call', () => {
    notifier.send({ alive: true });
    return calls().length > 2;
  });
  await notifier.end();
  expect(log.lines).toEqual([
    "WARNING systemd can't be notified: systemd-notify ended with 1: no such socket",
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
])('a helper that %s causes only a warning', async (_, broken, words) => {
  const log = recordingLog();
  const { system } = setUp();
  const notifier = new Notifier('/run/n', { ...system, ...broken }, log);
  notifier.send({ state: 'READY' });
  await notifier.end();
  expect(log.lines).toEqual([`WARNING systemd can't be notified: ${words}`]);
});

test('end() waits at most one second for a systemd that does not answer', async () => {
  const { system, log } = setUp();
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  const run = () => new Promise<never>(() => undefined);
  const notifier = new Notifier('/run/n', { ...system, sleep, run }, log);
  notifier.send({ state: 'STOPPING' });
  await notifier.end();
  expect(waits).toEqual([1000]);
});
