import fs from 'node:fs';
import { expect, test } from 'vitest';
import { PROFILES } from '../../src/clients/built-in.ts';
import { LONGEST_LINE, type Pattern, search } from '../../src/console/search.ts';
import { placeFiles } from '../../src/system/place-files.ts';

/** A text that begins with a new line, of which nothing was matched before. */
const fresh = (text: string) => ({ text, before: '\n', earlier: [] });
const inText = (patterns: readonly Pattern[], text: string, from = 0) =>
  search(patterns, fresh(text), from, placeFiles(fs));

test.each<[string, Pattern[], string, number, object]>([
  ['the first line that holds one wins', [{ regex: /b/ }, { regex: /a/ }], 'a\nb\n', 0, { index: 1, end: 1 }],
  [
    'within a line, the one that is complete first',
    [{ regex: /a.*c/ }, { regex: /b/ }],
    'abc\n',
    0,
    { index: 1, end: 2 },
  ],
  ['^ and $ are the borders of a line', [{ regex: /^b$/m }], 'ab\nb', 0, { end: 4 }],
  ['also without the flag m', [{ regex: /^b$/ }], 'ab\nb\nc', 0, { end: 4 }],
  ['no pattern goes over the end of a line', [{ regex: /a\s*b/ }], 'a\nb\n', 0, { kind: 'nothing', from: 4 }],
  ['what lies before the offset is not found again', [{ regex: /a/ }], 'a-a', 1, { end: 3 }],
  ['nor is it a line start', [{ regex: /^b/ }], 'ab', 1, { kind: 'nothing', from: 1 }],
  ['a line that goes on is searched again', [{ regex: /c/ }], 'a\nb', 0, { kind: 'nothing', from: 2 }],
  ['a line that says the contrary does not count', [{ regex: /a/, unless: /b/ }], 'ab\na\n', 0, { end: 4 }],
  ['a prompt counts at once', [{ regex: /a/ }], 'a', 0, { end: 1, pending: false }],
  [
    'what its line decides waits for the rest',
    [{ regex: /a/, wholeLine: true }],
    'a',
    0,
    { end: 1, pending: true },
  ],
  ['until the line ends', [{ regex: /a/, wholeLine: true }], 'a\n', 0, { end: 1, pending: false }],
  ['no text, nothing found', [{ regex: /a/ }], '', 0, { kind: 'nothing', from: 0 }],
])('%s', (_, patterns, text, from, found) => {
  expect(inText(patterns, text, from)).toMatchObject(found);
});

test('a line that is too long is taken for several', () => {
  const text = `${'x'.repeat(LONGEST_LINE)}a`;
  expect(inText([{ regex: /^a/ }], text)).toMatchObject({ kind: 'found', end: LONGEST_LINE + 1 });
  expect(inText([{ regex: /x/, wholeLine: true }], text)).toMatchObject({ end: 1, pending: false });
  expect(inText([{ regex: /a/ }], `${text}\n`, LONGEST_LINE + 1)).toEqual({
    kind: 'nothing',
    from: LONGEST_LINE + 2,
  });
});

// The first ones kept the built-in patterns busy for a minute as long as these went over line ends.
test.each(['\n', '-\n', ' \n', ' ', 'error ', 'TCP: connect to ', 'CONNECTING '])(
  'a gateway that floods the terminal with %j is searched through at once, for every client',
  (flood) => {
    const text = flood.repeat((128 * 1024) / flood.length);
    for (const { dialogue, success, failures } of PROFILES.values()) {
      const patterns = [
        ...dialogue.map((step) => ({ regex: step.expect })),
        { regex: success.expect, ...(success.unless === undefined ? {} : { unless: success.unless }) },
        ...failures.map((failure) => ({ regex: failure.expect })),
      ];
      expect(inText(patterns, text).kind).toBe('nothing');
    }
  },
);

test.each([
  ['nested', /^(?=a)(?:a+)+$/im],
  ['many in a row', /a*a*a*a*a*a*b/],
])('a pattern that never ends is given up: %s', (_, regex) => {
  expect(inText([{ regex: /never/ }, { regex, timed: true }], `${'a'.repeat(2000)}!\n`)).toEqual({
    kind: 'failed',
    why: 'a pattern takes more than 1 s to be looked for',
  });
});

test('a pattern of the user’s own is found as any other', () => {
  const text = `${'no\n'.repeat(5000)}yes`;
  expect(inText([{ regex: /yes/, timed: true }], text)).toMatchObject({ kind: 'found', end: text.length });
});

test('without a file to spare nothing is searched: Node would end the program', () => {
  let opened = 0;
  const full = {
    ...fs,
    openSync: () => {
      if (opened === 3) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
      opened += 1;
      return 1000 + opened;
    },
    closeSync: () => {
      opened -= 1;
    },
  } as unknown as typeof fs;
  const searched = search([{ regex: /a+b*/, timed: true }], fresh('a'), 0, placeFiles(full));
  expect(searched).toEqual({ kind: 'failed', why: 'nothing can be searched (EMFILE: too many open files)' });
  expect(opened).toBe(0);
});

test('a long text is searched under one deadline, not under one for each part', () => {
  let deadlines = 0;
  const files = placeFiles(fs);
  const counting = {
    canOpenFiles: (count: number) => {
      deadlines += 1;
      return files.canOpenFiles(count);
    },
  };
  const text = `${'no\n'.repeat(3 * LONGEST_LINE)}yes`;
  const found = { kind: 'found', end: text.length };
  expect(search([{ regex: /ye+s+/, timed: true }], fresh(text), 0, counting)).toMatchObject(found);
  expect(deadlines).toBeGreaterThan(0);
  // Nine parts. A machine that takes 100 ms for some of them begins another deadline.
  expect(deadlines).toBeLessThan(9);
  deadlines = 0;
  expect(search([{ regex: /yes/, timed: true }], fresh(text), 0, counting)).toMatchObject(found);
  expect(deadlines).toBe(0);
});

test('a bug in a search is no pattern that never ends', () => {
  // What no type allows.
  const regex = null as unknown as RegExp;
  expect(() => inText([{ regex, timed: true }], 'a')).toThrow(TypeError);
});
