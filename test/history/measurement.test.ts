import { expect, test } from 'vitest';
import { failureOf, isUnmeasured, type Measurement } from '../../src/history/measurement.ts';

test('of two failures of one test the later holds: the host had lost its uplink', () => {
  const failure = (cause: string) =>
    ({ version: 1, kind: 'failure', time: new Date(0), site: 'a', cause, detail: '' }) as const;
  const row: Measurement = {
    time: 0,
    site: 'a',
    failed: true,
    stages: [5, 'ERROR', 'TIMEOUT'],
    events: [failure('step-timed-out'), failure('no-uplink')],
  };
  expect(failureOf(row)?.cause).toBe('no-uplink');
  expect(isUnmeasured(row)).toBe(true);
  expect(isUnmeasured({ ...row, events: [failure('step-timed-out')] })).toBe(false);
});
