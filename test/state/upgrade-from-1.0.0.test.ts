import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunAlerts } from '../../src/alerts/alerts.ts';
import type { Config, EmailConfig } from '../../src/config/config.ts';
import { NO_METRICS } from '../../src/model/metrics-event.ts';
import { DONE } from '../../src/model/result.ts';
import { openState, readState } from '../../src/state/store.ts';
import {
  config,
  emailConfig,
  mailbox,
  mailChannels,
  NO_ORDERS,
  noRedact,
  OK,
  result,
  type TestSystem,
  testSystem,
  up,
} from '../alerts/support.ts';
import { never } from '../support/never.ts';
import { type RealServer, startRealServer } from '../support/real-smtp-server.ts';
import { recordingLog } from '../support/recording-log.ts';
import { simulatedSite } from '../support/site.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What the program 1.0.0 has left: three sites down, a fault of the host, and a mail server that went away in between. */
const TEXT = fs.readFileSync(new URL('fixtures/state-1.0.0.json', import.meta.url), 'utf8');

interface OldMail {
  readonly id: string;
  readonly site: string | null;
  readonly from: string;
  readonly recipients: readonly string[];
  readonly raw: string;
}
const OLD: {
  readonly sites: readonly {
    readonly name: string;
    readonly announced: { readonly messageId: string } | null;
  }[];
  readonly host: { readonly messageId: string };
  readonly mails: readonly OldMail[];
  readonly dns: unknown;
} = JSON.parse(TEXT);
const DOWN = ['berlin', 'zürich', 'oslo'];

let dir: string;
let system: TestSystem;
let log: ReturnType<typeof recordingLog>;
let server: RealServer;
beforeEach(async () => {
  dir = temporaryFolder();
  fs.mkdirSync(path.join(dir, '.state'), { mode: 0o700 });
  fs.writeFileSync(path.join(dir, '.state', 'state.json'), TEXT, { mode: 0o600 });
  system = testSystem('2026-11-30T11:55:00.000Z');
  log = recordingLog();
  server = await startRealServer();
});
afterEach(() => server.close());

/** The same sites, with other senders and recipients than the waiting mails have. */
function settings(more: Partial<EmailConfig> = {}): Config {
  const email = emailConfig(server.port, {
    from: mailbox('other@example.net'),
    to: [mailbox('other@example.net')],
    ...more,
  });
  const sites = [...DOWN, 'lisbon'].map((name) => simulatedSite('works', { name }));
  return config(email, { sites });
}

/** The program of today, as after a start. */
function start(with_ = settings()): RunAlerts {
  const store = openState(dir, system, log);
  const channels = mailChannels(system);
  const { measure } = NO_METRICS;
  return new RunAlerts(with_, noRedact, {
    control: NO_ORDERS,
    store,
    channels,
    system,
    log,
    measure,
    version: '1.1.0',
  });
}

const sent = () => server.mails.map(({ from, to, raw }) => ({ from, to, raw: raw.trimEnd() }));
const header = (raw: string, name: string) =>
  new RegExp(`^${name}: (.*?)\r?$`, 'm').exec(raw.replace(/\r\n /g, ' '))?.[1];

test('is what the tests here need', () => {
  expect(OLD.mails.map(({ site, recipients }) => [site, recipients.length])).toEqual([
    ['berlin', 1],
    ['zürich', 2],
    ['berlin', 2],
    ['oslo', 2],
    [null, 2],
  ]);
});

/** What the program 1.0.0 did not know of a site. */
const SINCE_1_0_0 = {
  cause: null,
  withheld: null,
  recovering: null,
  interval: null,
  expiry: null,
  certificates: [],
  slow: null,
  flap: null,
};

const SAID = expect.stringMatching(
  /^WARNING The state is that of vpn-monitor 1\.0\.0\. .*alerts\.subjects: classic and alerts\.group_seconds: 0/,
);

