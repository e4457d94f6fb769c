import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { SiteResult } from '../../../src/model/test-result.ts';
import { csvFile } from '../../../src/results/csv-file.ts';
import { csvRow } from '../../../src/results/csv-row.ts';
import { needs } from '../../support/missing-programs.ts';
import { recordingLog } from '../../support/recording-log.ts';
import { ok, REJECTED, resultOf } from '../../support/results.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const PYTHON = '/usr/bin/python3';
const DOC = fs.readFileSync(path.resolve(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
const example = /^```python\n(.*?)^```$/ms.exec(DOC)?.[1] ?? '';

test('what the documentation does with pandas works on files that the monitor and the script wrote', ({
  skip,
}) => {
  const missing = spawnSync(PYTHON, ['-c', 'import pandas']).status !== 0;
  skip(missing, needs('pandas'));
  const folder = temporaryFolder();
  const dir = path.join(folder, 'results');
  const csv = csvFile({ dir, file: 'result', files: fs, log: recordingLog(), now: () => new Date(0) });
  // The script's lines end in CR LF.
  fs.mkdirSync(dir);
  fs.writeFileSync(
    path.join(dir, 'result_181104.csv'),
    `Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms\r\nSun Nov  4 00:03:40 2018,NA,FAILURE,5.2,ERROR,TIMEOUT\r\n`,
  );
  const add = (site: string, time: Date, stages?: SiteResult['stages']) =>
    csv.append(csvRow({ ...resultOf(site, stages), time }));
  add('NA', new Date(2018, 10, 4, 0, 13, 40));
  add('007, Berlin', new Date(2018, 10, 4, 0, 23, 40), [ok(5), ok(100), ok(12)]);
  for (const minute of [0, 10])
    add('007, Berlin', new Date(2018, 10, 5, 1, minute), [ok(5), REJECTED, ok(12)]);
  add('007, Berlin', new Date(2018, 10, 5, 1, 20), [ok(5), ok(300), ok(12)]);

  const ran = spawnSync(PYTHON, ['-W', 'error', '-c', example], { cwd: folder, encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  expect(ran.stdout.split('\n').map((line) => line.trimEnd().replace(/ +/g, ' '))).toEqual([
    'CPE Name',
    '007, Berlin 0.5',
    'NA 0.5',
    'Name: Up, dtype: float64',
    ' 0.50 0.95',
    'CPE Name',
    '007, Berlin 200.0 290.0',
    'NA 157.5 157.5',
    ' tests failed',
    'CPE Name Time',
    '007, Berlin 2018-11-04 1 0',
    ' 2018-11-05 3 2',
    'NA 2018-11-04 2 1',
    ' min max count',
    'CPE Name Up',
    '007, Berlin 2 2018-11-05 01:00:00 2018-11-05 01:10:00 2',
    'NA 4 2018-11-04 00:03:40 2018-11-04 00:03:40 1',
    '',
  ]);
});
