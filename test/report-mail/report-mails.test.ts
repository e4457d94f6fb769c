import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { RunAlerts } from '../../src/alerts/alerts.ts';
import { channelsOf } from '../../src/commands/channels-of.ts';
import type { Config } from '../../src/config/config.ts';
import { ReportMails } from '../../src/report-mail/report-mails.ts';
import { HEADER } from '../../src/results/csv-row.ts';
import { openState, reportsFolder } from '../../src/state/store.ts';
import {
  config as alertsConfig,
  emailConfig,
  mailbox,
  NO_ORDERS,
  noRedact,
  testSystem,
} from '../alerts/support.ts';
import { never } from '../support/never.ts';
import { startRealServer } from '../support/real-smtp-server.ts';
import { recordingLog } from '../support/recording-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

beforeEach(() => vi.stubEnv('TZ', 'UTC'));
afterEach(() => vi.unstubAllEnvs());

/** Monday, when the report of the week before is due. */
const MONDAY = '2026-11-30T07:00:00.000Z';
const DUE = { every: 'week', first: '2026-11-16' } as const;

/** A results folder with a week of hourly tests of `oslo`, two of which failed, and a mail server. */
async function setUp(options: { size?: number; every?: 'week' | 'day' } = {}) {
  const folder = temporaryFolder();
  const dir = path.join(folder, 'results');
  mkdirSync(dir);
  for (let day = 23; day <= 29; day += 1) {
    const rows = Array.from({ length: 24 }, (_, hour) => {
      const isDown = day === 25 && (hour === 5 || hour === 6);
      const weekday = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][day - 23];
      const time = `${weekday} Nov ${day} ${String(hour).padStart(2, '0')}:00:00 2026`;
      return `${time},oslo,${isDown ? 'FAILURE,5.000,ERROR,TIMEOUT' : 'SUCCESS,5.000,157.000,12.000'}`;
    });
    writeFileSync(path.join(dir, `result_2611${day}.csv`), `${[HEADER, ...rows].join('\n')}\n`);
  }
  const file = path.join(folder, 'config.yml');
  writeFileSync(
    file,
    'frequency: 3600\nlogging: { dir: results, file: result }\nsites: { oslo: { external_ip: 192.0.2.1, vpn_gw: a, internal_ip: 192.0.2.2, realm: r, username: u, password: "p", timeout: 60 } }\n',
    { mode: 0o600 },
  );
  const server = await startRealServer(options.size === undefined ? {} : { size: options.size });
  onTestFinished(() => server.close());
  const base = alertsConfig(emailConfig(server.port));
  const config: Config = {
    ...base,
    file,
    logging: { ...base.logging, dir },
    report: { every: options.every ?? 'week', at: 7 * 60, to: [mailbox('boss@example.com')] },
  };
  const { PATH = '', TZ = '' } = process.env;
  const system = { ...testSystem(MONDAY), env: { PATH, TZ } };
  const log = recordingLog();
  /** Begins as after a start of the monitor. */
  const start = () => {
    const store = openState(dir, system, log);
    const channels = (current: Config) =>
      channelsOf(current, { system, redact: noRedact, version: '1.0.0', onLongWait: () => undefined });
    const measure = () => undefined;
    const parts = { store, channels, control: NO_ORDERS, system, log, measure, version: '1.0.0' };
    const alerts = new RunAlerts(config, noRedact, parts);
    const reports = new ReportMails(config, { system, log, state: store.state, alerts });
    onTestFinished(() => reports.close());
    /** What the loop does between two tests, until something is so. */
    const tendUntil = (what: string, isSo: () => boolean) =>
      until(what, async () => {
        reports.tend();
        await alerts.deliver(never);
        return isSo();
      });
    return { store, reports, tendUntil };
  };
  return { dir, system, log, server, start };
}

test('a week that is over is one mail with its page, also after a restart', async () => {
  const { dir, server, start } = await setUp();
  const { store, tendUntil } = start();
  store.state.reported = DUE;
  await tendUntil('the report is sent', () => server.mails.length > 0);
  const [mail] = server.mails;
  expect(mail?.to).toEqual(['boss@example.com']);
  const raw = mail?.raw ?? '';
  const [headers = ''] = raw.split('\r\n\r\n');
  expect(headers.replaceAll(/\r\n[ \t]/g, ' ')).toContain(
    'Subject: VPN report 23 Nov to 29 Nov 2026: 98.80 % available, 1 outage',
  );
  const [, text = ''] = raw.split('--=_vpn-monitor-report\r\n');
  expect(text.replaceAll('=\r\n', '')).toContain(
    '  oslo: Wed 25 Nov 2026, 05:00 to 07:00 (2 h): failed: log in, ping inside\r\n',
  );
  const base64 = raw.split('filename="vpn-report-2026-11-23-week.html"\r\n\r\n')[1] ?? '';
  const page = Buffer.from(base64, 'base64').toString();
  expect([page.startsWith('<!doctype html>'), page.includes('<bdi>oslo</bdi>')]).toEqual([true, true]);
  expect(readdirSync(path.join(dir, '.state')).length).toBeGreaterThan(0);

  const again = start();
  expect(again.store.state.reported).toEqual({ every: 'week', first: '2026-11-23' });
  await again.tendUntil('the page is removed', () => readdirSync(reportsFolder(dir)).length === 0);
  expect(server.mails).toHaveLength(1);
});

test('a server that takes no mail of this size gets the text alone', async () => {
  const { log, server, start, system } = await setUp({ size: 5000 });
  const { store, tendUntil } = start();
  store.state.reported = DUE;
  await tendUntil('it is refused', () => log.lines.some((line) => line.includes('a mail of this size')));
  // The page is no part of the state.
  expect(JSON.stringify(store.state).length).toBeLessThan(10_000);
  system.advance(60_000);
  await tendUntil('the text is sent', () => server.mails.length > 0);
  expect(server.mails[0]?.raw).toContain('vpn-monitor report -c');
  expect(server.mails[0]?.raw).not.toContain('base64');
  expect(log.lines.join('\n')).toContain('(without the attachment)');
});

test('a report that can not be made is told as such, after three tries', async () => {
  const { dir, log, server, start, system } = await setUp();
  for (const name of readdirSync(dir)) if (name.endsWith('.csv')) writeFileSync(path.join(dir, name), '');
  const { store, tendUntil } = start();
  store.state.reported = DUE;
  for (const tries of [1, 2]) {
    await tendUntil(
      `try ${tries} has failed`,
      () => log.lines.filter((line) => line.includes('could not be made')).length === tries,
    );
    system.advance(600_000);
  }
  await tendUntil('the message is sent', () => server.mails.length > 0);
  expect(server.mails[0]?.raw).toMatch(/^Subject: VPN report 23 Nov to 29 Nov 2026: could not be made: /m);
  expect(existsSync(path.join(dir, '.state', 'state.json'))).toBe(true);
});

test('the first start with the key begins with the next period', async () => {
  const { log, server, start } = await setUp();
  const { store, reports } = start();
  reports.tend();
  expect(store.state.reported).toEqual({ every: 'week', first: '2026-11-23' });
  expect([server.mails, log.lines]).toEqual([[], []]);
});
