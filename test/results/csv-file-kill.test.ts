import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { expect, test } from 'vitest';
import { HEADER, parseFields } from '../../src/results/row.ts';

test('SIGKILL right after a row keeps every row that was written, whole', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'csv-kill-'));
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: {
        ssr: path.join(import.meta.dirname, 'programs/append-rows.ts'),
        outDir: dir,
        target: 'node20',
      },
    });
    const [program = ''] = fs.readdirSync(dir);
    const child = spawn(process.execPath, [path.join(dir, program), dir], {
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
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
});
