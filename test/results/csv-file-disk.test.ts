import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { csvFile } from '../../src/results/csv-file.ts';
import { HEADER } from '../../src/results/csv-row.ts';
import { recordingLog } from '../support/recording-log.ts';
import { mountSmallDisk, type SmallDisk, smallDiskUnavailable } from '../support/small-disk.ts';

let disk: SmallDisk | undefined;
beforeEach(({ skip }) => {
  skip(smallDiskUnavailable !== undefined, smallDiskUnavailable);
  disk = mountSmallDisk();
});
afterEach(() => disk?.unmount());

const time = new Date(2018, 10, 14, 0, 3, 40);
const line = (n: number) => `Wed Nov 14 00:03:40 2018,site${n},SUCCESS,5.213,10529.671,436.733\n`;
const lines = (count: number) => Array.from({ length: count }, (_, n) => line(n)).join('');

test('the script’s fault: a full disk kills it, the row torn', () => {
  if (disk === undefined) return;
  const log = recordingLog();
  const said = log.lines;
  const csv = csvFile({
    dir: path.join(disk.dir, 'results'),
    file: 'result',
    files: fs,
    log,
    now: () => time,
  });
  const file = path.join(disk.dir, 'results', 'result_181114.csv');
  csv.append({ time, line: line(0) });
  disk.fill();
  let written = 1;
  for (let n = 1; n < 300; n++) {
    csv.append({ time, line: line(n) });
    written = n + 1 - csv.pending;
    // The page that the file has begun takes rows until it is full, and never a part of one.
    expect(fs.readFileSync(file, 'utf8')).toBe(`${HEADER}\n${lines(written)}`);
  }
  expect(written).toBeLessThan(100);
  expect(csv.fault).toMatch(/no space left on device \(ENOSPC\)$/);
  expect(said.filter((entry) => entry.includes("can't be written"))).toHaveLength(1);

  disk.free();
  disk.fill(4096);
  csv.retry();
  expect(csv.pending).toBeGreaterThan(0);
  expect(fs.readFileSync(file, 'utf8')).toBe(`${HEADER}\n${lines(300 - csv.pending)}`);

  disk.free();
  csv.append({ time, line: line(300) });
  expect(csv.pending).toBe(0);
  expect(csv.fault).toBeNull();
  expect(fs.readFileSync(file, 'utf8')).toBe(`${HEADER}\n${lines(301)}`);
  expect(said.filter((entry) => entry.includes('can be written again'))).toHaveLength(1);
});

test('a disk that is full at the first row of a day', () => {
  if (disk === undefined) return;
  disk.fill();
  const csv = csvFile({
    dir: disk.dir,
    file: 'result',
    files: fs,
    log: recordingLog(),
    now: () => new Date(0),
  });
  csv.append({ time, line: line(0) });
  expect(csv.pending).toBe(1);
  disk.free();
  csv.append({ time, line: line(1) });
  expect(fs.readFileSync(path.join(disk.dir, 'result_181114.csv'), 'utf8')).toBe(`${HEADER}\n${lines(2)}`);
});

test('a torn row is not cut before there is room to keep it', () => {
  if (disk === undefined) return;
  const file = path.join(disk.dir, 'result_181114.csv');
  const before = `${HEADER}\n${lines(3)}${line(3).slice(0, 30)}`;
  fs.writeFileSync(file, before);
  disk.fill();
  const csv = csvFile({ dir: disk.dir, file: 'result', files: fs, log: recordingLog(), now: () => time });
  csv.append({ time, line: line(3) });
  expect(csv.fault).toMatch(/no space left on device \(ENOSPC\)$/);
  expect(fs.readFileSync(file, 'utf8')).toBe(before);
  disk.free();
  csv.retry();
  expect(fs.readFileSync(file, 'utf8')).toBe(`${HEADER}\n${lines(4)}`);
  expect(fs.readFileSync(`${file}.torn`, 'utf8')).toBe(`${line(3).slice(0, 30)}\n`);
});
