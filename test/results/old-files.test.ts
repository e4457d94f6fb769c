import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { dayOfAnyFile, dayOfEventFile } from '../../src/results/file-name.ts';
import { oldFiles, oldFilesRemover } from '../../src/results/old-files.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TODAY = new Date(2018, 10, 14, 0, 3, 40);

test.each([
  [30, ['result_181014.csv', 'result_181015.csv'], ['result_181014.csv']],
  // Yesterday's file is one day old, today's none.
  [1, ['result_181112.csv', 'result_181113.csv', 'result_181114.csv'], ['result_181112.csv']],
  // Across a new year, and across a change of the clock.
  [365, ['result_171113.csv', 'result_171114.csv', 'result_171115.csv'], ['result_171113.csv']],
  [17, ['result_181027.csv', 'result_181028.csv'], ['result_181027.csv']],
  // With what stands beside a CSV file.
  [
    1,
    [
      'result_181112.csv.torn',
      'result_181112.csv.set-aside',
      'result_181113.csv.torn',
      'result_181112.csv.old',
    ],
    ['result_181112.csv.torn', 'result_181112.csv.set-aside'],
  ],
  // From a clock that was ahead.
  [1, ['result_181115.csv', 'result_991231.csv'], []],
  [0, ['result_000101.csv'], []],
])('kept for %i days: of %j these are old: %j', (days, names, old) => {
  expect(oldFiles(names, (name) => dayOfAnyFile('result', name), days, TODAY)).toEqual(old);
});

test.each([
  'result_20171113.csv',
  'result_171113.csv.gz',
  'result_171113.CSV',
  'Result_171113.csv',
  'my-result_171113.csv',
  'result_171113_171113.csv',
  'result_171313.csv',
  'result_170229.csv',
  'result_171100.csv',
  'other_171113.csv',
  '_171113.csv',
  '171113.csv',
  'monitoring.log',
  '.state',
])('%s does not belong to this config', (name) => {
  expect(oldFiles([name], (each) => dayOfAnyFile('result', each), 1, TODAY)).toEqual([]);
});

test('a base name with characters of regular expressions matches only itself', () => {
  const names = ['a.+_171113.csv', 'aXX_171113.csv', 'a.+_171113_171113.csv'];
  expect(oldFiles(names, (name) => dayOfAnyFile('a.+', name), 1, TODAY)).toEqual(['a.+_171113.csv']);
});

/** A results folder with old files; `remove` is called at `time`. */
function setUp(files: Partial<typeof fs> = {}) {
  const dir = temporaryFolder();
  const put = (...names: string[]) => {
    for (const name of names) fs.writeFileSync(path.join(dir, name), 'x');
  };
  let time = TODAY;
  const log = recordingLog();
  const remove = oldFilesRemover({
    dir,
    file: 'result',
    keepDays: 7,
    files: { ...fs, ...files },
    log,
    now: () => time,
  });
  return {
    dir,
    put,
    log,
    left: () => fs.readdirSync(dir).sort(),
    removeAt: (now: Date) => {
      time = now;
      remove();
    },
  };
}

test('removes old files, and only files, at the first call of each day', () => {
  const { dir, put, log, left, removeAt } = setUp();
  put('result_181101.csv', 'result_181107.csv', 'result_181114.csv', 'monitoring.log');
  fs.mkdirSync(path.join(dir, 'result_181102.csv'));
  fs.symlinkSync('monitoring.log', path.join(dir, 'result_181103.csv'));
  removeAt(TODAY);
  const rest = ['monitoring.log', 'result_181102.csv', 'result_181103.csv'];
  expect(left()).toEqual([...rest, 'result_181107.csv', 'result_181114.csv']);
  put('result_181101.csv');
  removeAt(new Date(2018, 10, 14, 23, 59));
  expect(left()).toContain('result_181101.csv');
  removeAt(new Date(2018, 10, 15, 0, 0));
  expect(left()).toEqual([...rest, 'result_181114.csv']);
  const removed = ['result_181101.csv', 'result_181101.csv', 'result_181107.csv'];
  expect(log.lines).toEqual(removed.map((name) => `INFO Removed ${path.join(dir, name)}: older than 7 days`));
});

test('removes old event files, and nothing else in their folder', () => {
  const { dir, put, log, removeAt } = setUp();
  fs.mkdirSync(path.join(dir, 'events'));
  const kept = ['181107.jsonl', '181101.csv', '181101.jsonl.gz', '181301.jsonl'];
  put('events/181101.jsonl', 'events/181106.jsonl', ...kept.map((name) => `events/${name}`));
  removeAt(TODAY);
  expect(fs.readdirSync(path.join(dir, 'events'))).toEqual(kept.toSorted());
  const removed = ['181101.jsonl', '181106.jsonl'];
  expect(log.lines).toEqual(
    removed.map((name) => `INFO Removed ${path.join(dir, 'events', name)}: older than 7 days`),
  );
});

test.each(['181101.jsonl', '171114.jsonl'])('an event file has its day: %s', (name) => {
  expect(oldFiles([name], dayOfEventFile, 1, TODAY)).toEqual([name]);
});

test('follows no link in the place of the folder of the event files', () => {
  const { dir, removeAt } = setUp();
  const other = temporaryFolder();
  fs.writeFileSync(path.join(other, '181101.jsonl'), 'x');
  fs.symlinkSync(other, path.join(dir, 'events'));
  removeAt(TODAY);
  expect(fs.readdirSync(other)).toEqual(['181101.jsonl']);
});

test('logs a file that cannot be removed once a day, and removes the others', () => {
  const { dir, put, log, left, removeAt } = setUp({
    unlinkSync: (file) => {
      if (String(file).endsWith('01.csv'))
        throw Object.assign(new Error('EPERM: no'), { code: 'EPERM', errno: -1 });
      fs.unlinkSync(file);
    },
  });
  put('result_181101.csv', 'result_181102.csv');
  removeAt(TODAY);
  removeAt(TODAY);
  expect(left()).toEqual(['result_181101.csv']);
  expect(log.lines).toEqual([
    expect.stringMatching(
      `^WARNING Can't remove ${path.join(dir, 'result_181101.csv')}, older than 7 days: .*EPERM`,
    ),
    expect.stringMatching('^INFO Removed .*02.csv'),
  ]);
});

test('logs a folder that cannot be read', () => {
  const { dir, log, removeAt } = setUp();
  fs.rmdirSync(dir);
  removeAt(TODAY);
  fs.mkdirSync(dir);
  expect(log.lines).toEqual([expect.stringMatching(`^WARNING Can't look for old results in ${dir}: `)]);
});
