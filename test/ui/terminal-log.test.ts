import { expect, test } from 'vitest';
import { withTerminal } from '../../src/ui/terminal-log.ts';
import { recordingLog } from '../support/recording-log.ts';
import { recordingScreen } from '../support/recording-screen.ts';

test('all messages except debug are shown, by their first line; all go to the log unchanged', () => {
  const file = recordingLog();
  const screen = recordingScreen();
  const log = withTerminal({ ...file, fault: () => 'full', close: async () => undefined }, screen);
  log.debug('d');
  log.info('i');
  log.warning('w');
  log.error('e');
  log.critical('first\nsecond');
  expect(file.lines).toEqual(['DEBUG d', 'INFO i', 'WARNING w', 'ERROR e', 'CRITICAL first\nsecond']);
  expect(screen.stderr()).toBe('i\nwarning: w\nerror: e\ncritical: first\n');
  expect(log.fault()).toBe('full');
});

test('escape sequences in the name of a process are not executed', () => {
  const file = recordingLog();
  const screen = recordingScreen();
  const log = withTerminal({ ...file, fault: () => null, close: async () => undefined }, screen);
  log.critical('Killing Ps \x1b]0;x\x07\u202e with pid 1');
  expect(screen.stderr()).toBe('critical: Killing Ps \\x1b]0;x\\x07\\u{202e} with pid 1\n');
});

test('on a terminal they are coloured', () => {
  const screen = recordingScreen(80);
  const log = withTerminal({ ...recordingLog(), fault: () => null, close: async () => undefined }, screen);
  log.warning('w');
  log.error('e');
  expect(screen.stderr()).toBe('\x1b[33mwarning: w\x1b[39m\n\x1b[31merror: e\x1b[39m\n');
});

test('a long message is broken between words', () => {
  const screen = recordingScreen(30, { NO_COLOR: '1' });
  const log = withTerminal({ ...recordingLog(), fault: () => null, close: async () => undefined }, screen);
  log.warning('one two three four five six seven');
  expect(screen.stderr()).toBe('warning: one two three four\n  five six seven\n');
});
