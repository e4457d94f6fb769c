import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { HEADER, parseFields } from '../../src/results/csv-row.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PROGRAM = path.join(import.meta.dirname, 'programs/append-rows.mjs');

test('SIGKILL right after a row keeps every row that was written, whole', async () => {
  const dir = temporaryFolder();
  const child = spawn(process.execPath, [PROGRAM, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let told = 0;
  for await (const line of createInterface(child.stdout)) {
    told = Number(line);
    if (told === 50) child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  expect(told).toBeGreaterThanOrEqual(50);

  const [header, ...rows] = fs.readFileSync(path.join(dir, 'result_181114.csv'), 'utf8').split('\n');
  expect(header).toBe(HEADER);
  expect(rows.pop()).toBe('');
  expect(rows.length).toBeGreaterThanOrEqual(told);
  rows.forEach((row, index) => {
    expect(parseFields(row)).toHaveLength(6);
    expect(row).toContain(`,site${index + 1},`);
  });
});
