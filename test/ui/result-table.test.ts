import { expect, test } from 'vitest';
import { resultLines } from '../../src/ui/result-line.ts';
import { resultTable } from '../../src/ui/result-table.ts';
import { recordingScreen } from '../support/recording-screen.ts';
import { ok, REJECTED, resultOf, SILENT } from '../support/results.ts';

const plain = recordingScreen();
const coloured = recordingScreen(80);

test('a table of results, with the causes of failures under them', () => {
  const results = [
    resultOf('site1'),
    resultOf('a-site-with-a-long-name', [SILENT, REJECTED, SILENT]),
    resultOf('s', [ok(1234567.8), ok(1), ok(1)]),
  ];
  expect(resultTable(results, plain)).toBe(
    [
      'SITE                     SUMMARY    PING OUTSIDE      LOG IN  PING INSIDE',
      'site1                    SUCCESS        5.002 ms  157.500 ms    12.000 ms',
      'a-site-with-a-long-name  FAILURE         TIMEOUT       ERROR      TIMEOUT',
      '  ping outside, ping inside: no reply to 5 echo requests',
      '  log in: Login failed.',
      's                        SUCCESS  1234567.800 ms    1.000 ms     1.000 ms',
    ].join('\n'),
  );
});

test('what the gateway warned of is under its site', () => {
  const words = 'Your password will expire in 5 days.';
  const warned = {
    ...resultOf('site1'),
    warnings: [{ kind: 'password-expires', inMs: 432_000_000, words }] as const,
  };
  expect(resultTable([warned], plain).split('\n').slice(1)).toEqual([
    'site1  SUCCESS      5.002 ms  157.500 ms    12.000 ms',
    '  warning: Your password will expire in 5 days.',
  ]);
});

test('a number of stage 3 without a log-in is no answer through the tunnel', () => {
  expect(
    resultTable([resultOf('site1', [ok(1), REJECTED, ok(2)])], plain)
      .split('\n')
      .slice(2),
  ).toEqual(['  log in: Login failed.', '  ping inside: outside the tunnel']);
});

test('a name in wide characters leaves the columns in line', () => {
  expect(
    resultTable([resultOf('東京'), resultOf('site1')], plain)
      .split('\n')
      .slice(1),
  ).toEqual([
    '東京   SUCCESS      5.002 ms  157.500 ms    12.000 ms',
    'site1  SUCCESS      5.002 ms  157.500 ms    12.000 ms',
  ]);
  const line = (name: string) => resultLines(resultOf(name), 'Nov 14 05:18:02', 5, plain);
  expect([line('東京'), line('site1')]).toEqual([
    'Nov 14 05:18:02  東京   SUCCESS     5.002 ms   157.500 ms    12.000 ms',
    'Nov 14 05:18:02  site1  SUCCESS     5.002 ms   157.500 ms    12.000 ms',
  ]);
});

test('a terminal gets the same in colours', () => {
  const results = [resultOf('good'), resultOf('bad', [ok(1), REJECTED, ok(1)])];
  const table = resultTable(results, coloured);
  expect(table).toContain('\x1b[32mSUCCESS\x1b[39m');
  expect(table).toContain('\x1b[31mFAILURE\x1b[39m');
  expect(table).toContain('\x1b[2mlog in: Login failed.\x1b[22m');
  expect(table.replace(/\x1b\[\d+m/g, '')).toBe(resultTable(results, plain));
});

test('escape sequences in a cause are shown, not executed', () => {
  const hostile = { outcome: 'error', cause: 'host-not-clean', detail: 'Ps \x1b[2J\u202e' } as const;
  expect(resultLines(resultOf('site1', [hostile, hostile, hostile]), '', 5, plain)).toMatch(
    /: Ps \\x1b\[2J\\u\{202e\}$/,
  );
});

test('a finished test as a line, and a line more for each cause', () => {
  expect(resultLines(resultOf('site1'), 'Wed Nov 14 05:18:02 2018', 8, plain)).toBe(
    'Wed Nov 14 05:18:02 2018  site1     SUCCESS     5.002 ms   157.500 ms    12.000 ms',
  );
  const failed = resultOf('site1', [SILENT, REJECTED, SILENT]);
  expect(resultLines(failed, 'Wed Nov 14 05:18:02 2018', 5, plain).split('\n')).toEqual([
    'Wed Nov 14 05:18:02 2018  site1  FAILURE      TIMEOUT        ERROR      TIMEOUT',
    '    ping outside, ping inside: no reply to 5 echo requests',
    '    log in: Login failed.',
  ]);
});

test('the packet loss of stages that have a number is under their row', () => {
  const lossy = (loss: number) => ({ outcome: 'ok', ms: 4.1, loss, detail: '' }) as const;
  const table = (first: number, third: number) =>
    resultTable([resultOf('s', [lossy(first), ok(1), lossy(third)])], plain)
      .split('\n')
      .slice(2);
  expect(table(0, 0)).toEqual([]);
  expect(table(0.2, 0.2)).toEqual(['  ping outside, ping inside: packet loss 20 %']);
  expect(table(0, 1 / 3)).toEqual(['  ping inside: packet loss 33.3 %']);
});
