import { freePort } from './measure-metrics.mjs';
import { Monitor, until } from './monitor.mjs';

const TIMES = 9;

/**
 * The time from the start of the process to the first line of its first ping, in ms, of several starts with metrics and,
 * in turn, several without. The last of all, without, is left running.
 *
 * @param {import('./monitor.mjs').Place} place
 */
export async function measureStarts(place) {
  const starts = [];
  const startsWithMetrics = [];
  for (let time = 1; ; time += 1) {
    const port = await freePort();
    const measured = await start(place, `start-metrics-${time}`, port);
    startsWithMetrics.push(measured.ms);
    await measured.monitor.stop();
    const { monitor, ms } = await start(place, `start-${time}`);
    starts.push(ms);
    if (time === TIMES) return { starts, startsWithMetrics, last: monitor };
    await monitor.stop();
  }
}

async function start(place, name, metricsPort) {
  const monitor = new Monitor(place, name);
  monitor.configure({ sites: [{ gateway: 'works', realProfile: true }], frequency: 3600, metricsPort });
  monitor.start();
  const first = await until('the first ping', () => monitor.expectRunning().pings()[0]);
  return { monitor, ms: first.began - monitor.startedAt };
}
