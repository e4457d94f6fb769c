import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SiteResult } from '../../src/model/test-result.ts';
import { csvFile } from '../../src/results/csv-file.ts';
import { csvRow, HEADER, parseFields } from '../../src/results/csv-row.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const zone = process.env['TZ'];
let dir: string;
beforeEach(() => {
  dir = temporaryFolder();
});
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

function result(time: Date): SiteResult {
  const stage = { outcome: 'ok', ms: 1, detail: '' } as const;
  return { site: 'site1', time, stages: [stage, stage, stage], host: new Map(), left: [], transcript: '' };
}

/** Appends a row for every half hour from `from` to `to`. Returns the times in each file. */
function halfHours(from: string, to: string): Record<string, string[]> {
  const csv = csvFile({ dir, file: 'result', files: fs, log: recordingLog(), now: () => new Date(0) });
  for (let time = Date.parse(from); time <= Date.parse(to); time += 30 * 60_000) {
    csv.append(csvRow(result(new Date(time))));
  }
  return Object.fromEntries(
    fs.readdirSync(dir).map((name) => {
      const [header, ...lines] = fs.readFileSync(path.join(dir, name), 'utf8').trimEnd().split('\n');
      expect(header).toBe(HEADER);
      expect(lines).not.toContain(HEADER);
      return [name, lines.map((line) => parseFields(line)?.[0]?.slice(4, 16) ?? '')];
    }),
  );
}

test('midnight: each row is in the file of its own local date', () => {
  process.env['TZ'] = 'Asia/Kolkata';
  expect(halfHours('2018-11-13T18:00:00Z', '2018-11-13T19:00:00Z')).toEqual({
    'result_181113.csv': ['Nov 13 23:30'],
    'result_181114.csv': ['Nov 14 00:00', 'Nov 14 00:30'],
  });
});

test('the script’s fault: files rotate on UTC while Time is local', () => {
  process.env['TZ'] = 'America/New_York';
  const files = halfHours('2018-11-14T00:00:00Z', '2018-11-15T12:00:00Z');
  for (const [name, times] of Object.entries(files)) {
    for (const time of times) expect(`result_1811${time.slice(4, 6)}.csv`).toBe(name);
  }
  expect(Object.keys(files)).toEqual(['result_181113.csv', 'result_181114.csv', 'result_181115.csv']);
});

test.each([
  ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00Z', '2026-03-29T21:30:00Z', 46],
  ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00Z', '2026-10-25T22:30:00Z', 50],
  ['America/New_York', '2026-03-08', '2026-03-08T05:00:00Z', '2026-03-09T03:30:00Z', 46],
  ['America/New_York', '2026-11-01', '2026-11-01T04:00:00Z', '2026-11-02T04:30:00Z', 50],
  // Here the clock changes at midnight: 6 September 2026 begins at 01:00.
  ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00Z', '2026-09-07T02:30:00Z', 46],
])(
  '%s, %s, when the clock changes: one file with one header for the whole day',
  (tz, day, from, to, rows) => {
    process.env['TZ'] = tz;
    const files = halfHours(from, to);
    expect(Object.keys(files)).toEqual([`result_${day.slice(2).replaceAll('-', '')}.csv`]);
    expect(Object.values(files)[0]).toHaveLength(rows);
  },
);
