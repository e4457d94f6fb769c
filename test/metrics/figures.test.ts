import { expect, test } from 'vitest';
import { newEntry } from '../../src/alerts/outbox.ts';
import { NEVER_TESTED } from '../../src/alerts/policy.ts';
import type { Config } from '../../src/config/config.ts';
import { Figures } from '../../src/metrics/figures.ts';
import type { StageResult } from '../../src/model/test-result.ts';
import { freshState, type SiteState, type State } from '../../src/state/store.ts';
import { probeConfig } from '../support/probe.ts';
import { ok, REJECTED, resultOf, SILENT } from '../support/results.ts';
import { simulatedSite } from '../support/site.ts';

const CAUSE = 'credentials-rejected';

function sites(...names: string[]): Config {
  return probeConfig({ frequency: 600, sites: names.map((name) => simulatedSite('works', { name })) });
}

function known(more: Partial<SiteState>): SiteState {
  return {
    ...NEVER_TESTED,
    lastResult: '2018-11-14T05:18:02.000Z',
    ...more,
  };
}

function setUp(config: Config, more: Partial<State> = {}) {
  const state = { ...freshState(), ...more };
  const rows = { pending: 0 };
  const figures = new Figures({ state, rows, version: '1.2.3' }, config);
  const samples = async (name = '') =>
    (await figures.text()).split('\n').filter((line) => line.startsWith(`vpn_monitor_${name}`));
  return { figures, state, rows, samples };
}

const ping = (ms: number, loss: number): StageResult => ({ outcome: 'ok', ms, loss, detail: '' });

