import { Monitor, until } from './monitor.mjs';

const TIMES = 9;

/**
 * The time from the start of the process to the first line of its first ping, in ms, of several starts. The last of them
 * is left running.
 *
 * @param {import('./monitor.mjs').Place} place
 */
export async function measureStarts(place) {
  const starts = [];
  for (let time = 1; ; time += 1) {
    const monitor = new Monitor(place, `start-${time}`);
    monitor.configure({ sites: [{ gateway: 'works', realProfile: true }], frequency: 3600 });
    monitor.start();
    const first = await until('the first ping', () => monitor.expectRunning().pings()[0]);
    starts.push(first.began - monitor.startedAt);
    if (time === TIMES) return { starts, last: monitor };
    await monitor.stop();
  }
}
