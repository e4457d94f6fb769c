import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { failed } from '../../src/model/result.ts';
import { judgePing, parsePingSummary, pingHost } from '../../src/probe/ping.ts';
import { realSystem } from '../../src/system/real-system.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const same = (text: string) => text;
const folder = temporaryFolder(afterAll);

const real = realSystem({ PATH: process.env['PATH'] ?? '/usr/bin' });

/** A system whose `ping` is the given shell script. */
function systemWithPing(script: string) {
  const bin = mkdtempSync(path.join(folder, 'bin-'));
  writeFileSync(path.join(bin, 'ping'), `#!/bin/bash\n${script}\n`);
  chmodSync(path.join(bin, 'ping'), 0o755);
  return realSystem({ PATH: `${bin}:/usr/bin:/bin` });
}

function ping(host: string, system = real, settings = { count: 2, timeout: 10 }, signal = never) {
  return pingHost(host, settings, { place: system, redact: same, force: never }, signal);
}

const IPUTILS = `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.

--- 192.0.2.1 ping statistics ---
5 packets transmitted, 4 received, 20% packet loss, time 4006ms
rtt min/avg/max/mdev = 4.871/5.213/5.902/0.360 ms
`;
const BUSYBOX = `--- 192.0.2.1 ping statistics ---
5 packets transmitted, 5 packets received, 0% packet loss
round-trip min/avg/max = 0.027/0.049/0.071 ms
`;
const SILENT = `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
From 192.0.2.254 icmp_seq=1 Destination Host Unreachable

--- 192.0.2.1 ping statistics ---
5 packets transmitted, 0 received, +5 errors, 100% packet loss, time 4100ms
pipe 4
`;

test.each([
  ['iputils', IPUTILS, { sent: 5, received: 4, rtt: { avg: 5.213, max: 5.902, mdev: 0.36 } }],
  ['BusyBox', BUSYBOX, { sent: 5, received: 5, rtt: { avg: 0.049, max: 0.071, mdev: undefined } }],
  [
    'iputils with a pipe',
    IPUTILS.replace('0.360 ms', '0.360 ms, pipe 3'),
    { sent: 5, received: 4, rtt: { avg: 5.213, max: 5.902, mdev: 0.36 } },
  ],
  [
    'a BSD',
    '3 packets transmitted, 3 packets received, 0.0% packet loss\nround-trip min/avg/max/stddev = 1.000/2.000/3.000/0.500 ms\n',
    { sent: 3, received: 3, rtt: { avg: 2, max: 3, mdev: 0.5 } },
  ],
  ['no reply', SILENT, { sent: 5, received: 0, rtt: undefined }],
  ['no summary', 'PING 192.0.2.1\n', undefined],
])('the summary of %s', (_, output, summary) => {
  expect(parsePingSummary(output)).toEqual(summary);
});

test("the script's fault: 1.2.3abc counts as a number", () => {
  const output = IPUTILS.replace('5.213', '1.2.3abc');
  expect(parsePingSummary(output)?.rtt).toBeUndefined();
  expect(judgePing('192.0.2.1', output, same).outcome).toBe('error');
});

test.each([
  [
    'a reply is a number',
    IPUTILS,
    'ok',
    undefined,
    'avg 5.213 ms, max 5.902 ms, mdev 0.360 ms, packet loss 20 %',
  ],
  ['BusyBox knows no mdev', BUSYBOX, 'ok', undefined, 'avg 0.049 ms, max 0.071 ms, packet loss 0 %'],
  [
    'no reply at all is a time-out',
    SILENT,
    'timeout',
    'unreachable',
    'no reply to 5 echo requests (Destination Host Unreachable)',
  ],
  [
    'an unknown host',
    'ping: nosuch.invalid: Name or service not known\n',
    'error',
    'name-not-resolved',
    'h was not resolved: nosuch.invalid: Name or service not known',
  ],
  [
    'an unknown host for BusyBox',
    "ping: bad address 'nosuch.invalid'\n",
    'error',
    'name-not-resolved',
    "h was not resolved: bad address 'nosuch.invalid'",
  ],
  [
    'not permitted',
    'ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\n',
    'error',
    'ping-not-permitted',
    'ping is not permitted: socket: Operation not permitted',
  ],
  [
    'not permitted, as the second complaint',
    'ping: WARNING: odd\nping: socket: Operation not permitted\n',
    'error',
    'ping-not-permitted',
    'ping is not permitted: socket: Operation not permitted',
  ],
  [
    'a complaint about no cause that is known',
    'ping: socktype: SOCK_RAW\nping: socket: Too many open files\n',
    'error',
    'ping-failed',
    'socket: Too many open files',
  ],
  [
    'no route',
    'ping: connect: Network is unreachable\n',
    'error',
    'unreachable',
    'connect: Network is unreachable',
  ],
  ['nothing at all', '', 'error', 'ping-failed', 'ping printed no summary'],
  ['an odd complaint', 'Segmentation fault\n', 'error', 'ping-failed', 'Segmentation fault'],
])('%s', (_, output, outcome, cause, detail) => {
  const result = judgePing('h', output, same);
  const numbers = { ms: expect.any(Number), loss: expect.any(Number) };
  expect(result).toEqual({ outcome, detail, ...(cause ? { cause } : numbers) });
});