test('a monitor that has tested nothing yet: no site has a figure, and every counter is 0', async () => {
  const { samples } = setUp(sites('site1'));
  expect(await samples()).toEqual([
    'vpn_monitor_cycle_seconds 0',
    'vpn_monitor_interval_seconds 600',
    'vpn_monitor_cycle_overruns_total 0',
    'vpn_monitor_mails_waiting 0',
    'vpn_monitor_mails_delivered_total 0',
    'vpn_monitor_mails_failed_total 0',
    'vpn_monitor_mails_lost_total 0',
    'vpn_monitor_mails_unconfirmed_total 0',
    'vpn_monitor_rows_waiting 0',
    'vpn_monitor_host_faults 0',
    'vpn_monitor_leftovers_killed_total 0',
    'vpn_monitor_dns_repairs_total 0',
    'vpn_monitor_config_last_reload_successful 1',
    `vpn_monitor_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
  ]);
});

test('the messages of each channel are counted from 0 on, so that the first one that is lost is an increase', async () => {
  const way = { kind: 'command', command: { run: ['/bin/true'], timeout: 30 } } as const;
  const listed = (name: string) => ({ name, events: null, sites: null, group: true, way });
  const { figures, samples } = setUp({ ...sites('site1'), channels: [listed('pager')] });
  const fates = ['delivered', 'failed', 'lost', 'unconfirmed'];
  const zeros = (channel: string) =>
    fates.map((fate) => `vpn_monitor_messages_total{channel="${channel}",fate="${fate}"} 0`);
  expect(await samples('messages_total')).toEqual(zeros('pager'));
  figures.measure({ kind: 'mailed', channel: 'pager', fate: 'lost' });
  figures.use({ ...sites('site1'), channels: [listed('pager'), listed('chat')] });
  expect(await samples('messages_total')).toEqual([
    ...zeros('pager').map((line) => (line.includes('lost') ? line.replace(/0$/, '1') : line)),
    ...zeros('chat'),
  ]);
});

test('a site flaps from when people are told to when it is steady', async () => {
  const flap = (since: string | null) => ({ changes: [], since, first: {} });
  const { samples } = setUp(sites('site1', 'site2', 'site3'), {
    sites: new Map([
      ['site1', known({ flap: flap('2018-11-14T05:18:02.000Z') })],
      ['site2', known({ flap: flap(null) })],
      ['site3', known({})],
    ]),
  });
  expect(await samples('site_flapping')).toEqual([
    'vpn_monitor_site_flapping{site="site1"} 1',
    'vpn_monitor_site_flapping{site="site2"} 0',
    'vpn_monitor_site_flapping{site="site3"} 0',
  ]);
});

test('a success: stages in seconds, loss as a ratio', async () => {
  const { figures, samples } = setUp(sites('site1'));
  figures.measure({
    kind: 'tested',
    result: resultOf('site1', [ping(5, 0.2), ok(10_529.671), ping(436.733, 0)]),
  });
  expect(await samples('site_stage_seconds')).toEqual([
    'vpn_monitor_site_stage_seconds{site="site1",stage="ping_outside"} 0.005',
    'vpn_monitor_site_stage_seconds{site="site1",stage="log_in"} 10.529671',
    'vpn_monitor_site_stage_seconds{site="site1",stage="ping_inside"} 0.436733',
  ]);
  expect(await samples('site_loss_ratio')).toEqual([
    'vpn_monitor_site_loss_ratio{site="site1",stage="ping_outside"} 0.2',
    'vpn_monitor_site_loss_ratio{site="site1",stage="ping_inside"} 0',
  ]);
  const logIn = (await samples('site_stage_duration_seconds')).filter((line) => line.includes('log_in'));
  expect(logIn).toEqual([
    ...[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, '+Inf'].map(
      (le) =>
        `vpn_monitor_site_stage_duration_seconds_bucket{le="${le}",site="site1",stage="log_in"} ${Number(le) > 10 || le === '+Inf' ? 1 : 0}`,
    ),
    'vpn_monitor_site_stage_duration_seconds_sum{site="site1",stage="log_in"} 10.529671',
    'vpn_monitor_site_stage_duration_seconds_count{site="site1",stage="log_in"} 1',
  ]);
});

test('a slow stage: only where there is a limit, and only in a test that works', async () => {
  const config = sites('site1');
  const slowMs = [200, 15_000, null] as const;
  const { figures, samples } = setUp({ ...config, sites: config.sites.map((site) => ({ ...site, slowMs })) });
  const result = resultOf('site1', [ping(5, 0), ok(18_230), ping(5, 0)]);
  const slow = [{ stage: 2, ms: 18_230, limitMs: 15_000 }] as const;
  figures.measure({ kind: 'tested', result: { ...result, slow } });
  expect(await samples('site_slow')).toEqual([
    'vpn_monitor_site_slow{site="site1",stage="ping_outside"} 0',
    'vpn_monitor_site_slow{site="site1",stage="log_in"} 1',
  ]);
  figures.measure({ kind: 'tested', result: resultOf('site1', [ping(6, 0), REJECTED, SILENT]) });
  expect(await samples('site_slow')).toContain('vpn_monitor_site_slow{site="site1",stage="log_in"} 0');
});

test('a failure has no value, no stale one either; silence is a loss of all, and each failed stage is counted', async () => {
  const { figures, samples } = setUp(sites('site1'));
  figures.measure({ kind: 'tested', result: resultOf('site1', [ping(5, 0), ok(100), ping(5, 0)]) });
  figures.measure({ kind: 'tested', result: resultOf('site1', [ping(6, 0), REJECTED, SILENT]) });
  figures.measure({ kind: 'tested', result: resultOf('site1', [ping(7, 0), REJECTED, SILENT]) });
  expect(await samples('site_stage_seconds')).toEqual([
    'vpn_monitor_site_stage_seconds{site="site1",stage="ping_outside"} 0.007',
  ]);
  expect(await samples('site_loss_ratio')).toEqual([
    'vpn_monitor_site_loss_ratio{site="site1",stage="ping_outside"} 0',
    'vpn_monitor_site_loss_ratio{site="site1",stage="ping_inside"} 1',
  ]);
  expect(await samples('site_stage_failures_total')).toEqual([
    `vpn_monitor_site_stage_failures_total{site="site1",stage="log_in",cause="${CAUSE}"} 2`,
    'vpn_monitor_site_stage_failures_total{site="site1",stage="ping_inside",cause="unreachable"} 2',
  ]);
  expect(await samples('site_stage_duration_seconds_count')).toContain(
    'vpn_monitor_site_stage_duration_seconds_count{site="site1",stage="log_in"} 1',
  );
});

test('what is known of the sites is that of the streaks, also before the first test of this process', async () => {
  const { samples } = setUp(sites('up', 'down', 'never', 'unfit'), {
    sites: new Map([
      ['up', known({ lastSuccess: '2018-11-14T05:18:02.000Z' })],
      ['down', known({ consecutiveFailures: 3, lastSuccess: '2018-11-14T04:18:02.500Z' })],
      // This host was unfit for all of its tests so far.
      ['unfit', known({ lastResult: null })],
      ['taken out', known({})],
    ]),
  });
  expect(await samples('site_')).toEqual([
    'vpn_monitor_site_up{site="up"} 1',
    'vpn_monitor_site_up{site="down"} 0',
    'vpn_monitor_site_consecutive_failures{site="up"} 0',
    'vpn_monitor_site_consecutive_failures{site="down"} 3',
    'vpn_monitor_site_consecutive_failures{site="unfit"} 0',
    'vpn_monitor_site_last_result_timestamp_seconds{site="up"} 1542172682',
    'vpn_monitor_site_last_result_timestamp_seconds{site="down"} 1542172682',
    'vpn_monitor_site_last_success_timestamp_seconds{site="up"} 1542172682',
    'vpn_monitor_site_last_success_timestamp_seconds{site="down"} 1542169082.5',
    'vpn_monitor_site_flapping{site="up"} 0',
    'vpn_monitor_site_flapping{site="down"} 0',
    'vpn_monitor_site_flapping{site="unfit"} 0',
  ]);
});

test('of a site that is taken out or disabled no series stays; of the others each does', async () => {
  const { figures, state, samples } = setUp(sites('kept', 'removed', 'disabled'));
  for (const site of ['kept', 'removed', 'disabled']) {
    figures.measure({ kind: 'tested', result: resultOf(site, [ping(5, 0), REJECTED, SILENT]) });
    state.sites.set(site, known({ consecutiveFailures: 1 }));
  }
  const before = await samples('site_');
  const next = sites('kept', 'disabled', 'new');
  figures.use({ ...next, sites: next.sites.map((site) => ({ ...site, enabled: site.name !== 'disabled' })) });
  expect(await samples('site_')).toEqual(before.filter((line) => line.includes('"kept"')));
  // It is back, and starts afresh.
  figures.use(sites('kept', 'removed'));
  figures.measure({ kind: 'tested', result: resultOf('removed', [ping(5, 0), REJECTED, ok(5)]) });
  expect(await samples('site_stage_failures_total{site="removed"')).toEqual([
    `vpn_monitor_site_stage_failures_total{site="removed",stage="log_in",cause="${CAUSE}"} 1`,
  ]);
});

test('the monitor itself', async () => {
  const { figures, state, rows, samples } = setUp(sites('site1'));
  figures.measure({ kind: 'cycled', seconds: 12.5, overrun: false });
  figures.measure({ kind: 'cycled', seconds: 700, overrun: true });
  figures.measure({ kind: 'leftovers-killed', count: 3 });
  figures.measure({ kind: 'dns-repaired' });
  figures.measure({ kind: 'mailed', channel: 'mail', fate: 'delivered' });
  figures.measure({ kind: 'mailed', channel: 'mail', fate: 'failed' });
  figures.measure({ kind: 'mailed', channel: 'mail', fate: 'failed' });
  figures.measure({ kind: 'mailed', channel: 'mail', fate: 'lost' });
  figures.measure({ kind: 'mailed', channel: 'mail', fate: 'unconfirmed' });
  figures.measure({ kind: 'mailed', channel: 'chat', fate: 'delivered' });
  figures.measure({ kind: 'config-read', good: false });
  rows.pending = 7;
  const created = '2018-11-14T05:18:02.000Z';
  const message = { key: '1', channel: 'mail', about: null, subject: '', text: '', created, replyTo: null };
  state.outbox = [newEntry(message), newEntry({ ...message, channel: 'chat' })];
  state.host = {
    since: created,
    first: {},
    announced: [],
    faults: [
      { kind: 'ping', words: 'no ping' },
      { kind: 'records', words: 'disk full' },
    ],
  };
  expect(await samples()).toEqual([
    'vpn_monitor_cycle_seconds 700',
    'vpn_monitor_interval_seconds 600',
    'vpn_monitor_cycle_overruns_total 1',
    'vpn_monitor_mails_waiting 1',
    'vpn_monitor_mails_delivered_total 1',
    'vpn_monitor_mails_failed_total 2',
    'vpn_monitor_mails_lost_total 1',
    'vpn_monitor_mails_unconfirmed_total 1',
    'vpn_monitor_messages_waiting{channel="mail"} 1',
    'vpn_monitor_messages_waiting{channel="chat"} 1',
    'vpn_monitor_messages_total{channel="mail",fate="delivered"} 1',
    'vpn_monitor_messages_total{channel="mail",fate="failed"} 2',
    'vpn_monitor_messages_total{channel="mail",fate="lost"} 1',
    'vpn_monitor_messages_total{channel="mail",fate="unconfirmed"} 1',
    'vpn_monitor_messages_total{channel="chat",fate="delivered"} 1',
    'vpn_monitor_rows_waiting 7',
    'vpn_monitor_host_faults 2',
    'vpn_monitor_leftovers_killed_total 3',
    'vpn_monitor_dns_repairs_total 1',
    'vpn_monitor_config_last_reload_successful 0',
    expect.stringContaining('build_info'),
  ]);
  figures.measure({ kind: 'config-read', good: true });
  expect(await samples('config_')).toEqual(['vpn_monitor_config_last_reload_successful 1']);
});

test.each([
  ['site "1" \\ Zürich', 'site \\"1\\" \\\\ Zürich'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['a,stage:b', 'a,stage:b'],
])('a site may be called %s', async (site, label) => {
  const { figures, state, samples } = setUp(sites(site));
  figures.measure({ kind: 'tested', result: resultOf(site) });
  state.sites.set(site, known({}));
  expect(await samples('site_up')).toEqual([`vpn_monitor_site_up{site="${label}"} 1`]);
  expect(await samples('site_stage_seconds')).toHaveLength(3);
  figures.use(sites('another'));
  expect(await samples('site_')).toEqual([]);
});

test('when the certificates of a tested site expire', async () => {
  const certificate = (owner: 'gateway' | 'user', until: string) => ({
    ...{ owner, fingerprint: 'AA', from: until, until, wrongName: null, told: null, open: false },
  });
  const certificates = [
    certificate('gateway', '2026-12-10T00:00:00.000Z'),
    certificate('user', '2027-01-01T00:00:00.000Z'),
  ];
  const all = new Map([
    ['site1', known({ certificates })],
    ['removed', known({ certificates })],
  ]);
  const { samples } = setUp(sites('site1'), { sites: all });
  expect(await samples('site_certificate')).toEqual([
    'vpn_monitor_site_certificate_expiry_timestamp_seconds{site="site1",owner="gateway"} 1796860800',
    'vpn_monitor_site_certificate_expiry_timestamp_seconds{site="site1",owner="user"} 1798761600',
  ]);
});
