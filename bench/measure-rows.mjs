import { setTimeout as sleep } from 'node:timers/promises';
import { Monitor } from './monitor.mjs';
import { memory, openFiles, zombies } from './process.mjs';

/** After so many rows its memory has found its level (seen over 6000). */
const WARM_UP = 800;
const SAMPLE_MS = 500;
/** A machine that is too slow for these rows, or for 1000 after them, in this time gets fewer, in ms: the report says so. */
const PATIENCE_MS = 45_000;
const FEWEST = 100;

/**
 * Two that log in with the real profile: the test of the first ends where that of the second, one of the same kind, begins.
 * Then some that are turned away at once, to get many rows in little time.
 */
const PATTERN = ['works', 'works', ...Array(14).fill('refuses')];
export const SITES = Array(3)
  .fill(PATTERN)
  .flat()
  .map((gateway) => ({ gateway, realProfile: gateway === 'works' }));

/**
 * Lets a monitor work without a pause.
 *
 * @param {import('./monitor.mjs').Place} place
 * @param {number} wanted rows after the warm-up
 */
export async function measureRows(place, wanted) {
  const monitor = new Monitor(place, 'rows');
  monitor.configure({ sites: SITES, frequency: 1 });
  monitor.start();
  const written = () => monitor.expectRunning().rows().length;
  const samples = [];
  const sample = async (rows, patienceMs) => {
    const deadline = performance.now() + patienceMs;
    for (let now = written(); now < rows && performance.now() < deadline; now = written()) {
      samples.push({ rows: now, rss: memory(monitor.pid).rss });
      await sleep(SAMPLE_MS);
    }
    return written();
  };
  const warm = await sample(WARM_UP, PATIENCE_MS);
  const filesBefore = await lowest(() => openFiles(monitor.pid));
  samples.length = 0;
  await sample(warm + wanted, PATIENCE_MS * Math.max(1, wanted / 1000));
  const { highest } = memory(monitor.pid);
  const filesAfter = await lowest(() => openFiles(monitor.pid));
  const dead = await lowest(() => zombies(monitor.pid));
  await monitor.stop();
  const rows = monitor.rows().length;
  if (rows - warm < FEWEST) throw new Error(`only ${rows - warm} rows in ${PATIENCE_MS / 1000} s: too slow`);
  return {
    memory: { warm, rows: rows - warm, highest, samples },
    gained: { files: filesAfter - filesBefore, zombies: dead },
    ...costs(monitor),
  };
}

/** The lowest of many looks: between two tests nothing is open and nobody has just died. */
async function lowest(look) {
  let least = Number.POSITIVE_INFINITY;
  for (let count = 0; count < 100; count += 1) {
    least = Math.min(least, look());
    await sleep(7);
  }
  return least;
}

/**
 * What the monitor added, in ms: to stage 2, and to the whole test of a site. Tests run in turn and each starts one client
 * and two pings, so the N-th row, the N-th client and the N-th pair of pings are of the same test.
 */
function costs(monitor) {
  const rows = monitor.rows();
  const clients = monitor.clients();
  const pings = monitor.pings();
  const added = [];
  const perSite = [];
  for (const [test, { gateway, beforeConnect, afterQuit }] of clients.slice(0, rows.length).entries()) {
    const [, name, , , stage2] = rows[test];
    if (name !== gateway) throw new Error(`the notes do not fit the rows: ${name} is beside ${gateway}`);
    if (!gateway.startsWith('works')) continue;
    if (Number.isNaN(Number(stage2))) throw new Error(`${name} did not log in: ${rows[test]}`);
    added.push(Number(stage2) - beforeConnect);
    const [outside, inside, next] = pings.slice(2 * test, 2 * test + 3);
    if (next === undefined || !clients[test + 1]?.gateway.startsWith('works')) continue;
    perSite.push(next.began - outside.began - outside.own - inside.own - beforeConnect - afterQuit);
  }
  return { added, perSite };
}