describe('the state of the program 1.0.0', () => {
  test('is taken over whole, said once, and saved as version 2', () => {
    const store = openState(dir, system, log);
    expect(store.save()).toEqual(DONE);
    const { version, sites, host, outbox } = JSON.parse(
      fs.readFileSync(path.join(dir, '.state', 'state.json'), 'utf8'),
    );
    expect(version).toBe(2);
    const {
      mails,
      dns: _,
      ...old
    } = JSON.parse(TEXT.replace(/"messageId": "<(.*)>"/g, '"first": {"mail": "$1"}'));
    const known = old.sites.map((site: object) => ({ ...SINCE_1_0_0, ...site }));
    expect({ ...old, version: 2, sites: known }).toEqual({ version, sites, host });
    expect(outbox).toEqual(
      mails.map(({ id, site, from, recipients, raw, ...rest }: OldMail) => ({
        ...rest,
        key: id.slice(1, -1),
        channel: 'mail',
        about: site,
        also: [],
        events: [],
        text: '',
        replyTo: null,
        doubts: 0,
        content: { recipients, from, raw },
      })),
    );
    expect(log.lines).toEqual([SAID]);
    expect(fs.readdirSync(path.join(dir, '.state'))).toEqual(['state.json']);
  });

  test('is read by a reader that does not own it, and stays as it is', () => {
    const seen = readState(dir, system);
    expect(seen.ok && seen.value.outbox).toHaveLength(OLD.mails.length);
    expect(fs.readFileSync(path.join(dir, '.state', 'state.json'), 'utf8')).toBe(TEXT);
  });

  test('loses no mail: each is sent once, as it was stored, to the recipients that it has not reached', async () => {
    for (const _ of [1, 2]) {
      const alerts = start();
      await alerts.deliver(never);
      system.advance(60_000);
      await alerts.deliver(never);
    }
    expect(sent()).toEqual(
      OLD.mails.map(({ from, recipients, raw }) => ({ from, to: recipients, raw: raw.trimEnd() })),
    );
    expect(openState(dir, system, log).state.outbox).toEqual([]);
    expect(log.lines.filter((line) => !line.startsWith('INFO Mail sent'))).toEqual([SAID]);
  });

  test('is sent before what is new about the same site', async () => {
    const alerts = start();
    await alerts.record(up(system.now(), 'berlin'), null);
    await alerts.deliver(never);
    const about = server.mails
      .map(({ raw }) => header(raw, 'Subject'))
      .filter((each) => each?.includes('berlin'));
    expect(about).toEqual([
      '2 consecutive failures for berlin',
      'berlin is still down (since 11:50, 21 s)',
      expect.stringMatching(/^berlin is back \(down \d+ min\)$/),
    ]);
  });

  test.each(DOWN)('knows of the outage of %s: its recovery answers the first mail', async (site) => {
    await start().record(up(system.now(), site), null);
    const alerts = start();
    await alerts.deliver(never);
    const recovery = server.mails.at(-1)?.raw ?? '';
    const first = OLD.sites.find(({ name }) => name === site)?.announced?.messageId;
    expect(first).toMatch(/^<.*@example\.com>$/);
    expect(header(recovery, 'In-Reply-To')).toBe(first);
    expect(header(recovery, 'References')).toBe(first);
    expect(header(recovery, 'Message-ID')).toMatch(/^<[0-9a-f-]+@example\.net>$/);
  });

  test('knows of the fault of the host: no second mail, and its end answers the first', async () => {
    const missing = new Map([['client startct', 'the client startct is not in PATH']] as const);
    const alerts = start(config(settings().logging.email));
    await alerts.record(result(system.now(), [OK, OK, OK], { site: 'lisbon', host: missing }), null);
    await alerts.record(
      result(system.now(), [OK, OK, OK], { site: 'lisbon', host: new Map([['client startct', null]]) }),
      null,
    );
    await alerts.deliver(never);
    expect(server.mails).toHaveLength(OLD.mails.length + 1);
    const over = server.mails.at(-1)?.raw ?? '';
    expect(header(over, 'Subject')).toMatch(/^the monitor on monitor1 can test again/);
    expect(header(over, 'In-Reply-To')).toBe(OLD.host.messageId);
  });
});

describe('an outage whose mail the program 1.0.0 could not build', () => {
  beforeEach(() => {
    const { mails: _, ...rest } = JSON.parse(TEXT);
    const sites = OLD.sites.map((site) => ({ ...site, announced: null }));
    const untold = { ...rest, sites, host: { ...OLD.host, messageId: null, announced: [] }, mails: [] };
    fs.writeFileSync(path.join(dir, '.state', 'state.json'), JSON.stringify(untold));
  });

  test('is announced by its next failure, or by its end', async () => {
    const alerts = start();
    await alerts.record(up(system.now(), 'oslo'), null);
    await alerts.record(
      result(system.now(), [OK, { outcome: 'timeout', cause: 'unreachable', detail: '' }, OK], {
        site: 'berlin',
      }),
      null,
    );
    await alerts.deliver(never);
    expect(server.mails.map(({ raw }) => header(raw, 'Subject'))).toEqual([
      'oslo is back (down 4 min)',
      'the monitor on monitor1 cannot test: the client startct is not in PATH: name it in clients.startct.command',
      '10 consecutive failures for berlin',
    ]);
  });
});
