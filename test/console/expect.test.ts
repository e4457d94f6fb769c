import { expect, test } from 'vitest';
import { QUIET_MS } from '../../src/console/expect.ts';
import { type ScriptEvent, scriptedPty } from '../support/fake-pty.ts';
import { never } from '../support/never.ts';
import { openTerminal } from '../support/open-terminal.ts';

const prompt = { regex: /Username:/ };
const connect = { regex: /CONNECT/, unless: /REFUSED|CONNECTING|CONNECTION/, wholeLine: true };

function play(...events: ScriptEvent[]) {
  const { system, typed } = scriptedPty(events);
  return { system, typed, console: openTerminal(system, '/bin/client', [], {}) };
}

const text = (after: number, data: string): ScriptEvent => ({ after, data });
const exit = (after: number, code = 0, signal = 0): ScriptEvent => ({ after, exit: { code, signal } });

test('a prompt is found when its last byte arrives, and the time is that of its arrival', async () => {
  const { console } = play(text(10, 'Welc'), text(10, 'ome\r\nUser'), text(10, 'name:'));
  expect(await console.expect([prompt], 1000, never)).toEqual({
    kind: 'match',
    index: 0,
    line: 'Username:',
    at: 1030,
  });
});

test('what a match has consumed is not found again', async () => {
  const { console } = play(text(1, 'Username:'), text(1, 'Username:'));
  expect(await console.expect([prompt], 1000, never)).toMatchObject({ kind: 'match', at: 1001 });
  expect(await console.expect([prompt], 1000, never)).toMatchObject({ kind: 'match', at: 1002 });
  expect(await console.expect([prompt], 1000, never)).toEqual({ kind: 'timeout' });
});

test('of several outcomes at once the first in the text wins, whatever their order in the list', async () => {
  const patterns = [{ regex: /CONNECT/ }, { regex: /failed/ }];
  const { console } = play(text(1, 'login failed\r\nCONNECT\r\n'));
  expect(await console.expect(patterns, 1000, never)).toMatchObject({ index: 1, line: 'login failed' });
});

test('the line of a match is the one that it ends in, not a blank one or a rule before it', async () => {
  const failed = { regex: /^\W*login failed/im };
  for (const before of ['\r\n', '******\r\n', '\r\n----\r\n  ']) {
    const { console } = play(text(1, `Password:${before}`), text(1, 'Login failed.\r\nmore\r\n'));
    expect(await console.expect([failed], 1000, never)).toMatchObject({ line: 'Login failed.' });
  }
});

test('a time-out is an outcome', async () => {
  const { console, system } = play(text(1, 'Welcome'));
  expect(await console.expect([prompt], 30_000, never)).toEqual({ kind: 'timeout' });
  expect(system.monotonic()).toBe(31_000);
});

test('the end of the client is an outcome, with how it ended', async () => {
  const { console } = play(text(1, 'bye'), exit(1, 0, 9));
  expect(await console.expect([prompt], 1000, never)).toEqual({ kind: 'eof', exit: { code: 0, signal: 9 } });
});

test('the last words of a client that arrive after its exit still count', async () => {
  const { console } = play(exit(1, 1), text(20, 'Username:'));
  expect(await console.expect([prompt], 1000, never)).toMatchObject({ kind: 'match' });
});

test('an abort ends the wait with its reason', async () => {
  const { console } = play();
  const stop = new AbortController();
  stop.abort(new Error('stop'));
  await expect(console.expect([prompt], 1000, stop.signal)).rejects.toThrow('stop');
});

