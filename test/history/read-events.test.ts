import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { failureOf } from '../../src/history/measurement.ts';
import { findDayFiles, readDays } from '../../src/history/read-days.ts';
import { createNotes, notesInWords } from '../../src/history/read-notes.ts';
import { HEADER } from '../../src/results/csv-row.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let dir: string;
beforeEach(() => {
  vi.stubEnv('TZ', 'UTC');
  dir = temporaryFolder();
  fs.mkdirSync(path.join(dir, 'events'));
  write(
    'result_181114.csv',
    HEADER,
    'Wed Nov 14 00:03:40 2018,site1,FAILURE,1,ERROR,TIMEOUT',
    'Wed Nov 14 00:03:40 2018,site2,SUCCESS,1,2,3',
    'Wed Nov 14 00:13:40 2018,site1,SUCCESS,1,2,3',
  );
});
afterEach(() => vi.unstubAllEnvs());

const write = (name: string, ...lines: string[]) =>
  fs.writeFileSync(path.join(dir, name), lines.map((line) => `${line}\n`).join(''));

const event = (clock: string, site: string, more: object = { kind: 'failure', cause: 'tls', detail: 'no' }) =>
  JSON.stringify({ version: 1, time: `2018-11-14T${clock}Z`, site, ...more });

/** Reads all files. Returns each row with the kinds of its events and its cause, and the notes. */
function read() {
  const notes = createNotes(Date.now());
  const days = [...readDays(findDayFiles({ dir, file: 'result', files: fs }), fs, notes)];
  const found = days.flatMap(({ rows }) =>
    rows.map((row) =>
      [row.site, ...(row.events ?? []).map(({ kind }) => kind), failureOf(row)?.cause ?? '-'].join(' '),
    ),
  );
  return { found, words: notesInWords(notes) };
}

test('a row has the events of its site and second', () => {
  write(
    'events/181114.jsonl',
    event('00:03:40.999', 'site1'),
    event('00:03:40.999', 'site1', { kind: 'loss', stage: 3, loss_percent: 100 }),
    event('00:03:40.001', 'site2', { kind: 'new-version', detail: 'new' }),
    event('00:13:41.000', 'site1'),
    event('00:03:40.000', 'site3'),
  );
  expect(read()).toEqual({ found: ['site1 failure loss tls', 'site2 new-version -', 'site1 -'], words: [] });
});

test('lines that are no events are skipped, and say nothing', () => {
  write('events/181114.jsonl', '{"version":1,"ti', '', event('00:03:40.000', 'site1'), '{"version":2}');
  expect(read()).toEqual({ found: ['site1 failure tls', 'site2 -', 'site1 -'], words: [] });
});

test('rows need no event file', () => {
  fs.rmdirSync(path.join(dir, 'events'));
  expect(read()).toEqual({ found: ['site1 -', 'site2 -', 'site1 -'], words: [] });
});

test('a file that can not be read is noted', () => {
  fs.mkdirSync(path.join(dir, 'events', '181114.jsonl'));
  expect(read()).toEqual({
    found: ['site1 -', 'site2 -', 'site1 -'],
    words: ["can't read events/181114.jsonl: not a regular file"],
  });
});
