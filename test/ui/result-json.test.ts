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
        warnings: [],
      },
      {
        name: 'bad',
        time: expect.any(String),
        summary: 'FAILURE',
        stages: [
          { stage: 1, ms: null, outcome: 'timeout', loss_percent: 100 },
          { stage: 2, ms: null, outcome: 'error' },
          { stage: 3, ms: 1.235, outcome: 'ok' },
        ],
        // Of the failures, that of the log-in says most.
        cause: 'credentials-rejected',
        detail: 'Login failed.',
        warnings: [],
      },
    ],
  });
});

test('no results are an empty list', () => {
  expect(JSON.parse(resultsAsJson([], '1.2.3'))).toEqual({ version: '1.2.3', sites: [] });
});

test('the packet loss of a ping: also of a stage that failed for it, none of a log-in', () => {
  const lossy = { outcome: 'ok', ms: 4.1, loss: 1 / 3, detail: '' } as const;
  const tooLossy = {
    outcome: 'error',
    cause: 'packet-loss',
    loss: 0.8,
    detail: 'packet loss above 50 %',
  } as const;
  const { sites } = JSON.parse(resultsAsJson([resultOf('s', [lossy, ok(1), tooLossy])], '1'));
  expect(sites[0]).toMatchObject({
    summary: 'FAILURE',
    stages: [
      { stage: 1, ms: 4.1, outcome: 'ok', loss_percent: 33.3 },
      { stage: 2, ms: 1, outcome: 'ok' },
      { stage: 3, ms: null, outcome: 'error', loss_percent: 80 },
    ],
    cause: 'packet-loss',
  });
  expect(sites[0].stages[1]).not.toHaveProperty('loss_percent');
});

test('what the gateway warned of, with the expiry as a time', () => {
  const words = 'Your password will expire in 5 days.';
  const result = {
    ...resultOf('s'),
    time: new Date('2018-11-14T05:18:02.000Z'),
    warnings: [{ kind: 'password-expires', inMs: 432_000_000, words } as const],
  };
  expect(JSON.parse(resultsAsJson([result], '1')).sites[0].warnings).toEqual([
    {
      kind: 'password-expires',
      time: '2018-11-14T05:18:02.000Z',
      expires: '2018-11-19T05:18:02.000Z',
      detail: words,
    },
  ]);
});

test('the certificates that were looked at beside the test', () => {
  const certificate = {
    owner: 'gateway',
    fingerprint: 'AA:BB',
    from: new Date('2026-11-01T00:00:00.000Z'),
    until: new Date('2026-12-01T00:00:00.000Z'),
    wrongName: null,
  } as const;
  const result = {
    ...resultOf('s'),
    time: new Date('2026-11-20T12:00:00.000Z'),
    certificates: [
      { owner: 'gateway', certificate },
      { owner: 'user', certificate: null, why: '/etc/user.pem: no such file' },
    ] as const,
  };
  expect(JSON.parse(resultsAsJson([result], '1')).sites[0].certificates).toEqual([
    {
      owner: 'gateway',
      expires: '2026-12-01T00:00:00.000Z',
      daysLeft: 10,
      begins: '2026-11-01T00:00:00.000Z',
      fingerprint: 'AA:BB',
      wrongName: null,
    },
    { owner: 'user', expires: null, detail: '/etc/user.pem: no such file' },
  ]);
});
