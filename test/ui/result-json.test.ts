import { expect, test } from 'vitest';
import { resultsAsJson } from '../../src/ui/result-json.ts';
import { ok, REJECTED, resultOf, SILENT } from '../support/results.ts';

test('a success and a failure, as scripts read them', () => {
  const results = [resultOf('good'), resultOf('bad', [SILENT, REJECTED, ok(1.23456)])];
  expect(JSON.parse(resultsAsJson(results, '1.2.3'))).toEqual({
    version: '1.2.3',
    sites: [
      {
        name: 'good',
        time: new Date(2018, 10, 14, 5, 18, 2).toISOString(),
        summary: 'SUCCESS',
        stages: [
          { stage: 1, ms: 5.002, outcome: 'ok' },
          { stage: 2, ms: 157.5, outcome: 'ok' },
          { stage: 3, ms: 12, outcome: 'ok' },
        ],
        cause: null,
        detail: null,
      },
      {
        name: 'bad',
        time: expect.any(String),
        summary: 'FAILURE',
        stages: [
          { stage: 1, ms: null, outcome: 'timeout' },
          { stage: 2, ms: null, outcome: 'error' },
          { stage: 3, ms: 1.235, outcome: 'ok' },
        ],
        // Of the failures, that of the log-in says most.
        cause: 'credentials-rejected',
        detail: 'Login failed.',
      },
    ],
  });
});

test('no results are an empty list', () => {
  expect(JSON.parse(resultsAsJson([], '1.2.3'))).toEqual({ version: '1.2.3', sites: [] });
});
