// Takes all measurements, one after the other, and prints them. Started by bench.mjs, which says where.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { watchIdle } from './measure-idle.mjs';
import { measureMetrics } from './measure-metrics.mjs';
import { measureRows, SITES } from './measure-rows.mjs';
import { measureSites } from './measure-sites.mjs';
import { measureStarts } from './measure-starts.mjs';
import { measureYear } from './measure-year.mjs';
import { asJson, asMarkdown, judge, judgeSites } from './report.mjs';

/** So that ps has about as much to list as on a small host. */
const OTHER_PROCESSES = 100;

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, rows: { type: 'string' }, sites: { type: 'boolean' } },
});
const folder = process.env.BENCH_FOLDER;
const alone = process.env.BENCH_ALONE === 'yes';
const rows = Number(values.rows ?? 1000);

const programs = path.join(folder, 'bin');
mkdirSync(programs);
for (const [from, to] of [
  ['ping', 'ping'],
  ['startct', 'startct'],
  // Outside of a world no program of ours may bear the real client's name: a real monitor would end it.
  ['startct', 'other-client'],
]) {
  if (alone || to !== 'startct') {
    copyFileSync(new URL(`./programs/${from}`, import.meta.url), path.join(programs, to));
  }
}
/** @type {import('./monitor.mjs').Place} */
const place = { folder, programs, realProfile: alone, monitors: [] };

process.on('SIGTERM', () => process.exit(1));
process.on('exit', () => {
  for (const monitor of place.monitors) monitor.kill();
});

try {
  if (alone) {
    const script = `for ((i = 0; i < ${OTHER_PROCESSES}; i++)); do sleep 1000 & done; wait`;
    spawn('bash', ['-c', script], { stdio: 'ignore' }).unref();
  }
  const started = performance.now();
  const say = (words) => process.stderr.write(`bench: ${words}\n`);
  const print = (figures) => {
    const seconds = (performance.now() - started) / 1000;
    console.log(values.json ? asJson(figures, { alone, seconds }) : asMarkdown(figures, { alone, seconds }));
    process.exit();
  };
  if (values.sites) print(judgeSites(await measureSites(place)));
  say('starting the monitor, again and again');
  const { starts, startsWithMetrics, last } = await measureStarts(place);
  const idle = await watchIdle(last);
  say(`watching it work until it has written ${rows} rows after a warm-up; another one idles meanwhile`);
  const work = await measureRows(place, rows);
  const idled = await idle();
  say('watching one work with its metrics on');
  const metrics = await measureMetrics(place, SITES);
  say('watching some with few and with many sites');
  const sites = await measureSites(place);
  say('reading a year of 100 sites');
  const year = await measureYear({ sites: 100, frequency: 600 });
  print(judge({ starts, startsWithMetrics, ...work, idle: idled, metrics, sites, year }));
} catch (error) {
  process.stderr.write(`bench: could not measure: ${error.stack}\n`);
  process.exit(1);
}
