import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { failed } from '../../src/model/result.ts';
import { pingHost } from '../../src/probe/ping.ts';
import { judgePing } from '../../src/probe/ping-output.ts';
import { parsePingSummary } from '../../src/probe/ping-summary.ts';
import type { Place } from '../../src/system/place.ts';
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

function ping(
  host: string,
  system: Place = real,
  settings: Partial<Config['ping']> = { count: 2, timeout: 10 },
  signal = never,
) {
  const all = { count: 2, timeout: 10, family: 'auto', maxLoss: 100, ...settings } as const;
  return pingHost(host, all, { place: system, redact: same, force: never }, signal);
}

/** A name that is not resolved. */
const noName = async () => [];

/** What comes of a ping's output where any loss is allowed. */
function judge(host: string, output: string, maxLoss = 100) {
  return judgePing({ host, maxLoss, tookMs: 4000 }, output, same);
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
  ['iputils', IPUTILS, { sent: 5, received: 4, rtt: { min: 4.871, avg: 5.213, max: 5.902, mdev: 0.36 } }],
  [
    'BusyBox',
    BUSYBOX,
    { sent: 5, received: 5, rtt: { min: 0.027, avg: 0.049, max: 0.071, mdev: undefined } },
  ],
  [
    'iputils with a pipe',
    IPUTILS.replace('0.360 ms', '0.360 ms, pipe 3'),
    { sent: 5, received: 4, rtt: { min: 4.871, avg: 5.213, max: 5.902, mdev: 0.36 } },
  ],
  [
    'a BSD',
    '3 packets transmitted, 3 packets received, 0.0% packet loss\nround-trip min/avg/max/stddev = 1.000/2.000/3.000/0.500 ms\n',
    { sent: 3, received: 3, rtt: { min: 1, avg: 2, max: 3, mdev: 0.5 } },
  ],
  ['no reply', SILENT, { sent: 5, received: 0, rtt: undefined }],
  ['no summary', 'PING 192.0.2.1\n', undefined],
])('the summary of %s', (_, output, summary) => {
  expect(parsePingSummary(output)).toEqual(summary);
});

test.each([
  [
    'a help text',
    'BusyBox v1.35 multi-call binary.\n\nUsage: ping [OPTIONS] HOST\n',
    'binary. Usage: ping [OPTIONS] HOST',
  ],
  ['thousands of lines', '64 bytes from 192.0.2.1: icmp_seq=1 ttl=64\n'.repeat(9999), 'ttl=64 64 bytes'],
  ['one endless line', `ping: ${'x'.repeat(99_999)}`, 'xxx...'],
  ['escape sequences', 'ping: \x1b]0;title\x07\x1b[31mred\n', ']0;title [31mred'],
])('what is quoted of a ping without a summary is one short line: %s', (_, output, part) => {
  const { detail } = judge('192.0.2.1', output);
  expect(detail).toContain(part);
  expect(detail).toMatch(/^.{1,320}$/);
  expect(detail).not.toMatch(/\p{Cc}/u);
});

test("the script's fault: 1.2.3abc counts as a number", () => {
  const output = IPUTILS.replace('5.213', '1.2.3abc');
  expect(parsePingSummary(output)?.rtt).toBeUndefined();
  expect(judge('192.0.2.1', output).outcome).toBe('error');
});

test.each([
  [
    'a reply is a number',
    IPUTILS,
    'ok',
    undefined,
    'avg 5.213 ms, max 5.902 ms, mdev 0.360 ms, packet loss 20 % (192.0.2.1)',
  ],
  ['BusyBox knows no mdev', BUSYBOX, 'ok', undefined, 'avg 0.049 ms, max 0.071 ms, packet loss 0 %'],
  [
    'no reply at all is a time-out',
    SILENT,
    'timeout',
    'unreachable',
    'no reply to 5 echo requests to 192.0.2.1 (Destination Host Unreachable)',
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
    'ping: socktype: SOCK_RAW\nping: socket: Invalid argument\n',
    'error',
    'ping-failed',
    'socket: Invalid argument',
  ],
  ['nothing at all', '', 'error', 'ping-failed', 'ping printed no summary'],
  ['an odd complaint', 'Segmentation fault\n', 'error', 'ping-failed', 'Segmentation fault'],
])('%s', (_, output, outcome, cause, detail) => {
  const result = judge('h', output);
  const numbers = { ms: expect.any(Number), loss: expect.any(Number) };
  expect(result).toEqual({ outcome, detail, ...(cause ? { cause } : numbers) });
});

