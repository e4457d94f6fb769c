import fs, { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { newestRows, RecentDays, recentRows } from '../../src/history/recent-rows.ts';
import { asctime, HEADER } from '../../src/results/csv-row.ts';
import { csvFileName, eventFileName } from '../../src/results/file-name.ts';
import { DAY_MS } from '../../src/words/time.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime();
const NOW = at(28, 12);

function setUp() {
  const dir = temporaryFolder();
  const fileOf = (day: number) => path.join(dir, csvFileName('result', new Date(2026, 10, day)));
  const add = (day: number, time: number, site = 'oslo') => {
    const file = fileOf(day);
    if (!fs.existsSync(file)) writeFileSync(file, `${HEADER}\n`);
    appendFileSync(file, `${asctime(new Date(time))},${site},SUCCESS,5.000,1500.000,12.000\n`);
  };
  for (let day = 1; day <= 28; day += 1) for (const hour of [1, 9]) add(day, at(day, hour));
  // As the script does in a zone east of Greenwich: the file of the day before.
  for (const day of [26, 27]) add(day, at(day + 1, 0));
  const read: string[] = [];
  const files = {
    ...fs,
    openSync: ((file: string, ...rest: [string]) => {
      read.push(path.basename(file));
      return fs.openSync(file, ...rest);
    }) as typeof fs.openSync,
  };
  const where = { dir, file: 'result' };
  const recent = new RecentDays(where, files);
  const kept = async (now = NOW) => {
    read.length = 0;
    return (await recent.rows(now)).days;
  };
  const anew = (now = NOW) => [...recentRows(where, fs, now).days];
  return { dir, add, fileOf, kept, anew, read, newest: () => newestRows(where, files, NOW).days };
}

test('what is kept is what is read anew, and only the last three files are read again', async () => {
  const { add, kept, anew, read } = setUp();
  expect(await kept()).toEqual(anew());
  add(28, at(28, 10));
  expect(await kept()).toEqual(anew());
  expect(read.filter((name) => name.endsWith('.csv'))).toEqual([
    'result_261126.csv',
    'result_261127.csv',
    'result_261128.csv',
  ]);
});

test('the rows of the last 24 hours are in the last three files', () => {
  const { anew, newest, read } = setUp();
  const ofDay = (days: ReturnType<typeof anew>) =>
    days.flatMap(({ rows }) => rows.filter(({ time }) => time > NOW - DAY_MS));
  expect(ofDay(newest())).toEqual(ofDay(anew()));
  expect(read.filter((name) => name.endsWith('.csv'))).toEqual([
    'result_261126.csv',
    'result_261127.csv',
    'result_261128.csv',
  ]);
});

test('a past day that somebody has corrected, and the events of one, are read again', async () => {
  const { dir, add, kept, anew } = setUp();
  await kept();
  add(3, at(3, 11), 'rome');
  expect(await kept()).toEqual(anew());
  mkdirSync(path.join(dir, 'events'));
  const event = {
    version: 1,
    time: new Date(at(4, 9)),
    site: 'oslo',
    kind: 'loss',
    stage: 1,
    loss_percent: 20,
  };
  writeFileSync(path.join(dir, 'events', eventFileName(new Date(at(4, 9)))), `${JSON.stringify(event)}\n`);
  const days = await kept();
  expect(days).toEqual(anew());
  expect(days.flatMap(({ rows }) => rows.flatMap(({ events = [] }) => events))).toHaveLength(1);
});

test('the next day yesterday is a past day', async () => {
  const { add, kept, anew } = setUp();
  await kept();
  add(29, at(29, 1));
  expect(await kept(at(29, 2))).toEqual(anew(at(29, 2)));
});

test('what is wrong with a file is said once', async () => {
  const { fileOf, kept, dir } = setUp();
  appendFileSync(fileOf(26), 'no row\n');
  await kept();
  const recent = new RecentDays({ dir, file: 'result' }, fs);
  expect((await recent.rows(NOW)).doubts()).toEqual([
    'skipped 1 line that is not a row; the first: result_261126.csv:5: no row',
  ]);
});
