import { expect, onTestFinished, test, vi } from 'vitest';
import type { Outcome, Terminal } from '../../src/console/expect.ts';
import { createRedactor } from '../../src/log/redact.ts';
import { lastWords, mostTelling } from '../../src/probe/last-words.ts';
import { judgeFailure } from '../../src/probe/login-failure.ts';
import { type ScriptEvent, scriptedPty } from '../support/fake-pty.ts';
import { never } from '../support/never.ts';
import { openTerminal } from '../support/open-terminal.ts';
import { PASSWORD, simulatedSite } from '../support/site.ts';

const redact = createRedactor([simulatedSite('works').password]);
const TIMEOUT: Outcome = { kind: 'timeout' };
const SILENT = { words: '', asks: false };

/** Judges what comes of a wait for the prompt `Password:`, or for the success. */
const judged = (outcome: Outcome, said = SILENT, awaited: string | undefined = 'Password:') =>
  judgeFailure(outcome, undefined, { client: 'own', awaited, stepTimeout: 30, said, redact });

test.each([
  [
    'nothing',
    judged(TIMEOUT),
    'step-timed-out',
    'the prompt Password: did not come within 30 s, the client said nothing more',
  ],
  [
    'other words',
    judged(TIMEOUT, { words: 'POST https://192.0.2.1/', asks: false }),
    'step-timed-out',
    'the prompt Password: did not come within 30 s, the client last said: POST https://192.0.2.1/',
  ],
  [
    'another prompt',
    judged(TIMEOUT, { words: 'Enter PIN:', asks: true }),
    'prompt-not-seen',
    'the prompt Password: did not come within 30 s, seen instead: Enter PIN:',
  ],
  [
    'one more prompt than there should be',
    judgeFailure(TIMEOUT, undefined, {
      client: 'own',
      awaited: undefined,
      stepTimeout: 30,
      said: { words: 'One-time code:', asks: true },
      redact,
    }),
    'prompt-not-seen',
    'the success of the log-in did not come within 30 s, seen instead: One-time code:',
  ],
  [
    'the end',
    judged({ kind: 'eof', exit: { code: 3, signal: 0 } }),
    'client-exited',
    'the client ended (exit status 3) before the prompt Password: came',
  ],
  [
    'what can not be searched',
    judged({ kind: 'unsearched', why: 'a pattern takes more than 1 s to be looked for' }),
    'step-timed-out',
    'the prompt Password: could not be waited for with the patterns of clients.own: a pattern takes more than 1 s to be looked for',
  ],
  [
    'last words, and the end',
    judged({ kind: 'eof', exit: { code: 0, signal: 9 } }, { words: 'out of memory', asks: false }),
    'client-exited',
    'the client ended (signal 9) before the prompt Password: came: out of memory',
  ],
  [
    'a text that says why',
    judged({ kind: 'match', index: 0, line: `no entry for ${PASSWORD}`, at: 0 }),
    'refused',
    'no entry for ***',
  ],
])('awaited was a prompt, what came was %s', (_, result, cause, detail) => {
  expect(result).toEqual({ outcome: 'error', cause, detail });
});

/** A console on which `Username:` was found, `monitor` typed, and then all of `events` seen. */
async function consoleAfter(events: readonly ScriptEvent[]): Promise<Terminal> {
  const { system } = scriptedPty([{ after: 1, data: 'Welcome\r\nUsername:' }, ...events]);
  const client = openTerminal(system, '/usr/bin/client', [], {});
  expect(await client.expect([{ regex: /Username:/ }], 1000, never)).toMatchObject({ kind: 'match' });
  client.sendLine('monitor');
  await client.expect([], 1000, never);
  return client;
}

test.each([
  ['nothing', '', '', false],
  ['only the echo of what was typed', 'monitor\r\n', '', false],
  ['the echo, and a line', 'monitor\r\nConnecting\r\n', 'Connecting', false],
  ['the echo, and a prompt', 'monitor\r\nEnter PIN: ', 'Enter PIN:', true],
  ['a menu', '\r\n1) corp\r\nYour choice [1]:', 'Your choice [1]:', true],
  ['a question', '\r\nGo on?', 'Go on?', true],
  ['a line that goes on', '\r\nPlease wait..', 'Please wait..', false],
  ['several lines', '\r\nfirst\r\nlast\r\n\r\n', 'last', false],
  ['a secret', `\r\nbad password ${PASSWORD}\r\n`, 'bad password ***', false],
  ['a very long line', `\r\n${'x'.repeat(300)}\r\n`, 'x'.repeat(200), false],
])('the last words of a client that said %s', async (_, data, words, asks) => {
  const client = await consoleAfter(data === '' ? [] : [{ after: 1, data }]);
  expect(lastWords(client, 'monitor', redact)).toEqual({ words, asks });
});

test.each<[string, readonly string[], string]>([
  [
    'Connect Tunnel',
    ['Login Error: RPC_ENCODING_ERROR', 'Disconnected', 'Disconnected', 'Disconnected'],
    'Login Error: RPC_ENCODING_ERROR',
  ],
  ['Connect Tunnel, out of order', ['Disconnected', 'Error: no route', 'Disconnected'], 'Error: no route'],
  [
    'a java',
    ['Connecting...', 'Exception in thread "main" java.lang.Error: x', 'at a.b(C.java:1)'],
    'Exception in thread "main" java.lang.Error: x',
  ],
  [
    'openconnect',
    [
      'POST https://10.77.0.11/auth',
      'HTTP/1.1 401 Authentication failed',
      'Failed to complete authentication',
    ],
    'Failed to complete authentication',
  ],
  [
    'openfortivpn',
    [
      'INFO:   Connected to gateway.',
      'ERROR:  Could not authenticate to gateway.',
      'INFO:   Closed connection to gateway.',
      'INFO:   Logged out.',
    ],
    'ERROR:  Could not authenticate to gateway.',
  ],
  [
    'charon-cmd',
    ['unable to resolve gw.invalid, initiate aborted', 'initiating IKE_SA failed'],
    'unable to resolve gw.invalid, initiate aborted',
  ],
  [
    'openvpn, kicked',
    [
      '[gw] Inactivity timeout (--ping-restart), restarting',
      'SIGTERM[soft,ping-restart] received, process exiting',
    ],
    'SIGTERM[soft,ping-restart] received, process exiting',
  ],
  ['a client without a reason', ['cannot go on yet', 'Disconnecting...', 'Disconnected'], 'cannot go on yet'],
  ['a client that says little', ['starting', 'Goodbye!', '', '---'], 'starting'],
  ['a client that says nothing', ['Disconnected', 'Disconnected'], 'Disconnected'],
  ['nobody', [], ''],
])('the line that says most, of %s', (_, said, line) => {
  expect(mostTelling(said)).toBe(line);
});

test('a line that the profile knows says more than any error', () => {
  const said = ['Error: no route', 'Session Expired.', 'Disconnected'];
  expect(mostTelling(said, [/^Session Expired/])).toBe('Session Expired.');
});

test('a megabyte without a line end is judged by its beginning: no pattern is run on more', () => {
  const tests = vi.spyOn(RegExp.prototype, 'test');
  onTestFinished(() => tests.mockRestore());
  const said = ['x'.repeat(2 ** 20), `Error: ${'gone '.repeat(2 ** 18)}`, 'Disconnected'];
  expect(mostTelling(said, [/^Session Expired/])).toMatch(/^Error: gone/);
  expect(tests.mock.calls.map(([line]) => line.length)).toEqual([12, 1000, 1000, 1000, 1000]);
});