/** What ping prints when `received` of five requests were answered, after `lines`. */
function statistics(received: number, ...lines: string[]) {
  const loss = 100 - 20 * received;
  return `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
${lines.map((line) => `${line}\n`).join('')}
--- 192.0.2.1 ping statistics ---
5 packets transmitted, ${received} received, ${loss}% packet loss, time 4001ms
${received > 0 ? 'rtt min/avg/max/mdev = 4.000/4.100/4.200/0.100 ms\n' : ''}`;
}

test.each([
  ['inetutils, whose spread is no number', 'stddev = 4.628/4.628/4.628/nan', 4.628, 4.628, undefined],
  ['inetutils, with a sign', 'stddev = 1.000/2.000/3.000/-nan', 2, 3, undefined],
  ['OpenBSD', 'std-dev = 1.000/2.000/3.000/0.500', 2, 3, 0.5],
])('the times of %s', (_, times, avg, max, mdev) => {
  const output = `2 packets transmitted, 2 packets received, 0.0% packet loss\nround-trip min/avg/max/${times} ms\n`;
  expect(parsePingSummary(output)?.rtt).toMatchObject({ avg, max, mdev });
  expect(judge('h', output)).toMatchObject({ outcome: 'ok', ms: avg, loss: 0 });
});

test.each([
  [
    'a redirect, and then the failure',
    [
      'From 192.0.2.254: icmp_seq=1 Redirect Host(New nexthop: 192.0.2.253)',
      'From 192.0.2.253 icmp_seq=1 Time to live exceeded',
    ],
    ' (Time to live exceeded)',
  ],
  [
    'a redirect as inetutils has it',
    [
      '36 bytes from gw.example.com (192.0.2.254): Redirect Network(New addr: 192.0.2.253)',
      '92 bytes from 192.0.2.254: Destination Net Unreachable',
    ],
    ' (Destination Net Unreachable)',
  ],
  [
    'BusyBox',
    ['ping: warning: got ICMP 5 (Redirect)', 'ping: warning: got ICMP 3 (Destination Unreachable)'],
    ' (warning: got ICMP 3 (Destination Unreachable))',
  ],
  ['only a redirect', ['From 192.0.2.254: icmp_seq=1 Redirect Host(New nexthop: 192.0.2.253)'], ''],
  [
    'remarks',
    [
      'ping: Warning: time of day goes back (-5us), taking countermeasures',
      'ping: Warning: no SO_TIMESTAMP support, falling back to SIOCGSTAMP',
      'ping: checksum mismatch from 192.0.2.9',
      'From 192.0.2.254 icmp_seq=2 Source Quench',
    ],
    '',
  ],
  ['a firewall on the way', ['From 192.0.2.254 icmp_seq=1 Packet filtered'], ' (Packet filtered)'],
])('what no reply is put down to: %s', (_, lines, why) => {
  expect(judge('h', statistics(0, ...lines))).toEqual({
    outcome: 'timeout',
    cause: 'unreachable',
    detail: `no reply to 5 echo requests to 192.0.2.1${why}`,
  });
});

test('duplicates and other remarks beside replies are no failure', () => {
  const reply = '64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=4.1 ms';
  const lines = [`${reply} (DUP!)`, `${reply} (BAD CHECKSUM!)`, `${reply} (DIFFERENT ADDRESS!)`];
  expect(judge('h', statistics(5, ...lines), 0)).toMatchObject({ outcome: 'ok', ms: 4.1, loss: 0 });
});

