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

const anchored = { regex: /^Username:/ };
const password = { regex: /^\W*Password:/ };

test.each([
  ['a spinner with backspaces', '|\b/\b-\b\\\b|\b \bUsername: '],
  ['a spinner that erases the line', '\x1b[2K\x1b[1G⠋ Connecting\x1b[2K\x1b[1GUsername:'],
  ['a progress bar', 'Connecting 10%\rConnecting 20%\r\x1b[KUsername:'],
  ['one that is longer than the prompt and not erased', 'Connecting 10%\rUsername:'],
  ['colours', '\x1b[1;32mUser\x1b[0mname:'],
  ['a window title', 'Wait\r\x1b]0;VPN\x07\x1b[KUsername:'],
  [
    'letters that are drawn one by one',
    [...'Username:'].map((char, at) => `\x1b[${at + 1}G${char}`).join(''),
  ],
  ['a cursor that is back at the first column', 'Username:\r'],
])('a prompt at the beginning of a line is seen behind %s, and once', async (_, drawn) => {
  const { console } = play(text(1, drawn));
  expect(await console.expect([anchored], 1000, never)).toMatchObject({ kind: 'match' });
  expect(await console.expect([anchored], 1000, never)).toEqual({ kind: 'timeout' });
});

test.each<[string, string[]]>([
  ['as it was', ['\rPassword: ']],
  ['after it was erased', ['\x1b[2K\x1b[1GPassword: ']],
  ['with what was typed', ['\x1b[2K\x1b[1GPassword: *', '\x1b[2K\x1b[1GPassword: **']],
  ['with what was typed and erased again', ['***', '\b \b', '\b \b', '\b \b']],
  ['with another sign before it', ['\x1b[2K\x1b[1G✔ Password: ****']],
  ['behind other words', ['\x1b[2K\x1b[1GChecking the Password: ****']],
  ['again and again with a spinner', ['\r| Password:', '\r/ Password:', '\r- Password:']],
  ['in part', ['\x1b[9G\x1b[KX\b\x1b[K: ']],
  ['after the line was another one', ['\r\x1b[KChecking', '\r\x1b[KPassword:']],
  ['on a line above', ['\r\n', '\x1b[A\x1b[2K✔ Password: ****\r\n']],
  ['line by line from further above', ['\r\nWait\r\n', '\x1b[2A\x1b[JPassword: ****\r\nPassword: ****']],
])('a question that was answered is no new one when it is drawn again: %s', async (_, drawn) => {
  const again = { regex: /^.*Password:/, wholeLine: true };
  const { console } = play(text(1, 'Password: '), ...drawn.map((data) => text(100, data)));
  expect(await console.expect([password], 1000, never)).toMatchObject({ kind: 'match' });
  expect(await console.expect([password, again], 2000, never)).toEqual({ kind: 'timeout' });
});

test.each<[string, string]>([
  ['the same question on a new line', '\r\nPassword: '],
  ['also behind a spinner', '\r\n|\b/\b \bPassword: '],
  ['also there drawn over another text', '\r\nChecking\r\x1b[KPassword: '],
  ['another question on the line', '\r\x1b[KPasscode: '],
  ['a text that begins like it', '\r\x1b[KPassword rejected'],
  ['the same question behind it', 'Password: '],
  ['another question on a line above', '\r\n\x1b[A\x1b[2KPasscode: '],
])('a question is new: %s', async (_, drawn) => {
  const next = { regex: /Pass(?:word|code):|Password rejected/ };
  const { console } = play(text(1, 'Password: '), text(100, drawn));
  expect(await console.expect([password], 1000, never)).toMatchObject({ kind: 'match', at: 1001 });
  expect(await console.expect([next], 1000, never)).toMatchObject({ kind: 'match', at: 1101 });
  expect(await console.expect([next], 1000, never)).toEqual({ kind: 'timeout' });
});

