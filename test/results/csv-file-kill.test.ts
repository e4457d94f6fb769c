import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { HEADER, parseFields } from '../../src/results/csv-row.ts';
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