test.each([
  ['a firewall', 'ping: sendmsg: Operation not permitted', 'ping-not-permitted'],
  ['BusyBox and a firewall', 'ping: sendto: Operation not permitted', 'ping-not-permitted'],
  ['a prohibited route', 'ping: sendmsg: Permission denied', 'ping-not-permitted'],
  ['no source address', 'ping: sendmsg: Cannot assign requested address', 'ping-not-sent'],
  ['no source address, by musl', 'ping: sendto: Address not available', 'ping-not-sent'],
  ['no source address, on a BSD', "ping: sendto: Can't assign requested address", 'ping-not-sent'],
  ['a full queue', 'ping: sendmsg: No buffer space available', 'ping-not-sent'],
  ['no memory', 'ping: sendmsg: Cannot allocate memory', 'ping-not-sent'],
])('this host is at fault, not the gateway: %s', (_, complaint, cause) => {
  // What comes back from this host's own address says less.
  const output = statistics(0, 'From 192.0.2.2 icmp_seq=1 Destination Host Unreachable', complaint);
  const detail = expect.stringMatching(`${complaint.replace('ping: ', '')} \\(192\\.0\\.2\\.1\\)$`);
  expect(judge('h', output)).toEqual({ outcome: 'error', cause, detail });
  // Replies count, whatever else this host complained about.
  expect(judge('h', statistics(4, complaint))).toMatchObject({ outcome: 'ok', ms: 4.1 });
});

test.each([
  ['a connect', 'ping: connect: Cannot assign requested address\n', 'ping-not-sent'],
  ['the limit of open files', 'ping: socket: Too many open files\n', 'ping-not-sent'],
  ['IPv6 that is off', 'ping: socket: Address family not supported by protocol\n', 'ping-not-sent'],
  [
    'a firewall at the connect',
    'ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n',
    'ping-not-permitted',
  ],
  ['no request sent', '--- statistics ---\n0 packets transmitted, 0 received\n', 'ping-not-sent'],
])('a ping without a summary that this host prevents: %s', (_, output, cause) => {
  expect(judge('192.0.2.7', output)).toEqual({
    outcome: 'error',
    cause,
    detail: expect.stringContaining('192.0.2.7'),
  });
});

describe('a missing route', () => {
  const words = 'connect: Network is unreachable';
  test.each([
    ['iputils', `ping: ${words}\n`, words],
    ['iputils before 2017', `${words}\n`, words],
    ['a route of the type unreachable', 'ping: connect: No route to host\n', 'connect: No route to host'],
  ])('is no answer of the network: %s', (_, output, said) => {
    expect(judge('192.0.2.7', output)).toEqual({
      outcome: 'error',
      cause: 'unreachable',
      detail: `${said} (192.0.2.7)`,
      noRoute: true,
    });
  });
  test('may come while ping runs', () => {
    const lost = statistics(0, 'ping: sendmsg: Network is unreachable');
    expect(judge('192.0.2.1', lost)).toMatchObject({ outcome: 'timeout', noRoute: true });
  });
  test('is not what a router or this host itself reports of a silent neighbour', () => {
    for (const line of [
      'From 192.0.2.254 icmp_seq=1 Destination Net Unreachable',
      'From 10.9.0.1 icmp_seq=1 Destination Host Unreachable',
      'ping: sendmsg: got ICMP: Network is unreachable',
    ]) {
      expect(judge('192.0.2.1', statistics(0, line))).not.toHaveProperty('noRoute');
    }
  });
});