test.each([
  ['one of five lost', IPUTILS, 0.2],
  ['nothing lost', BUSYBOX, 0],
  ['duplicates', IPUTILS.replace('4 received', '6 received, +2 duplicates'), 0],
])('the share that is lost: %s', (_, output, loss) => {
  expect(judgePing('h', output, same)).toMatchObject({ outcome: 'ok', loss });
});

test.each(['127.0.0.1', 'localhost'])('the real ping of %s', async (host) => {
  const result = await ping(host);
  expect(result).toMatchObject({ outcome: 'ok', detail: expect.stringContaining('packet loss 0 %') });
});

// The kernel lists its IPv6 addresses there; the file is empty or missing where IPv6 is off.
function withoutV6(): boolean {
  try {
    return readFileSync('/proc/net/if_inet6', 'utf8') === '';
  } catch {
    return true;
  }
}

test('the real ping of an IPv6 address', async ({ skip }) => {
  skip(withoutV6(), 'this host has no IPv6');
  expect(await ping('::1')).toMatchObject({ outcome: 'ok' });
});

test('a link-local address on lo that nobody has does not answer: a time-out', async ({ skip }) => {
  skip(withoutV6(), 'this host has no IPv6');
  const result = await ping('fe80::dead%lo', real, { count: 1, timeout: 2 });
  expect(result).toMatchObject({ outcome: 'timeout', cause: 'unreachable' });
});

test('a ping that is given up is asked for its summary, and its replies count', async () => {
  const system = systemWithPing(
    `trap 'echo "3 packets transmitted, 1 received, 66% packet loss, time 9ms"; echo "rtt min/avg/max/mdev = 1.000/1.500/2.000/0.100 ms"; exit 0' INT
     echo "PING"; while :; do sleep 0.01; done`,
  );
  const result = await ping('127.0.0.1', system, { count: 1, timeout: 1 });
  expect(result).toMatchObject({ outcome: 'ok', ms: 1.5 });
});

test.each([
  ['127.0.0.1', 'ping-failed', 'ping printed no summary within 0.2 s'],
  ['gateway.example.com', 'name-not-resolved', 'gateway.example.com was not resolved within 0.2 s'],
])('a ping of %s that ignores everything is killed', async (host, cause, detail) => {
  const system = systemWithPing(`trap '' INT TERM HUP; while :; do sleep 0.01; done`);
  expect(await ping(host, system, { count: 1, timeout: 0.2 })).toEqual({ outcome: 'error', cause, detail });
});

test('a ping that somebody else ends says so: it waited for no name', async () => {
  const system = systemWithPing('echo PING; kill -KILL $$');
  expect(await ping('gateway.example.com', system)).toEqual({
    outcome: 'error',
    cause: 'ping-failed',
    detail: 'ping was ended by signal 9',
  });
});

test('no ping in PATH', async () => {
  const system = realSystem({ PATH: folder });
  expect(await ping('127.0.0.1', system)).toMatchObject({ outcome: 'error', cause: 'ping-missing' });
});

test('a ping that this host can not start', async () => {
  const spawnPty = () => failed('forkpty(3) failed: no terminal is left');
  expect(await ping('127.0.0.1', { ...real, spawnPty })).toEqual({
    outcome: 'error',
    cause: 'ping-not-started',
    detail: `${real.findCommand('ping')} could not be started: forkpty(3) failed: no terminal is left`,
  });
});

test('a ping that can not be executed', async () => {
  const bin = mkdtempSync(path.join(folder, 'bin-'));
  writeFileSync(path.join(bin, 'ping'), '#!/nowhere/bash\n', { mode: 0o755 });
  expect(await ping('127.0.0.1', realSystem({ PATH: bin }))).toEqual({
    outcome: 'error',
    cause: 'ping-missing',
    detail: `${bin}/ping could not be executed: No such file or directory (the interpreter in its first line?)`,
  });
});

test('a ping that needs a capability which a service may not have', async () => {
  const { system } = fakeMachine({
    programs: {
      ping: () => [
        { after: 1, prints: 'execvp(3) failed.: Operation not permitted\r\n' },
        { after: 0, exits: { code: 1, signal: 0 } },
      ],
    },
  });
  expect(await ping('127.0.0.1', system)).toEqual({
    outcome: 'error',
    cause: 'ping-not-permitted',
    detail: '/usr/bin/ping could not be executed: Operation not permitted',
  });
});

test('the C locale, a number for the count, no name look-up back, and no secret of the environment is added', async () => {
  const system = systemWithPing(`echo "args $* locale $LC_ALL"`);
  const result = await ping('192.0.2.1', system, { count: 5, timeout: 20 });
  expect(result).toMatchObject({ detail: 'args -n -c 5 192.0.2.1 locale C' });
});

test('an abort ends the ping and rejects', async () => {
  const stop = new AbortController();
  const result = ping('127.0.0.1', real, { count: 1000, timeout: 2000 }, stop.signal);
  stop.abort(new Error('stop'));
  await expect(result).rejects.toThrow('stop');
});
