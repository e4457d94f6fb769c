import fs, { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { asctime, HEADER } from '../../src/results/csv-row.ts';
import { csvFileName } from '../../src/results/file-name.ts';
import { realSystem } from '../../src/system/real-system.ts';
import { LiveStatus } from '../../src/web/live-status.ts';
import type { PageSettings } from '../../src/web/page-news.ts';
import { DAY_MS } from '../../src/words/time.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** A month with a result a day, each a minute before this time of the day. */
function setUp() {
  const dir = temporaryFolder();
  const now = Date.now();
  for (let day = 0; day < 30; day += 1) {
    const time = new Date(now - day * DAY_MS - 60_000);
    const text = `${HEADER}\n${asctime(time)},oslo,SUCCESS,5.000,1500.000,12.000\n`;
    writeFileSync(path.join(dir, csvFileName('result', time)), text);
  }
  const opened: string[] = [];
  const openSync = ((file: string, ...rest: [string]) => {
    opened.push(file);
    return fs.openSync(file, ...rest);
  }) as typeof fs.openSync;
  const settings: PageSettings = {
    listen: { host: '127.0.0.1', port: 1 },
    hosts: null,
    password: null,
    status: {
      frequency: 86_400,
      maintenance: [],
      logging: { dir, file: 'result' },
      alerts: { expiryDays: 14 },
    },
    sites: ['oslo'],
    disabled: [],
    after: 2,
    configFile: path.join(dir, 'config.yml'),
    version: '1',
  };
  const system = { ...realSystem({}), files: { ...fs, openSync } };
  return { live: new LiveStatus(settings, system), opened };
}

const rowsIn = ({ days }: { readonly days: readonly { readonly rows: readonly unknown[] }[] }) =>
  days.reduce((sum, { rows }) => sum + rows.length, 0);

test('the last day is there before the month is read, and the month soon after', async () => {
  const { live, opened } = setUp();
  const first = await live.readSoon();
  expect(first).toMatchObject({ isPart: true, sites: [{ name: 'oslo', now: 'up' }] });
  expect(rowsIn(first)).toBeLessThanOrEqual(3);
  expect(opened.filter((file) => file.endsWith('.csv')).length).toBeLessThan(10);
  const whole = await until('the month is read', async () => {
    const next = await live.readSoon();
    return next.isPart ? false : next;
  });
  expect(rowsIn(whole)).toBe(30);
  expect(whole.number).toBeGreaterThan(first.number);
});

test('who needs the month waits for it', async () => {
  const { live } = setUp();
  expect(rowsIn(await live.read())).toBe(30);
});
