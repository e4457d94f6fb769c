import fs from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { MetricsConfig } from '../../src/config/config.ts';
import { runMetrics } from '../../src/metrics/run-metrics.ts';
import { DONE } from '../../src/model/result.ts';
import { freshState } from '../../src/state/store.ts';
import { realSystem } from '../../src/system/real-system.ts';
import { probeConfig } from '../support/probe.ts';
import { recordingLog } from '../support/recording-log.ts';
import { resultOf } from '../support/results.ts';
import { freePort } from '../support/scripted-smtp-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Where no other test listens: one could get a port that was given back here. */
const HOST = '127.0.0.56';

function setUp() {
  const folder = temporaryFolder();
  const log = recordingLog();
  const metrics = runMetrics({
    state: freshState(),
    rows: { pending: 0 },
    health: () => DONE,
    system: realSystem({}),
    log,
    version: '1.2.3',
    page: () => false,
  });
  onTestFinished(() => {
    metrics.close();
  });
  const use = (places: Partial<MetricsConfig> | undefined) =>
    metrics.use(probeConfig({ metrics: places && { listen: undefined, textfile: undefined, ...places } }));
  return { metrics, log, use, at: (...names: string[]) => path.join(folder, ...names) };
}

async function overruns(port: number): Promise<string | undefined> {
  const text = await (await fetch(`http://${HOST}:${port}/metrics`)).text();
  return /^vpn_monitor_cycle_overruns_total \d+$/m.exec(text)?.[0];
}

const refused = (port: number) => expect(fetch(`http://${HOST}:${port}/`)).rejects.toThrow('fetch failed');

test('metrics that are off take everything and give nothing', async () => {
  const { metrics, log, use, at } = setUp();
  await use(undefined);
  metrics.measure({ kind: 'tested', result: resultOf('site1') });
  metrics.measure({ kind: 'cycled', seconds: 1, overrun: true });
  metrics.measure({ kind: 'leftovers-killed', count: 1 });
  metrics.measure({ kind: 'dns-repaired' });
  metrics.measure({ kind: 'mailed', channel: 'mail', fate: 'lost' });
  metrics.measure({ kind: 'config-read', good: false });
  await metrics.publish();
  expect(log.lines).toEqual([]);
  expect(fs.readdirSync(at())).toEqual([]);
});

test('a reload switches them on, moves them and switches them off; what was counted while they are on stays', async () => {
  const { metrics, log, use } = setUp();
  const [first, second] = [await freePort(), await freePort()];
  metrics.measure({ kind: 'cycled', seconds: 1, overrun: true });
  await use({ listen: { host: HOST, port: first } });
  metrics.measure({ kind: 'cycled', seconds: 1, overrun: true });
  expect(await overruns(first)).toBe('vpn_monitor_cycle_overruns_total 1');
  await use({ listen: { host: HOST, port: first } });
  await use({ listen: { host: HOST, port: second } });
  expect(await overruns(second)).toBe('vpn_monitor_cycle_overruns_total 1');
  await refused(first);
  await use(undefined);
  await refused(second);
  expect(log.lines).toEqual([
    `INFO The metrics are served on ${HOST}:${first}`,
    `INFO The metrics are served on ${HOST}:${second}`,
  ]);
});

test('a port in use is logged once, tried again at each publish, and served as soon as it is free', async () => {
  const { metrics, log, use } = setUp();
  const port = await freePort();
  const other = createServer().listen(port, HOST);
  await new Promise((resolve) => other.once('listening', resolve));
  await use({ listen: { host: HOST, port } });
  await metrics.publish();
  const fault = `ERROR The metrics are not served: can't listen on ${HOST}:${port}: address already in use (EADDRINUSE)`;
  expect(log.lines).toEqual([fault]);
  await new Promise((resolve) => other.close(resolve));
  await metrics.publish();
  await metrics.publish();
  expect(log.lines).toEqual([fault, `INFO The metrics are served on ${HOST}:${port}`]);
  expect(await overruns(port)).toBe('vpn_monitor_cycle_overruns_total 0');
});

test('the textfile is replaced whole, and others may read it whatever the umask', async () => {
  const { metrics, log, use, at } = setUp();
  const mask = process.umask(0o077);
  onTestFinished(() => void process.umask(mask));
  const file = at('vpn.prom');
  await use({ textfile: file });
  // Whoever reads the old one goes on reading it.
  const reader = fs.openSync(file, 'r');
  onTestFinished(() => fs.closeSync(reader));
  metrics.measure({ kind: 'cycled', seconds: 1, overrun: true });
  await metrics.publish();
  expect(fs.readFileSync(reader, 'utf8')).toContain('\nvpn_monitor_cycle_overruns_total 0\n');
  expect(fs.readFileSync(file, 'utf8')).toContain('\nvpn_monitor_cycle_overruns_total 1\n');
  const { mode, ino } = fs.statSync(file);
  expect(mode & 0o777).toBe(0o644);
  // Nothing new is not written again.
  await metrics.publish();
  expect(fs.statSync(file).ino).toBe(ino);
  await use({ textfile: at('other.prom') });
  fs.rmSync(at('other.prom'));
  await use({ textfile: file });
  expect(fs.statSync(file).ino).not.toBe(ino);
  expect(fs.readdirSync(at())).toEqual(['vpn.prom']);
  expect(log.lines).toEqual(
    [file, at('other.prom'), file].map((name) => `INFO The metrics are written to ${name}`),
  );
  // It stays: its times say how old it is.
  await use(undefined);
  expect(fs.existsSync(file)).toBe(true);
});

test('a textfile that can not be written is logged once, and written as soon as possible', async () => {
  const { metrics, log, use, at } = setUp();
  const file = at('missing', 'vpn.prom');
  await use({ textfile: file });
  await metrics.publish();
  const fault = `ERROR The metrics can't be written to ${file}: no such file or directory (ENOENT)`;
  expect(log.lines).toEqual([fault]);
  fs.mkdirSync(at('missing'));
  // What somebody has laid there to be written through is not.
  fs.writeFileSync(at('precious'), 'precious');
  fs.symlinkSync(at('precious'), `${file}.new`);
  await metrics.publish();
  expect(log.lines).toEqual([fault, `INFO The metrics are written to ${file}`]);
  expect(fs.readdirSync(at('missing'))).toEqual(['vpn.prom']);
  expect(fs.readFileSync(at('precious'), 'utf8')).toBe('precious');
  fs.mkdirSync(`${file}.new/precious`, { recursive: true });
  metrics.measure({ kind: 'cycled', seconds: 1, overrun: true });
  await metrics.publish();
  expect(log.lines.at(-1)).toBe(
    `ERROR The metrics can't be written to ${file}: directory not empty (ENOTEMPTY)`,
  );
  expect(fs.readdirSync(`${file}.new`)).toEqual(['precious']);
});