describe('a complaint is put down to who made it', () => {
  const received = 'From 192.0.2.2 icmp_seq=1 Destination Host Unreachable';
  test.each([
    ['a blackhole route, by iputils', 'ping: connect: Invalid argument\n'],
    ['a blackhole route, by BusyBox', 'PING 192.0.2.7 (192.0.2.7)\nping: sendto: Invalid argument\n'],
    ['a blackhole route, by inetutils', '/usr/bin/ping: sending packet: Invalid argument\n'],
    ['inetutils without a route', '/usr/bin/ping: sending packet: Network is unreachable\n'],
  ])('no route: %s', (_, output) => {
    expect(judge('192.0.2.7', output)).toMatchObject({ cause: 'unreachable', noRoute: true });
  });
  test.each([
    ['a router reports it when ping receives', ['ping: recvmsg: No route to host']],
    ['a router reports a network', ['ping: recvfrom: Network is unreachable']],
    ['the neighbour is silent', [received, 'ping: sendmsg: No route to host']],
  ])('there is a route: %s', (_, lines) => {
    const result = judge('192.0.2.1', statistics(0, ...lines));
    expect(result).toMatchObject({ outcome: 'timeout', cause: 'unreachable' });
    expect(result).not.toHaveProperty('noRoute');
  });
  test('a route that went while ping ran', () => {
    const lost = statistics(0, received, 'ping: sendmsg: Network is unreachable');
    expect(judge('192.0.2.1', lost)).toMatchObject({ noRoute: true });
  });
  test.each([
    ['192.0.2.7', 'ping: sendmsg: Message too long\n\n5 packets transmitted, 0 received\n'],
    ['192.0.2.7', 'ping: local error: message too long, mtu=60\n\n5 packets transmitted, 0 received\n'],
    ['fe80::1%gone', 'ping: fe80::1%gone: Name or service not known\n'],
    ['fe80::1%gone', 'ping: unknown iface: gone\n'],
    ['2001:db8::7', '/usr/bin/ping: unknown host\n'],
  ])('this host can not send to %s: %s', (host, output) => {
    expect(judge(host, output)).toMatchObject({
      outcome: 'error',
      cause: 'ping-not-sent',
      detail: expect.stringContaining(`(${host})`),
    });
  });
});

describe('the clock of this host is set while ping runs', () => {
  const statisticsOf = (words: string, ...times: string[]) =>
    `${times.map((time, seq) => `64 bytes from 192.0.2.1: icmp_seq=${seq} ttl=64 time=${time} ms`).join('\n')}
2 packets transmitted, 2 received, 0% packet loss
${words} ms
`;
  const detail =
    'avg 4.100 ms, max 4.100 ms, packet loss 0 % (times of 1 of 2: the clock of this host was set meanwhile) (192.0.2.1)';
  test.each([
    ['forward', statisticsOf('rtt min/avg/max/mdev = 4.100/1800002.050/3600000.000/9.9', '4.10', '3600000')],
    [
      'back, by iputils',
      `ping: Warning: time of day goes back (-99us), taking countermeasures\n${statisticsOf('rtt min/avg/max/mdev = 0.000/2.050/4.100/2.0', '0.000', '4.10')}`,
    ],
    [
      'back, by inetutils',
      statisticsOf('round-trip min/avg/max/stddev = -999.800/-497.850/4.100/1.0', '4.10', '-999.800'),
    ],
    [
      'forward, and a duplicate',
      statisticsOf('rtt min/avg/max/mdev = 4.1/9999.9/99999.9/9.9', '4.10', '99999', '4.90 ms (DUP!)'),
    ],
  ])('%s: only the possible times count', (_, output) => {
    expect(judge('192.0.2.1', output)).toEqual({ outcome: 'ok', ms: 4.1, loss: 0, detail });
  });
  test('no time is left', () => {
    const output = statisticsOf('rtt min/avg/max/mdev = 9999.1/9999.1/9999.1/0.0', '9999.1');
    expect(judge('192.0.2.1', output)).toMatchObject({
      outcome: 'error',
      cause: 'ping-failed',
      detail:
        'ping printed no possible round-trip time (min 9999.1 ms, max 9999.1 ms): the clock of this host may have been set meanwhile (192.0.2.1)',
    });
  });
  test('replies that are only cut off have no time', () => {
    const output = statisticsOf('rtt min/avg/max/mdev = 9223372036854775.807/0.000/0.000/0.000');
    expect(judge('192.0.2.1', output)).toMatchObject({ outcome: 'error', cause: 'ping-failed' });
  });
});

