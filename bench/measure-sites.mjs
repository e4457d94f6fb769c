import { setTimeout as sleep } from 'node:timers/promises';
import { Monitor, until } from './monitor.mjs';
import { activity, memory } from './process.mjs';

/** Sites, and the rows that are counted after the first cycle or {@link WARM_UP}. */
const FEW = 5;
const SOME = 50;
const MANY = 500;
const ROWS = 500;
const WARM_UP = 500;
/** A slow machine gets fewer rows in this time, in ms. */
const PATIENCE_MS = 60_000;
const FEWEST = 100;
/** Sites of the one that is started, reloaded and stopped. */
const VERY_MANY = 2000;

/**
 * What a test costs the monitor itself as sites grow, and how long many sites take to start, to reload and to stop.
 *
 * @param {import('./monitor.mjs').Place} place
 */
export async function measureSites(place) {
  const few = await costOf(place, FEW);
  const some = await costOf(place, SOME);
  const many = await costOf(place, MANY);
  return { few, some, many, veryMany: await timesOf(place, VERY_MANY) };
}

function sitesOf(count) {
  return Array.from({ length: count }, () => ({ gateway: 'works', realProfile: false }));
}

/** Its own CPU time a row, in ms, and its highest memory, in KB. */
async function costOf(place, count) {
  const monitor = new Monitor(place, `sites-${count}`);
  monitor.configure({ sites: sitesOf(count), frequency: 1 });
  monitor.start();
  const written = () => monitor.expectRunning().rows().length;
  const reach = async (rows) => {
    const deadline = performance.now() + PATIENCE_MS;
    while (written() < rows && performance.now() < deadline) await sleep(100);
    return { rows: written(), ticks: activity(monitor.pid).ticks };
  };
  const warm = await reach(WARM_UP);
  const end = await reach(warm.rows + ROWS);
  const { highest } = memory(monitor.pid);
  await monitor.stop();
  const rows = end.rows - warm.rows;
  if (rows < FEWEST)
    throw new Error(`only ${rows} rows of ${count} sites in ${PATIENCE_MS / 1000} s: too slow`);
  return { sites: count, rows, cpu: (10 * (end.ticks - warm.ticks)) / rows, highest };
}

/**
 * From its start to its first ping, from SIGHUP to the config in use, and from SIGTERM to its end, in ms. A config is read again between two
 * cycles, so this is measured at a monitor of one site that gets the others.
 */
async function timesOf(place, count) {
  const all = sitesOf(count);
  const monitor = new Monitor(place, `sites-${count}`);
  monitor.configure({ sites: all, frequency: 1 });
  const started = performance.now();
  monitor.start();
  await until('its first ping', () => monitor.expectRunning().pings().length > 0);
  const start = performance.now() - started;
  const stopping = performance.now();
  await monitor.stop();
  const stop = performance.now() - stopping;

  const one = new Monitor(place, 'sites-1');
  one.configure({ sites: all.map((site, index) => ({ ...site, enabled: index === 0 })), frequency: 3600 });
  one.start();
  await until('its only row', () => one.expectRunning().rows().length === 1);
  one.configure({ sites: all, frequency: 3600 });
  const asked = performance.now();
  one.child.kill('SIGHUP');
  await until('its new config', () => one.expectRunning().output().includes('Config read again'));
  const reload = performance.now() - asked;
  await one.stop();
  return { sites: count, start, reload, stop };
}
