// What the live page costs on a folder of results: the program that serves it, asked as a browser does.
import { spawn } from 'node:child_process';
import { appendFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { activity, memory } from './process.mjs';

const PROGRAM = fileURLToPath(new URL('../dist/web/page-program.js', import.meta.url));

/**
 * Asks for the page of `sites` in `folder` (files `result_YYMMDD.csv`): first after the start, then without and with a new row. Times are in ms.
 *
 * @param {{ folder: string, sites: string[], frequency: number }} options
 */
export async function measurePage({ folder, sites, frequency }) {
  const port = await freePort();
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const address = `http://127.0.0.1:${port}`;
  const settings = {
    listen: { host: '127.0.0.1', port },
    hosts: null,
    password: null,
    status: {
      frequency,
      maintenance: [],
      logging: { dir: folder, file: 'result' },
      alerts: { expiryDays: 14 },
    },
    sites,
    disabled: [],
    after: 2,
    configFile: path.join(folder, 'config.yml'),
    version: 'bench',
  };
  try {
    const began = performance.now();
    child.stdin.write(`${JSON.stringify(settings)}\n`);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const first = await ask(address);
    const sinceStart = performance.now() - began;
    const firstCpu = activity(child.pid).ticks * 10;
    // Its own rows need the whole month.
    await ask(`${address}/site/${encodeURIComponent(sites[0])}/rows.csv`);
    const month = performance.now() - began;
    const same = await several(() => ask(address), 5);
    const changed = await several(async () => {
      // The server looks again when it has rested.
      await new Promise((resolve) => setTimeout(resolve, 4000));
      addRow(folder, sites[0]);
      return await ask(address);
    }, 3);
    const site = await ask(`${address}/site/${encodeURIComponent(sites[0])}`);
    const { ticks } = activity(child.pid);
    return {
      sinceStart,
      first: first.ms,
      firstCpu,
      month,
      same: median(same.map(({ ms }) => ms)),
      changed: median(changed.map(({ ms }) => ms)),
      site: site.ms,
      bytes: first.bytes,
      siteBytes: site.bytes,
      cpu: ticks * 10,
      memory: memory(child.pid).highest / 1024,
    };
  } finally {
    child.stdin.end();
    await new Promise((resolve) => child.once('exit', resolve));
  }
}

async function ask(address) {
  const began = performance.now();
  const response = await fetch(address);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${address}: ${response.status} ${text}`);
  return { ms: performance.now() - began, bytes: text.length };
}

async function several(measure, count) {
  const found = [];
  for (let index = 0; index < count; index += 1) found.push(await measure());
  return found;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

/** Adds a row to the file of the last day, as the monitor does. */
function addRow(folder, site) {
  const last = readdirSync(folder)
    .filter((name) => /^result_\d{6}\.csv$/.test(name))
    .sort()
    .at(-1);
  const date = new Date();
  const [, weekday, month, day, year, clock] = /^(\w+) (\w+) (\d+) (\d+) (\S+)/.exec(date.toString());
  const time = `${weekday} ${month} ${day.replace(/^0/, ' ')} ${clock} ${year}`;
  appendFileSync(path.join(folder, last), `${time},${site},SUCCESS,5.000,1500.000,12.000\n`);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
