import { expect, test } from 'vitest';
import { createScreen, wantsColour } from '../../src/ui/screen.ts';
import { recordingOutput, recordingScreen } from '../support/recording-screen.ts';

const CLEAR = '\r\x1b[2K';

test('results go to stdout, diagnostics to stderr', () => {
  const screen = recordingScreen();
  screen.print('a result');
  screen.diagnose('a\nwarning');
  expect(screen.stdout()).toBe('a result\n');
  expect(screen.stderr()).toBe('a\nwarning\n');
});

test('without a terminal there is no live line and no colour', () => {
  const screen = recordingScreen();
  screen.status('running');
  screen.print(screen.paint('bad', 'FAILURE'));
  screen.status(null);
  expect(screen.live).toBe(false);
  expect(screen.stderr()).toBe('');
  expect(screen.stdout()).toBe('FAILURE\n');
});

test('the live line stays below other output, and is removed at the end', () => {
  const both = recordingOutput(80);
  const screen = createScreen(both, both, {});
  screen.status('site1: 1/3');
  screen.print('a result');
  screen.diagnose('a warning');
  screen.status('site1: 2/3');
  screen.status(null);
  screen.print('the end');
  expect(both.written.join('')).toBe(
    [
      'site1: 1/3',
      `${CLEAR}a result\nsite1: 1/3`,
      `${CLEAR}a warning\nsite1: 1/3`,
      `${CLEAR}site1: 2/3`,
      `${CLEAR}the end\n`,
    ].join(''),
  );
});

test('a live line that has not changed is not written again', () => {
  const screen = recordingScreen(80);
  screen.status('the same');
  screen.status('the same');
  expect(screen.stderr()).toBe('the same');
});

test.each([
  [80, 'site1: waiting', 'site1: waiting'],
  [14, 'site1: waiting', 'site1: waiti…'],
  [15, 'site1: waiting', 'site1: waiting'],
  [2, 'site1: waiting', '…'],
  [1, 'site1: waiting', '…'],
  // Characters that take two columns.
  [15, '東京: 1/3 ping', '東京: 1/3 ping'],
  [14, '東京: 1/3 ping', '東京: 1/3 pi…'],
  [4, '東京: 1/3 ping', '東…'],
  // A terminal that does not know its width yet.
  [0, 'site1: waiting', 'site1: waiting'],
])('in %d columns the live line never wraps: %s', (columns, text, shown) => {
  const screen = recordingScreen(columns);
  screen.status(text);
  expect(screen.stderr()).toBe(shown);
});

test('several live lines stay below other output, and are all removed', () => {
  const both = { ...recordingOutput(80), rows: 4 };
  const screen = createScreen(both, both, {});
  const clear = (lines: number) => `${CLEAR}${'\x1b[1A\x1b[2K'.repeat(lines - 1)}`;
  screen.status('site1: 1/3\nsite2: 1/3');
  screen.print('a result');
  // A terminal of four rows: what has scrolled away could not be removed.
  screen.status('1\n2\n3\n4\n5');
  screen.status(null);
  expect(both.written.join('')).toBe(
    [
      'site1: 1/3\nsite2: 1/3',
      `${clear(2)}a result\nsite1: 1/3\nsite2: 1/3`,
      `${clear(2)}1\n2\n… 3 more`,
      clear(3),
    ].join(''),
  );
});

test('a live line is shown without escape sequences', () => {
  const screen = recordingScreen(80);
  screen.status('\x1b[1msite1\x1b[0m');
  expect(screen.stderr()).toBe('site1');
});

test.each([
  ['a terminal', 80, {}, true],
  ['no terminal', undefined, {}, false],
  ['NO_COLOR', 80, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR, which says nothing', 80, { NO_COLOR: '' }, true],
  ['a dumb terminal', 80, { TERM: 'dumb' }, false],
])('colours with %s: %s', (_, columns, env, colours) => {
  expect(wantsColour(recordingOutput(columns), env)).toBe(colours);
  const painted = recordingScreen(columns, env).paint('good', 'SUCCESS');
  expect(painted).toBe(colours ? '\x1b[32mSUCCESS\x1b[39m' : 'SUCCESS');
});

test('a dumb terminal gets plain lines, NO_COLOR removes only the colours', () => {
  expect(recordingScreen(80, { TERM: 'dumb' }).live).toBe(false);
  expect(recordingScreen(80, { NO_COLOR: '1' }).live).toBe(true);
});

test('the width of the terminal that results go to, if there is one', () => {
  expect(recordingScreen().columns).toBeNull();
  expect(recordingScreen(100).columns).toBe(100);
  expect(recordingScreen(0).columns).toBe(80);
});

test('a page replaces what a terminal shows, as much of it as fits, and gives it back at the end', () => {
  const stdout = { ...recordingOutput(80), rows: 3 };
  const screen = createScreen(stdout, stdout, {});
  screen.page(null);
  screen.page('one\ntwo');
  screen.page('1\n2\n3');
  screen.page('1\n2\n3\n4\n5');
  screen.page(null);
  const line = (text: string) => `\x1b[2K${text}`;
  expect(stdout.written).toEqual([
    `\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H${line('one')}\r\n${line('two')}\r\n\x1b[J`,
    `\x1b[H${line('1')}\r\n${line('2')}\r\n${line('3')}`,
    `\x1b[H${line('1')}\r\n${line('2')}\r\n${line('… 3 more lines')}`,
    '\x1b[?7h\x1b[?25h\x1b[?1049l',
  ]);
  const piped = recordingScreen();
  piped.page('nothing');
  expect(piped.stdout()).toBe('');
});
