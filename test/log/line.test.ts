import { expect, test } from 'vitest';
import { logLine } from '../../src/log/line.ts';
import { LEVELS } from '../../src/log/log.ts';

const time = new Date(2018, 10, 14, 5, 18, 6, 378);

test('is the script’s line', () => {
  expect(logLine(time, 'debug', 'Running vpn gw delay test for site2')).toBe(
    '=2018-11-14 05:18:06,378 - vpn-monitor - DEBUG - Running vpn gw delay test for site2',
  );
  expect(logLine(new Date(2026, 0, 2, 3, 4, 5, 6), 'info', '')).toBe(
    '=2026-01-02 03:04:05,006 - vpn-monitor - INFO - ',
  );
});

test('has the levels of Python', () => {
  const shown = LEVELS.map((level) => logLine(time, level, 'x').split(' - ')[2]);
  expect(shown).toEqual(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']);
});

test('with several lines is not indented, as in the script’s dumps', () => {
  expect(
    logLine(time, 'critical', 'Something went bad\ncommand: /usr/bin/startct\r\npid: 5').split('\n').slice(1),
  ).toEqual(['command: /usr/bin/startct', 'pid: 5']);
});

test('does not let a text look like an entry', () => {
  const forged = logLine(time, 'info', 'a\n=2018-11-14 05:18:06,378 - vpn-monitor - INFO - forged\n\n==');
  expect(forged.split('\n').filter((line) => line.startsWith('='))).toHaveLength(1);
  expect(forged).toContain('\n =2018-11-14');
});

test('shows control characters', () => {
  expect(logLine(time, 'info', 'a\x1b[2Jb\rc')).toMatch(/a\\x1b\[2Jb\\x0dc$/);
});