test('the decimal comma of a locale', () => {
  const output = IPUTILS.replace('4.871/5.213/5.902/0.360', '4,871/5,213/5,902/0,360');
  expect(judge('h', output)).toMatchObject({ outcome: 'ok', ms: 5.213 });
});

test('one packet', () => {
  const output =
    '1 packet transmitted, 1 packet received, 0% packet loss\nround-trip min/avg/max = 1.0/1.5/2.0 ms\n';
  expect(judge('h', output)).toMatchObject({ outcome: 'ok', ms: 1.5, loss: 0 });
});

test('replies without a time', () => {
  const output = statistics(0).replace('0 received', '3 received');
  expect(judge('h', output)).toEqual({
    outcome: 'error',
    cause: 'ping-failed',
    detail: 'ping printed no round-trip time (replies: 3 of 5) (192.0.2.1)',
  });
});

describe('ping.max_loss', () => {
  const lossy = statistics(2, 'From 192.0.2.254 icmp_seq=3 Destination Host Unreachable');
  test.each([100, 60])('a loss of 60 % is allowed by %d', (maxLoss) => {
    expect(judge('h', lossy, maxLoss)).toMatchObject({ outcome: 'ok', ms: 4.1, loss: 0.6 });
  });
  test('a higher loss is an error of its own', () => {
    expect(judge('h', lossy, 59.9)).toEqual({
      outcome: 'error',
      cause: 'packet-loss',
      loss: 0.6,
      detail:
        'packet loss above 59.9 %: avg 4.100 ms, max 4.200 ms, mdev 0.100 ms, packet loss 60 % (192.0.2.1): Destination Host Unreachable',
    });
  });
  test('7 of 100 is not above 7 %', () => {
    const output = '100 packets transmitted, 93 received\nrtt min/avg/max/mdev = 1.0/1.0/1.0/0.0 ms\n';
    expect(judge('h', output, 7)).toMatchObject({ outcome: 'ok', loss: 0.07 });
  });
  test('what this host did not send was not lost', () => {
    const output = statistics(2, 'ping: sendmsg: No buffer space available');
    expect(judge('h', output, 10)).toMatchObject({ outcome: 'error', cause: 'ping-not-sent', loss: 0.6 });
  });
  test('no reply at all is a time-out as ever', () => {
    expect(judge('h', statistics(0), 10)).toMatchObject({ outcome: 'timeout', cause: 'unreachable' });
  });
});

test.each([
  ['one of five lost', IPUTILS, 0.2],
  ['nothing lost', BUSYBOX, 0],
  ['duplicates', IPUTILS.replace('4 received', '6 received, +2 duplicates'), 0],
])('the share that is lost: %s', (_, output, loss) => {
  expect(judge('h', output)).toMatchObject({ outcome: 'ok', loss });
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
  const system = { ...systemWithPing(`trap '' INT TERM HUP; while :; do sleep 0.01; done`), resolve: noName };
  expect(await ping(host, system, { count: 1, timeout: 0.2 })).toEqual({ outcome: 'error', cause, detail });
});

test('a ping that somebody else ends says so: it waited for no name', async () => {
  const system = { ...systemWithPing('echo PING; kill -KILL $$'), resolve: noName };
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
  expect(result).toMatchObject({ detail: 'args -n -c 5 192.0.2.1 locale C (192.0.2.1)' });
});

test('an abort ends the ping and rejects', async () => {
  const stop = new AbortController();
  const result = ping('127.0.0.1', real, { count: 1000, timeout: 2000 }, stop.signal);
  stop.abort(new Error('stop'));
  await expect(result).rejects.toThrow('stop');
});