test.each<[string, ScriptEvent[], string, number | undefined]>([
  ['its line has ended', [text(10, 'CONNECTED\r\n')], 'match', 1010],
  ['nothing follows for the quiet time', [text(10, 'CONNECT')], 'match', 1010],
  ['the word comes in two writes: the second counts', [text(10, 'CON'), text(10, 'NECT')], 'match', 1020],
  ['the line goes on to deny it', [text(10, 'CONNECT'), text(100, 'ION REFUSED\r\n')], 'timeout', undefined],
  ['the line denied it before', [text(10, 'REFUSED to CONNECT\r\n')], 'timeout', undefined],
  [
    'a line denies it, the next says it',
    [text(10, 'CONNECTING\r'), text(10, 'CONNECTED\r\n')],
    'match',
    1020,
  ],
  ['the client ends behind it', [text(10, 'CONNECT'), exit(1)], 'match', 1010],
  ['bytes drip on until the deadline', Array.from({ length: 9 }, () => text(200, 'CONNECT ')), 'match', 1200],
])('success, judged by its whole line: %s', async (_, events, kind, at) => {
  const { console } = play(...events);
  const outcome = await console.expect([connect], 1500, never);
  expect(outcome.kind).toBe(kind);
  if (outcome.kind === 'match') expect(outcome.at).toBe(at);
});

test('what its line decides is quoted with all of it, whatever the writes', async () => {
  const { console } = play(
    text(10, 'Login failed'),
    text(100, ': account is '),
    text(100, 'locked\r\nUsername:'),
  );
  expect(await console.expect([{ regex: /failed/, wholeLine: true }, prompt], 1000, never)).toEqual({
    kind: 'match',
    index: 0,
    line: 'Login failed: account is locked',
    at: 1010,
  });
});

test('a pattern that matches only as long as its line has not gone on has not matched', async () => {
  const { console } = play(text(10, 'not failed'), text(100, ' at all\r\nfailed\r\n'));
  const outcome = await console.expect([{ regex: /failed$/m, wholeLine: true }], 1000, never);
  expect(outcome).toMatchObject({ kind: 'match', line: 'failed', at: 1110 });
});

test('the quiet that judges an unfinished line starts at its last byte', async () => {
  const { console, system } = play(text(10, 'CONNECT'), text(QUIET_MS - 1, 'ED'));
  await console.expect([connect], 5000, never);
  expect(system.monotonic()).toBe(1010 + QUIET_MS - 1 + QUIET_MS);
});

test('a megabyte of noise is bounded, and what follows it is found', async () => {
  const noise = Array.from({ length: 256 }, () => text(0, 'x'.repeat(4096)));
  const { console } = play(...noise, text(1, '\r\nUsername:'));
  expect(await console.expect([prompt], 1000, never)).toMatchObject({ kind: 'match', line: 'Username:' });
  expect(console.transcript.cut).toBe(true);
  expect(console.transcript.text.length).toBeLessThan(256 * 1024);
});

test('a line whose beginning is lost is not quoted: the rest of a secret may stand there', async () => {
  const noise = Array.from({ length: 40 }, () => text(0, 'x'.repeat(4096)));
  const { console } = play(...noise, text(1, 'the rest of it. Login failed\r\n'));
  const outcome = await console.expect([{ regex: /failed/, wholeLine: true }], 1000, never);
  expect(outcome).toMatchObject({ kind: 'match', line: '(in a line that is too long to be shown)' });
});

test('a prompt may be asked for at a line start, also after the text was cut', async () => {
  const lines = Array.from({ length: 20_000 }, (_, line) => text(0, `line ${line}\r\n`));
  const { console } = play(...lines, text(1, 'no Username:\r\nUsername:'));
  const outcome = await console.expect([{ regex: /^Username:/m }], 1000, never);
  expect(outcome).toMatchObject({ kind: 'match', line: 'Username:' });
});

test('a line is typed with one newline', () => {
  const { console, typed } = play();
  console.sendLine('quit');
  expect(typed).toEqual(['quit\n']);
});

test('waiting for the end gives up at its deadline', async () => {
  const { console } = play(exit(500, 3));
  expect(await console.ended(100, never)).toBeUndefined();
  expect(await console.ended(1000, never)).toEqual({ code: 3, signal: 0 });
  expect(await console.ended(1000, never)).toEqual({ code: 3, signal: 0 });
});
