import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { openRelay } from '../../support/relay.ts';
import { until } from '../../support/until.ts';
import { stop } from '../../support/world.ts';
import {
  BERLIN,
  CONTRIB,
  MADRID,
  PROMETHEUS,
  prometheusUnavailable,
  startPrometheus,
  tool,
} from './prometheus.ts';

const reason = prometheusUnavailable();
let world: MonitoredWorld | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(() => world?.end());

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** The queries of the dashboard, as Grafana asks them. */
function dashboardQueries(): readonly { readonly panel: string; readonly expression: string }[] {
  const { panels } = JSON.parse(readFileSync(`${CONTRIB}/grafana-dashboard.json`, 'utf8')) as {
    panels: readonly Panel[];
  };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expression: expr
        .replaceAll('$__rate_interval', '1m')
        .replaceAll('$__range', '1h')
        .replaceAll(/\$(?:instance|site)\b/g, '.*'),
    })),
  );
}

test('two monitors and a real Prometheus: what one sees, what all see, and a monitor that is away', async () => {
  const here = createMonitoredWorld();
  world = here;
  const ask = await openRelay(here, [PROMETHEUS, BERLIN, MADRID]);
  const start = (place: string, port: number, gateway: string) => {
    here.config(
      { site1: gateway, steady: 'works' },
      `metrics: { listen: '127.0.0.1:${port}' }\nfrequency: 2`,
    );
    here.run(`mkdir ${place} && mv config.yml ${place}`);
    return here.monitor(['run', '-c', here.at(place, 'config.yml')]);
  };
  here.gateway('works');
  const berlin = start('berlin', BERLIN, 'switched');
  start('madrid', MADRID, 'rejects');
  const { query, firing } = await startPrometheus(here, ask);

  // Only Madrid sees site1 down, and the mails for that have nowhere to go.
  const ups = async () => {
    const samples = await query('vpn_monitor_site_up');
    return samples.map(({ metric, value: [, up] }) => `${metric.place} ${metric.site} ${up}`).sort();
  };
  await until('all four', async () => (await ups()).length === 4);
  expect(await ups()).toEqual(['berlin site1 1', 'berlin steady 1', 'madrid site1 0', 'madrid steady 1']);
  for (const alert of ['VpnSiteDown site1 madrid', 'VpnMonitorMailsWaiting madrid']) {
    await until(alert, async () => (await firing()).includes(alert));
  }
  // Tests may be late on a busy machine, which is told as well.
  const late = /^(?:VpnMonitorOverrun|VpnSiteNotTested) /;
  expect((await firing()).filter((alert) => !late.test(alert))).toEqual([
    'VpnMonitorMailsWaiting madrid',
    'VpnSiteDown site1 madrid',
  ]);

  // What is served has nothing that promtool would have otherwise, and Prometheus has taken all of it, as OpenMetrics.
  const { text = '' } = (await ask(MADRID, '/metrics')) ?? {};
  expect(tool('promtool', ['check', 'metrics'], text)).toBe('');
  const families = Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name = '', type]) =>
    type === 'histogram' ? `${name}_bucket` : name,
  );
  const stored = await query('count by (__name__) ({__name__=~"vpn_monitor_.+", place="madrid"})');
  const names = stored.map(({ metric: { __name__: name } }) => name);
  // The gateways of this test do not tell when a password expires and show no certificate, and its sites have no `inside` and no `slow_ms`.
  const unsaid = [
    'vpn_monitor_site_password_expiry_timestamp_seconds',
    'vpn_monitor_site_certificate_expiry_timestamp_seconds',
    'vpn_monitor_site_inside_seconds',
    'vpn_monitor_site_slow',
  ];
  expect(names).toEqual(expect.arrayContaining(families.filter((name) => !unsaid.includes(name))));

  // Each query of the dashboard finds something, and each name in the rules is there.
  const queries = dashboardQueries();
  expect(queries.length).toBeGreaterThan(20);
  for (const { panel, expression } of queries) {
    await until(`${panel}: ${expression}`, async () => (await query(expression)).length > 0);
  }
  const rules = readFileSync(`${CONTRIB}/vpn-monitor.rules.yml`, 'utf8');
  for (const [name] of rules.matchAll(/\bvpn_monitor_\w+/g)) expect([...names, ...unsaid]).toContain(name);

  // Now all see it down.
  here.gateway('rejects');
  await until('the alert of all', async () => (await firing()).includes('VpnSiteDownEverywhere site1'));
  // One message for the site, by Alertmanager.
  await until('its mail', () =>
    here.mails().some((mail) => /^Subject: \[FIRING:1\] VpnSiteDownEverywhere site1 /m.test(mail)),
  );

  await stop(berlin);
  await until('the alert of the monitor', async () => (await firing()).includes('VpnMonitorDown berlin'));
}, 180_000);
