import { expect, test } from 'vitest';
import { asOpenMetrics, prefersOpenMetrics } from '../../src/metrics/openmetrics.ts';

test('OpenMetrics: families of counters without _total, no empty lines, an end; no label is touched', () => {
  const text = [
    '# HELP a_total How many. Not in # HELP b_total',
    '# TYPE a_total counter',
    'a_total{site="# TYPE x_total y"} 1',
    '',
    '# HELP c_seconds How long.',
    '# TYPE c_seconds gauge',
    '',
    '# HELP d_total How many.',
    '# TYPE d_total counter',
    'd_total 0',
    '',
  ];
  expect(asOpenMetrics(text.join('\n')).split('\n')).toEqual([
    '# HELP a How many. Not in # HELP b_total',
    '# TYPE a counter',
    'a_total{site="# TYPE x_total y"} 1',
    '# HELP c_seconds How long.',
    '# TYPE c_seconds gauge',
    '# HELP d How many.',
    '# TYPE d counter',
    'd_total 0',
    '# EOF',
    '',
  ]);
});

test.each([
  // Prometheus 2.42 and 3.
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    true,
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;q=0.5,*/*;q=0.2',
    true,
  ],
  ['text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1', false],
  ['application/openmetrics-text', true],
  ['Application/OpenMetrics-Text ; Version=1.0.0', true],
  ['application/openmetrics-text;version=0.0.1', false],
  ['application/openmetrics-text;q=0', false],
  ['application/openmetrics-text;q=high', false],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
  ['*/*', false],
  ['', false],
  [undefined, false],
])('Accept: %s', (accept, openMetrics) => {
  expect(prefersOpenMetrics(accept)).toBe(openMetrics);
});
