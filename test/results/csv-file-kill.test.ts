import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { csvFile } from '../../src/results/csv-file.ts';
import { HEADER, parseFields } from '../../src/results/csv-row.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PROGRAM = path.join(import.meta.dirname, 'programs/append-rows.mjs');

test('after SIGKILL every written row is in the file, whole', async () => {
  const dir = temporaryFolder();
  const child = spawn(process.execPath, [PROGRAM, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let written = 0;
  for await (const line of createInterface(child.stdout)) {
    written = Number(line);
    if (written === 50) child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  expect(written).toBeGreaterThanOrEqual(50);

  const [header, ...rows] = fs.readFileSync(path.join(dir, 'result_181114.csv'), 'utf8').split('\n');
  expect(header).toBe(HEADER);
  expect(rows.pop()).toBe('');
  expect(rows.length).toBeGreaterThanOrEqual(written);
  rows.forEach((row, index) => {
    expect(parseFields(row)).toHaveLength(6);
    expect(row).toContain(`,site${index + 1},`);
  });
});

test('what SIGKILL leaves of a row is kept beside the file by the next start, at each kill', () => {
  const dir = temporaryFolder();
  const file = path.join(dir, 'result_181114.csv');
  const row = (n: number) => `Wed Nov 14 00:00:00 2018,site${n},SUCCESS,5.213,10529.671,436.733\n`;
  const half = row(3).slice(0, row(3).length >> 1);
  for (const kills of [1, 2]) {
    expect(spawnSync(process.execPath, [PROGRAM, dir, '3']).signal).toBe('SIGKILL');
    const rows = Array.from({ length: kills }, () => row(1) + row(2)).join('');
    expect(fs.readFileSync(file, 'utf8')).toBe(`${HEADER}\n${rows}${half}`);
  }
  const time = new Date(2018, 10, 14);
  csvFile({ dir, file: 'result', files: fs, log: recordingLog(), now: () => time }).append({
    time,
    line: row(4),
  });
  expect(fs.readFileSync(file, 'utf8')).toBe(`${HEADER}\n${row(1)}${row(2)}${row(1)}${row(2)}${row(4)}`);
  expect(fs.readFileSync(`${file}.torn`, 'utf8')).toBe(`${half}\n${half}\n`);
});