describe('a name with several addresses', () => {
  const V6 = '2001:db8::11';
  const V4 = '192.0.2.11';
  const both = async () => [V6, V4];
  const ends = (code: number) => ({ after: 0, exits: { code, signal: 0 } });
  const answers = (address: string) => [
    { after: 1, prints: `64 bytes from ${address}: icmp_seq=1 ttl=64 time=4.1 ms\n` },
    { after: 4000, prints: statistics(5).replaceAll('192.0.2.1', address) },
    ends(0),
  ];
  const noRoute = [{ after: 1, prints: 'ping: connect: Network is unreachable\n' }, ends(2)];
  const rejected = (address: string) => [
    {
      after: 3000,
      prints: statistics(0, `From ${V6} icmp_seq=1 Destination unreachable: Address unreachable`).replaceAll(
        '192.0.2.1',
        address,
      ),
    },
    ends(1),
  ];
  type Steps = ReturnType<typeof answers>;
  const machineWith = (steps: Readonly<Record<string, Steps>>, resolve: Place['resolve'] = both) =>
    fakeMachine({ programs: { ping: (args) => steps[args.at(-1) ?? ''] ?? [] }, system: { resolve } });

  test('the first answers: the other one is left alone', async () => {
    const machine = machineWith({ [V6]: answers(V6), [V4]: answers(V4) });
    expect(await ping('gw.example.com', machine.system, { count: 5, timeout: 20 })).toEqual({
      outcome: 'ok',
      ms: 4.1,
      loss: 0,
      detail: `avg 4.100 ms, max 4.200 ms, mdev 0.100 ms, packet loss 0 % (${V6})`,
    });
    expect(machine.started).toEqual([`/usr/bin/ping -n -c 5 ${V6}`]);
  });

  test.each<[string, Steps, string]>([
    ['no route', noRoute, `connect: Network is unreachable (${V6})`],
    [
      'a neighbour that is not there',
      rejected(V6),
      `no reply to 5 echo requests to ${V6} (Destination unreachable: Address unreachable)`,
    ],
    [
      'a firewall of this host for IPv6 only',
      [{ after: 1, prints: 'ping: connect: Permission denied\n' }, ends(2)],
      `ping is not permitted: connect: Permission denied (${V6})`,
    ],
  ])('the first has %s: the next one is a number, and both are named', async (_, first, why) => {
    const machine = machineWith({ [V6]: first, [V4]: answers(V4) });
    expect(await ping('gw.example.com', machine.system, { count: 5, timeout: 20 })).toMatchObject({
      outcome: 'ok',
      ms: 4.1,
      detail: `avg 4.100 ms, max 4.200 ms, mdev 0.100 ms, packet loss 0 % (${V4}); ${why}`,
    });
  });

  test('none answers: a time-out, whichever comes first', async () => {
    const detail = `no reply to 5 echo requests to ${V4} (Destination unreachable: Address unreachable); connect: Network is unreachable (${V6})`;
    for (const resolve of [both, async () => [V4, V6]]) {
      const machine = machineWith({ [V6]: noRoute, [V4]: rejected(V4) }, resolve);
      expect(await ping('gw.example.com', machine.system, { count: 5, timeout: 20 })).toEqual({
        outcome: 'timeout',
        cause: 'unreachable',
        detail,
      });
    }
  });

  test('one that replies, but loses too much, is the one that a client would reach', async () => {
    const lossy = [
      { after: 1, prints: `64 bytes from ${V6}: icmp_seq=1 ttl=64 time=4.1 ms\n${statistics(1)}` },
      ends(0),
    ];
    const machine = machineWith({ [V6]: lossy, [V4]: answers(V4) });
    const result = await ping('gw.example.com', machine.system, { count: 5, timeout: 20, maxLoss: 50 });
    expect(result).toMatchObject({ outcome: 'error', cause: 'packet-loss', loss: 0.8 });
    expect(machine.started).toHaveLength(1);
  });

  test('all are silent: all of it ends after ping.timeout', async () => {
    const addresses = [V6, V4, '192.0.2.12'];
    const machine = machineWith({}, async () => addresses);
    const result = await ping('gw.example.com', machine.system, { count: 5, timeout: 12 });
    expect(result).toMatchObject({ outcome: 'error', cause: 'ping-failed' });
    expect(machine.started).toEqual(addresses.map((address) => `/usr/bin/ping -n -c 5 ${address}`));
    expect(machine.system.monotonic()).toBeGreaterThan(11_000);
    expect(machine.system.monotonic()).toBeLessThanOrEqual(12_100);
  });

  test('a real program that is silent is left for the next when all its requests are sent', async () => {
    const system = systemWithPing(
      `[ "$4" = ${V4} ] && { echo "64 bytes from ${V4}: icmp_seq=1 ttl=64 time=1.5 ms"; sum() { echo "1 packets transmitted, 1 received"; echo "rtt min/avg/max/mdev = 1.5/1.5/1.5/0.0 ms"; exit; }; sum; }
       trap 'echo "1 packets transmitted, 0 received, 100% packet loss, time 0ms"; exit 1' INT
       while :; do sleep 0.01; done`,
    );
    const started = performance.now();
    const result = await ping('gw.example.com', { ...system, resolve: both }, { count: 1, timeout: 30 });
    expect(result).toMatchObject({
      outcome: 'ok',
      ms: 1.5,
      detail: expect.stringContaining(`(${V4}); no reply to 1 echo request to ${V6}`),
    });
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test('a ping that does not end at SIGINT: the time of a second one is not there', async () => {
    const machine = fakeMachine({
      programs: { ping: () => [] },
      system: { resolve: both, kill: () => 'sent' },
    });
    const result = await ping('gw.example.com', machine.system, { count: 5, timeout: 20 });
    expect(result).toMatchObject({ cause: 'ping-failed', detail: 'ping printed no summary within 5 s' });
    expect(machine.started).toHaveLength(1);
  });

  test.each<[Config['ping']['family'], string]>([
    [4, V4],
    [6, V6],
  ])('ping.family: %s', async (family, address) => {
    const machine = machineWith({ [V6]: answers(V6), [V4]: answers(V4) });
    const result = await ping('gw.example.com', machine.system, { family });
    expect(result).toMatchObject({ outcome: 'ok', detail: expect.stringContaining(`(${address})`) });
    expect(machine.started).toEqual([`/usr/bin/ping -n -c 2 ${address}`]);
  });

  test('no address of the family', async () => {
    const machine = machineWith({}, async () => [V4]);
    expect(await ping('gw.example.com', machine.system, { family: 6 })).toEqual({
      outcome: 'error',
      cause: 'name-not-resolved',
      detail: 'gw.example.com has no IPv6 address (ping.family: 6)',
    });
    expect(machine.started).toEqual([]);
  });

  test('a name without an address: ping says why, also of one family', async () => {
    const unknown = [
      { after: 1, prints: 'ping: gw.example.com: Temporary failure in name resolution\n' },
      ends(2),
    ];
    const machine = machineWith({ 'gw.example.com': unknown }, noName);
    expect(await ping('gw.example.com', machine.system, { family: 4 })).toMatchObject({
      cause: 'name-not-resolved',
      detail: expect.stringContaining('Temporary failure in name resolution'),
    });
    expect(machine.started).toEqual(['/usr/bin/ping -n -4 -c 2 gw.example.com']);
  });

  test('a name server that is silent costs no more than ping.timeout', async () => {
    const machine = machineWith({}, () => new Promise(() => undefined));
    expect(await ping('gw.example.com', machine.system, { count: 5, timeout: 20 })).toEqual({
      outcome: 'error',
      cause: 'name-not-resolved',
      detail: 'gw.example.com was not resolved within 20 s',
    });
    expect(machine.system.monotonic()).toBe(20_000);
  });

  test.each([V4, V6, 'fe80::1%eth0', 'gw%eth0'])('%s is pinged as it is', async (host) => {
    const resolve = () => {
      throw new Error('looked up');
    };
    const machine = machineWith({ [host]: answers(V4) }, resolve);
    const result = await ping(host, machine.system, { family: 4 });
    expect(result.outcome).toBe('ok');
    expect(machine.started).toEqual([`/usr/bin/ping -n -c 2 ${host}`]);
  });
});
