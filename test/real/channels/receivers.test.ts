import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { missingPrograms } from '../../support/missing-programs.ts';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { MAIN, ROOT } from '../../support/paths.ts';
import { openRelay } from '../../support/relay.ts';
import { until } from '../../support/until.ts';
import { stop, worldUnavailable } from '../../support/world.ts';

const PORT = 8099;
const ALERTMANAGER = 9093;
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const RECEIVER = path.join(import.meta.dirname, 'receiver.py');

const reason = worldUnavailable() ?? missingPrograms(['python3', 'prometheus-alertmanager']);
let world: MonitoredWorld;
beforeEach(({ skip }) => {
  skip(reason !== undefined, reason);
  world = createMonitoredWorld();
});
afterEach(() => {
  if (reason === undefined) world.end();
});

/** What makes a monitor's back-off of 30 s last 3 s. Its children do not get it. */
const FAST = ['--import', path.join(ROOT, 'test/support/fast-time.mjs')];
/** Limits that are long enough also then. */
const LIMITS =
  'ping: { count: 1, timeout: 100 }\nlogin: { step_timeout: 300, quit_timeout: 300 }\nfrequency: 10';

test('a receiver of its own: each message signed, in order, again under its key after a drop and a 500', async () => {
  const receiver = world.start(['python3', RECEIVER, String(PORT), SECRET, 'drop', '500']);
  await until('the receiver listens', () => receiver.stdout().includes('listening'));
  writeFileSync(world.at('url'), `http://127.0.0.1:${PORT}/hook/t0p-secret\n`, { mode: 0o600 });
  world.gateway('rejects');
  const channels = `channels: [{ name: tickets, webhook: { url_file: url, secret: ${SECRET} } }]`;
  world.config({ site1: 'switched' }, `${channels}\nlogging: { dir: results, file: result }\n${LIMITS}`);
  const monitor = world.start([process.execPath, ...FAST, MAIN, 'run'], {
    SIM_SWITCH: world.at('switch'),
    FAST_TIME_FACTOR: '10',
  });
  const seen = () =>
    receiver
      .stdout()
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line));
  await until('it is down', () => seen().some(({ answer }) => answer === '204'));
  world.gateway('works');
  await until('it is back', () => seen().some(({ body }) => body.type === 'vpn.recovery'));
  await stop(monitor);

  const all = seen();
  expect(all.slice(0, 3).map(({ answer }) => answer)).toEqual(['drop', '500', '204']);
  // Each message under one key and with one body, until it is taken; none after that.
  for (const key of new Set(all.map(({ id }) => id))) {
    const tries = all.filter(({ id }) => id === key);
    expect(new Set(tries.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(tries.map(({ answer }) => answer === '204')).toEqual(
      tries.map((_, index) => index === tries.length - 1),
    );
  }
  const taken = all.filter(({ answer }) => answer === '204').map(({ body }) => body);
  const ofSite = taken.filter(({ events }) => events[0].site === 'site1');
  expect(ofSite.map(({ type }) => type)).toEqual(['vpn.down', 'vpn.recovery']);
  expect(ofSite[1].events[0].incident).toBe(ofSite[0].events[0].incident);
  for (const { signed, id, body, path: asked } of seen()) {
    expect({ signed, asked, same: id === body.key }).toEqual({
      signed: true,
      asked: '/hook/t0p-secret',
      same: true,
    });
  }
  // Neither the URL nor the key that signs is anywhere but in the config.
  const written = `${monitor.stdout()}${monitor.stderr()}${world.log()}${world.read('results/.state/state.json')}`;
  expect(written).not.toMatch(/t0p-secret|MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw/);
  expect(written).toContain(
    'Message to tickets sent: "VPN site1 DOWN: credentials rejected": 204 No Content',
  );
});

test('Alertmanager shows an outage, shows it again after it forgot it, and shows no more when it is over', async () => {
  const ask = await openRelay(world, [ALERTMANAGER]);
  writeFileSync(world.at('am.yml'), 'route: { receiver: none }\nreceivers: [{ name: none }]\n');
  const startAlertmanager = async (storage: string) => {
    const started = world.start([
      'prometheus-alertmanager',
      `--config.file=${world.at('am.yml')}`,
      `--storage.path=${world.at(storage)}`,
      `--web.listen-address=127.0.0.1:${ALERTMANAGER}`,
      '--cluster.listen-address=',
    ]);
    await until('it is ready', async () => (await ask(ALERTMANAGER, '/-/ready'))?.status === 200);
    return started;
  };
  const alerts = async (): Promise<Record<string, Record<string, string>>[]> =>
    JSON.parse((await ask(ALERTMANAGER, '/api/v2/alerts'))?.text ?? '[]');
  const isShown = async () => (await alerts()).some(({ labels }) => labels?.['alertname'] === 'VpnSiteDown');
  const first = await startAlertmanager('first');
  world.gateway('rejects');
  const webhook = `{ url: 'http://127.0.0.1:${ALERTMANAGER}/api/v2/alerts', body: alertmanager }`;
  world.config(
    { site1: 'switched' },
    `channels: [{ name: am, webhook: ${webhook} }]\nlogging: { dir: results, file: result }\nfrequency: 2`,
  );
  const monitor = world.monitor();
  await until('the alert', isShown);
  expect(await alerts()).toMatchObject([
    {
      labels: { alertname: 'VpnSiteDown', site: 'site1', severity: 'critical' },
      annotations: { summary: 'VPN site1 DOWN: credentials rejected', cause: 'credentials-rejected' },
    },
  ]);
  await stop(first);
  await startAlertmanager('second');
  expect(await alerts()).toEqual([]);
  // A reload tells it at once, not only after a minute.
  monitor.signal('SIGHUP');
  await until('the alert again', isShown);
  world.gateway('works');
  await until('its end', async () => !(await isShown()));
  await stop(monitor);
});