test('a pattern without letters asks for what stands before it', async () => {
  const any = { regex: /[:>] ?$/ };
  const asked = ['User: ', '\r\x1b[KUser: x', '\r\x1b[KPass: ', '\r\nPass: ', '\r\n> ', '\r> ', '\r\n> '];
  const { console } = play(...asked.map((data, index) => text(index === 0 ? 1 : 1000, data)));
  const lines: string[] = [];
  for (;;) {
    const outcome = await console.expect([any], 5000, never);
    if (outcome.kind !== 'match') break;
    lines.push(outcome.line);
  }
  expect(lines).toEqual(['User:', 'Pass:', 'Pass:', '>', '>']);
});

test('a question is no new one after its line was drawn for longer than is kept', async () => {
  const spinner = Array.from({ length: 4000 }, (_, index) =>
    text(0, `\r\x1b[KChecking the password ${index}`),
  );
  const { console } = play(text(1, 'Password: '), ...spinner, text(1, '\r\x1b[KPassword: '));
  expect(await console.expect([password], 1000, never)).toMatchObject({ kind: 'match' });
  expect(await console.expect([password], 1000, never)).toEqual({ kind: 'timeout' });
  expect(console.transcript).toEqual({ text: 'Password: ', cut: false });
});

test('a line that is drawn over a million times at once costs no time, and its question is no new one', async () => {
  const { console } = play(
    text(1, `Password: ${'x'.repeat(480)}`),
    text(1, `${'a\bb\b'.repeat(250_000)}\r\x1b[KPassword: `),
    text(1, '\r\nPassword: '),
  );
  expect(await console.expect([password], 1000, never)).toMatchObject({ kind: 'match', at: 1001 });
  expect(await console.expect([password], 1000, never)).toMatchObject({ kind: 'match', at: 1003 });
  expect(console.transcript).toEqual({ text: 'Password: \nPassword: ', cut: false });
});

test('a success that is drawn over counts when it was there, at the time of its last byte', async () => {
  const { console } = play(
    text(10, '\r\x1b[KCONNECTING'),
    text(10, '\r\x1b[KCONN'),
    text(10, 'ECT'),
    text(10, 'ED'),
    text(10, '\r\x1b[KUptime 1 s'),
  );
  expect(await console.expect([connect], 1000, never)).toEqual({
    kind: 'match',
    index: 0,
    line: 'CONNECTED',
    at: 1030,
  });
});

test('what was not drawn over counts with the rest of its line', async () => {
  const stays = [text(10, '⠋ CONNECT to gw refused'), text(10, '\r✔'), text(10, '\x1b[17G')];
  const { console } = play(...stays, text(10, 'is there'));
  const outcome = await console.expect([{ regex: /^✔ .* is there$/, wholeLine: true }], 1000, never);
  expect(outcome).toMatchObject({ kind: 'match', line: '✔ CONNECT to gw is there', at: 1040 });
});

test('a line in which the cursor rests somewhere in the middle counts as it is displayed', async () => {
  const { console } = play(text(10, '⠋ CONNECT'), text(10, '\r✔'));
  const outcome = await console.expect([{ regex: /^✔ CONNECT$/ }], 1000, never);
  expect(outcome).toMatchObject({ kind: 'match', line: '✔ CONNECT', at: 1020 });
});

test('what has not been read is what is displayed behind the last match', async () => {
  const { console } = play(
    text(1, 'Wait 1 s\rUsername:'),
    text(10, '\r\x1b[KUsername: x'),
    text(10, '\r\nWait 1 s\r\x1b[KPassword: '),
    text(500, '\r\nWait 1 s\rWait 2 s'),
  );
  await console.expect([prompt], 1, never);
  expect(console.unread).toBe('');
  await console.expect([{ regex: /never/ }], 100, never);
  expect(console.unread).toBe(' x\nPassword: ');
  await console.expect([password], 100, never);
  await console.expect([{ regex: /never/ }], 1000, never);
  expect(console.unread).toBe(' \nWait 2 s');
  expect(console.transcript.text).toBe('Username: x\nPassword: \nWait 2 s');
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
