import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROFILES } from '../../src/clients/built-in.ts';
import type { Outcome } from '../../src/console/expect.ts';
import { LONGEST_LINE, type Pattern } from '../../src/console/search.ts';
import { inChunks, type Place } from '../support/chunks.ts';
import { type ScriptEvent, scriptedPty } from '../support/fake-pty.ts';
import { never } from '../support/never.ts';
import { openTerminal } from '../support/open-terminal.ts';
import { CASES } from '../support/property.ts';

/** What clients print, and what they had better not: a line of it is made of a few of these. */
const WORDS = [
  ...['Username:', 'Password:', 'Enter your choice [1]:', '  Username:', 'Enter Auth Username:'],
  ...['CONNECT', 'CONNECTED', 'CONNECTION ', 'REFUSED', 'UNABLE TO ', 'Reconnecting'],
  ...['Login failed', 'login has failed.', 'ERROR: invalid password', 'access denied', '*** '],
  ...['Configured as 10.0.0.1', ', with SSL connected', 'None of the 1 fingerprint(s)', 'AUTH_FAILED'],
  ...['Initialization Sequence Completed', ' With Errors', 'Failed to connect to host', '\t', ' ', '1'],
];
/** What stands between them. */
const SIGNS = [
  ...['\n', '\r', '\r\n', '\r\r\n', '\r\n\r\n'],
  ...['\x1b[1m', '\x1b[0;31m', '\x1b]0;CONNECTED\x07', '\x1bPfoo\x1b\\', '\x1b(B', '\x1b', '\x9b2J', '\x07'],
  ...['é', '€', '😀', '東', '\u2028', '\ufeff'],
].map((sign) => Buffer.from(sign));
/** What redraws a line, or moves to another one. */
const REDRAWS = [
  ...['\r', '\b', '\b \b', '\r\x1b[K', '\x1b[2K\x1b[1G', '\x1b[1K', '\x1b[J', '\x1b[3D', '\x1b[C', '\x1b[9G'],
  ...[
    '\x1b[2X',
    '\x1b[4P',
    '\x1b[@',
    '\x1b[A',
    '\x1b[2B',
    '\x1b[E',
    '\x1bM',
    '\x1b[H',
    '\x1b[2;3H',
    '\x1b7',
    '\x1b8',
  ],
  '\x1b[999999999G',
].map((sign) => Buffer.from(sign));
/** What is no UTF-8. */
const RAW = [[0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0x00]];

const transcript = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...WORDS).map((word) => Buffer.from(word)) },
      { weight: 4, arbitrary: fc.constantFrom(...SIGNS) },
      { weight: 4, arbitrary: fc.constantFrom(...REDRAWS) },
      { weight: 1, arbitrary: fc.constantFrom(...RAW).map((bytes) => Buffer.from(bytes)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 1, max: 3 }).map((n) => Buffer.alloc(n * LONGEST_LINE - 5, 'x')),
      },
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts));

/** Less apart than the quiet that judges an unfinished line. */
const places: fc.Arbitrary<readonly Place[]> = fc.array(
  fc.record({ at: fc.nat(), after: fc.integer({ min: 0, max: 250 }) }),
  { maxLength: 30 },
);

/** All prompts of a client at once, its success and its failures. */
const patternsOf = fc
  .constantFrom(...PROFILES.values())
  .map(({ dialogue, success, failures }): readonly Pattern[] => [
    ...dialogue.map((step) => ({ regex: step.expect })),
    {
      regex: success.expect,
      wholeLine: true,
      ...(success.unless === undefined ? {} : { unless: success.unless }),
    },
    ...failures.map((failure) => ({ regex: failure.expect, wholeLine: true })),
  ]);

/** All that is found in an output, one after the other, and what it is in the end as text. */
async function outcomesOf(events: readonly ScriptEvent[], patterns: readonly Pattern[]) {
  const { system } = scriptedPty(events);
  const console = openTerminal(system, '/bin/client', [], {});
  const outcomes: unknown[] = [];
  for (;;) {
    const outcome = await console.expect(patterns, 60_000, never);
    outcomes.push(comparable(outcome, patterns));
    if (outcome.kind !== 'match') return { outcomes, transcript: console.transcript };
  }
}

/** Without the time; and without the line of a prompt, which is not waited for. */
function comparable(outcome: Outcome, patterns: readonly Pattern[]): unknown {
  if (outcome.kind !== 'match') return outcome;
  const { index, line } = outcome;
  // One that is far too long is shown as far as it has come.
  return patterns[index]?.wholeLine ? { index, line: line.slice(0, LONGEST_LINE / 2) } : { index };
}

test('any chunks of any output: the same is found in the same order as in the whole', async () => {
  await fc.assert(
    fc.asyncProperty(transcript, places, patternsOf, fc.boolean(), async (bytes, cuts, patterns, ends) => {
      const end: ScriptEvent[] = ends ? [{ after: 1, exit: { code: 1, signal: 0 } }] : [];
      const whole = await outcomesOf([{ after: 1, data: bytes }, ...end], patterns);
      const chunked = await outcomesOf([...inChunks(bytes, cuts), ...end], patterns);
      expect(chunked).toEqual(whole);
    }),
    CASES,
  );
});

/** A line with the prompt, drawn again as programs do it: from its beginning, and not beyond the end of the line. */
const redraw = fc
  .tuple(
    fc.constantFrom(
      '\r',
      '\x1b[G',
      '\r\x1b[K',
      '\x1b[2K\x1b[1G',
      '\x1b[1K\r',
      '\b'.repeat(60),
      '\x1b[99D\x1b[J',
    ),
    fc.constantFrom('', '| ', '⠋ ', '✔ ', '東 ', 'Wait '),
    fc.constantFrom('Password: ', 'Password: ***', 'Password', 'Passw', 'Checking', 'Passphrase', ''),
    fc.constantFrom('', '\b', '\b \b', '\x1b[3D', '\x1b[5G', '\x1b[2X', '\x1b[K'),
  )
  .map((parts) => parts.join(''));
const prompt: readonly Pattern[] = [
  { regex: /Password:/ },
  { regex: /assword: ?/i },
  { regex: /^.*Password:/, wholeLine: true },
];

test('a prompt that was answered is no new one, however its line is drawn again; on a new line it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(redraw, { maxLength: 8 }), places, async (redraws, cuts) => {
      const bytes = Buffer.from(`Password: ${redraws.join('')}\r\nPassword: `);
      const { outcomes } = await outcomesOf(inChunks(bytes, cuts), prompt);
      expect(outcomes).toEqual([{ index: 0 }, { index: 0 }, { kind: 'timeout' }]);
    }),
    CASES,
  );
});
