import { get } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Monitor } from './monitor.mjs';
import { memory } from './process.mjs';

/** So many rows, or what comes in that time, in ms. */
const ROWS = 500;
const PATIENCE_MS = 25_000;
const SCRAPE_MS = 500;
const FEWEST = 100;

/**
 * A port of loopback that nobody has.
 *
 * @returns {Promise<number>}
 */
export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/**
 * Lets a monitor work without a pause while its metrics are served, scraped often, and written to a textfile.
 *
 * @param {import('./monitor.mjs').Place} place
 * @param {readonly { gateway: string; realProfile: boolean }[]} sites
 */
export async function measureMetrics(place, sites) {
  const monitor = new Monitor(place, 'metrics');
  const port = await freePort();
  monitor.configure({ sites, frequency: 1, metricsPort: port });
  monitor.start();
  const deadline = performance.now() + PATIENCE_MS;
  let rows = 0;
  const bytes = [];
  while (rows < ROWS && performance.now() < deadline) {
    await sleep(SCRAPE_MS);
    rows = monitor.expectRunning().rows().length;
    // Not before it listens.
    if (rows > 0) bytes.push(await scrape(port));
  }
  const { highest } = memory(monitor.pid);
  await monitor.stop();
  if (rows < FEWEST) throw new Error(`only ${rows} rows in ${PATIENCE_MS / 1000} s: too slow`);
  return { rows, highest, scrapes: bytes.length, bytes: bytes.at(-1) };
}

/**
 * How many bytes the metrics of a monitor have, asked for as Prometheus asks.
 *
 * @param {number} port
 */
function scrape(port) {
  const headers = { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5' };
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/metrics', headers, agent: false }, (response) => {
      let bytes = 0;
      response.on('data', (part) => {
        bytes += part.length;
      });
      response.on('end', () => resolve(bytes));
    }).on('error', reject);
  });
}
