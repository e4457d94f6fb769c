import { expect, test } from 'vitest';
import { openvpn } from '../../src/clients/openvpn.ts';
import type { Terminal } from '../../src/console/expect.ts';
import { createRedactor } from '../../src/log/redact.ts';
import { endSaid, lastWords, quote } from '../../src/probe/last-words.ts';
import { scriptedPty } from '../support/fake-pty.ts';
import { never } from '../support/never.ts';
import { openTerminal } from '../support/open-terminal.ts';
import { PASSWORD, simulatedSite } from '../support/site.ts';

const redact = createRedactor([simulatedSite('works').password]);

/** A client that asked for the password and then printed `text`. */
async function afterPassword(text: string): Promise<Terminal> {
  const { system } = scriptedPty([{ after: 1, data: `Password: ${text}` }]);
  const client = openTerminal(system, '/bin/client', [], {});
  await client.expect([{ regex: /Password:/ }], 1000, never);
  return client;
}

const letters = [...PASSWORD];
/** The secret, each letter put into its column, in the order of `places`. */
const byColumns = (places: readonly number[]) =>
  places.map((place) => `\x1b[${place + 11}G${letters[place]}`).join('');
const places = letters.map((_, place) => place);

test.each([
  ['erased by backspaces', `${PASSWORD}${'\b \b'.repeat(PASSWORD.length)}`, 'Password:'],
  ['erased with its line', `${PASSWORD}\r\x1b[KPassword:`, 'Password:'],
  ['drawn over', `${PASSWORD}\r\x1b[1KChecking${' '.repeat(PASSWORD.length + 2)}`, 'Checking'],
  [
    'drawn over letter by letter',
    letters.map((letter) => `${letter}\b*`).join(''),
    `Password: ${'*'.repeat(letters.length)}`,
  ],
  ['drawn column by column', byColumns(places), 'Password: ***'],
  ['drawn from its end', byColumns(places.toReversed()), 'Password: ***'],
  ['drawn in pieces', byColumns([...places].sort((a, b) => (a % 3) - (b % 3))), 'Password: ***'],
  [
    'drawn with letters put between',
    `${letters[0]}${letters.slice(2).join('')}\x1b[12G\x1b[@${letters[1]}`,
    'Password: ***',
  ],
  ['drawn over another text', `${'-'.repeat(PASSWORD.length)}\x1b[11G${PASSWORD}`, 'Password: ***'],
])('of a secret that is %s, what is displayed is quoted, redacted', async (_, drawn, quoted) => {
  const client = await afterPassword(drawn);
  expect(quote(client, 2000, redact).trimEnd()).toBe(quoted);
  const { words } = lastWords(client, '', redact);
  expect(['', quoted]).toContain(words);
});

test('a line that was drawn again asks as it did, or says what it says now', async () => {
  expect(lastWords(await afterPassword('\r\x1b[KPassword: '), '', redact)).toEqual({
    words: '',
    asks: false,
  });
  expect(lastWords(await afterPassword('\r\x1b[KPasscode: '), '', redact)).toEqual({
    words: 'Passcode:',
    asks: true,
  });
  expect(lastWords(await afterPassword('\r\n10%\r20%'), '', redact)).toEqual({ words: '20%', asks: false });
});

const RESTARTS = '\r\nSIGUSR1[soft,ping-restart] received, process restarting\r\n';
const COMPLETED = 'Initialization Sequence Completed';

test.each([
  ['restarts', RESTARTS, true],
  ['restarts, and is back', `${RESTARTS}${COMPLETED}\r\n`, false],
  ['restarts twice', `${RESTARTS}${COMPLETED}${RESTARTS}`, true],
  ['is back with errors', `${RESTARTS}${COMPLETED} With Errors\r\n`, true],
])('the session of an OpenVPN that %s', async (_, printed, isOver) => {
  const said = 'the client said: SIGUSR1[soft,ping-restart] received, process restarting';
  expect(endSaid(await afterPassword(printed), openvpn, redact)).toBe(isOver ? said : undefined);
});
