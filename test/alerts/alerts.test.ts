import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Alerts, type Channels, RunAlerts } from '../../src/alerts/alerts.ts';
import { Mailer } from '../../src/alerts/mail/mailer.ts';
import { type Config, MAIL } from '../../src/config/config.ts';
import { trust } from '../../src/http/trust.ts';
import { type Measure, NO_METRICS } from '../../src/model/metrics-event.ts';
import { failed } from '../../src/model/result.ts';
import type { HostReport } from '../../src/model/test-result.ts';
import { type OutboxEntry, openState, type StateStore } from '../../src/state/store.ts';
import { never } from '../support/never.ts';
import { recordingLog } from '../support/recording-log.ts';
import { REJECTED } from '../support/results.ts';
import { DROP, freePort, type ScriptedServer, startScriptedServer } from '../support/scripted-smtp-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  ALERTS,
  config,
  down,
  emailConfig,
  mailChannels,
  memoryStore,
  NO_ORDERS,
  noRedact,
  OK,
  result,
  type TestSystem,
  testSystem,
  up,
} from './support.ts';

let dir: string;
let system: TestSystem;
let log: ReturnType<typeof recordingLog>;
let servers: ScriptedServer[];
beforeEach(() => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  dir = temporaryFolder();
  system = testSystem('2018-11-14T04:18:02.000Z');
  log = recordingLog();
  servers = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers) await server.close();
});

async function start(port = 0): Promise<ScriptedServer> {
  const server = await startScriptedServer({}, port);
  servers.push(server);
  return server;
}

/** The alerts as after a start: the state is read from its file. */
function fresh(
  with_: Config,
  store: StateStore = openState(dir, system, log),
  measure: Measure = NO_METRICS.measure,
  channels: Channels = mailChannels(system),
): Alerts {
  return new RunAlerts(with_, noRedact, {
    store,
    control: NO_ORDERS,
    channels,
    system,
    log,
    measure,
    version: '1.0.0',
  });
}

const minutes = (n: number) => system.advance(n * 60_000);
const header = (raw: string | undefined, name: string) =>
  new RegExp(`^${name}: (.*?)\r?$`, 'm').exec((raw ?? '').replace(/\r\n /g, ' '))?.[1];
const subjects = (messages: readonly string[]) => messages.map((raw) => header(raw, 'Subject'));

/** Tests a site each ten minutes, and delivers after each test. */
async function cycle(alerts: Alerts, tests: string, site = 'site1'): Promise<void> {
  for (const each of tests) {
    await alerts.record(each === '+' ? up(system.now(), site) : down(system.now(), site), null);
    await alerts.deliver(never);
    minutes(10);
  }
}

describe('an outage', () => {
  test('is told in three mails that belong together', async () => {
    const server = await start();
    const alerts = fresh(config(emailConfig(server.port), { alerts: { ...ALERTS, remindHours: 1 } }));
    await cycle(alerts, '+--------+');
    expect(subjects(server.accepted)).toEqual([
      '2 consecutive failures for site1',
      'site1 is still down (since 05:28, 1 h 10 min)',
      'site1 is back (down 1 h 20 min)',
    ]);
    const [first, ...others] = server.accepted;
    expect(header(first, 'In-Reply-To')).toBeUndefined();
    for (const raw of others) {
      expect(header(raw, 'In-Reply-To')).toBe(header(first, 'Message-ID'));
      expect(header(raw, 'References')).toBe(header(first, 'Message-ID'));
    }
    expect(header(first, 'Auto-Submitted')).toBe('auto-generated');
    expect((first ?? '').replaceAll('=\r\n', '')).toContain(
      'site1: the gateway answers pings and rejects the credentials (Login failed.)',
    );
    expect(log.lines).toContain('WARNING Alert: 2 consecutive failures for site1');
  });

  test('that the mail server slept through is told all the same, once, in order, with its times', async () => {
    const port = await freePort();
    const settings = config(emailConfig(port));
    const alerts = fresh(settings);
    await cycle(alerts, '+---+');
    const server = await start(port);
    minutes(30);
    await alerts.deliver(never);
    await alerts.deliver(never);
    expect(subjects(server.accepted)).toEqual([
      '2 consecutive failures for site1',
      'site1 is back (down 30 min)',
    ]);
    expect(server.accepted.map((raw) => header(raw, 'Date'))).toEqual([
      'Wed, 14 Nov 2018 04:38:02 +0000',
      'Wed, 14 Nov 2018 04:58:02 +0000',
    ]);
    expect(alerts.nextDue(system.now())).toBeNull();
  });

  test.each([0, 1, 2, 3, 4])('is told the same way over a restart after test %d', async (restart) => {
    const port = await freePort();
    const settings = config(emailConfig(port));
    const tests = '+---+';
    await cycle(fresh(settings), tests.slice(0, restart + 1));
    const again = fresh(settings);
    await cycle(again, tests.slice(restart + 1));
    const server = await start(port);
    minutes(30);
    await fresh(settings).deliver(never);
    await fresh(settings).deliver(never);
    expect(subjects(server.accepted)).toEqual([
      '2 consecutive failures for site1',
      'site1 is back (down 30 min)',
    ]);
    const [failure, recovery] = server.accepted;
    expect(header(recovery, 'In-Reply-To')).toBe(header(failure, 'Message-ID'));
  });

  test('is not told of twice by a restart at any point', async () => {
    const server = await start();
    const settings = config(emailConfig(server.port));
    for (const each of '+----+') await cycle(fresh(settings), each);
    expect(subjects(server.accepted)).toEqual([
      '2 consecutive failures for site1',
      'site1 is back (down 40 min)',
    ]);
  });

  test('is stored with its mail before the mail is sent', async () => {
    const settings = config(emailConfig(await freePort()));
    const alerts = fresh(settings);
    await alerts.record(down(system.now()), null);
    await alerts.record(down(system.now()), null);
    const { state } = openState(dir, system, log);
    expect(state.outbox).toHaveLength(1);
    expect(state.sites.get('site1')?.announced?.first).toEqual({ mail: state.outbox[0]?.key });
  });

  test.each([
    ['+-', 'is told', ['2 consecutive failures for site1']],
    ['-', 'is not, since their length is not known', []],
  ])(
    'of cycles that take longer than three frequencies, with a restart after %s: %s',
    async (before, _, told) => {
      const server = await start();
      const settings = config(emailConfig(server.port), { frequency: 1 });
      await cycle(fresh(settings), before);
      await cycle(fresh(settings), '-');
      expect(subjects(server.accepted)).toEqual(told);
    },
  );
  test('whose mail may have arrived is told of by no fourth copy, and the outage keeps that in mind', async () => {
    const server = await start();
    server.script = { END: DROP };
    const settings = config(emailConfig(server.port));
    const alerts = fresh(settings);
    await cycle(alerts, '--');
    for (const hours of [1, 12, 24, 24]) {
      minutes(60 * hours);
      await fresh(settings).deliver(never);
    }
    expect(server.messages).toHaveLength(3);
    expect(new Set(server.messages).size).toBe(1);
    expect(openState(dir, system, log).state.sites.get('site1')?.announced).toMatchObject({
      first: { mail: header(server.messages[0], 'Message-ID')?.slice(1, -1) },
      unconfirmed: true,
    });
    server.script = {};
    await cycle(fresh(settings), '+');
    expect(subjects(server.accepted)).toEqual([expect.stringMatching(/^site1 is back/)]);
  });

  test('of a cycle that takes longer than three frequencies is told', async () => {
    const server = await start();
    const alerts = fresh(config(emailConfig(server.port), { frequency: 1 }));
    await cycle(alerts, '--');
    expect(subjects(server.accepted)).toEqual(['2 consecutive failures for site1']);
  });

  test('half told by a monitor that was off for long is not continued', async () => {
    const server = await start();
    const settings = config(emailConfig(server.port));
    await cycle(fresh(settings), '-');
    minutes(60);
    await cycle(fresh(settings), '-');
    expect(server.accepted).toEqual([]);
  });

  test('is counted, logged and not mailed where no mail is configured', async () => {
    const alerts = fresh(config(undefined));
    await cycle(alerts, '--');
    expect(log.lines).toEqual([
      'WARNING Alert: 2 consecutive failures for site1 (no mail: logging.email is not set)',
    ]);
    expect(alerts.nextDue(system.now())).toBeNull();
    const server = await start();
    await alerts.use(config(emailConfig(server.port)), noRedact);
    await cycle(alerts, '-+');
    expect(subjects(server.accepted)).toEqual(['site1 is back (down 30 min)']);
  });
});

describe('a password that will expire', () => {
  const warned = (days: number) => {
    const words = `Your password will expire in ${days} days.`;
    return {
      ...up(system.now()),
      warnings: [{ kind: 'password-expires', inMs: days * 24 * 3600_000, words }] as const,
    };
  };

  test('is told by a mail of its own, once a week, also over a restart and beside an outage', async () => {
    const server = await start();
    const settings = config(emailConfig(server.port));
    const first = fresh(settings);
    await first.record(warned(14), null);
    await first.deliver(never);
    await cycle(first, '--');
    const second = fresh(settings);
    await second.record(warned(14), null);
    await second.deliver(never);
    expect(subjects(server.accepted)).toEqual([
      'The password for site1 expires in 14 days',
      '2 consecutive failures for site1',
      'site1 is back (down 20 min)',
    ]);
    expect(header(server.accepted[2], 'In-Reply-To')).toBe(header(server.accepted[1], 'Message-ID'));
    minutes(7 * 24 * 60);
    await second.record(warned(7), null);
    await second.deliver(never);
    expect(subjects(server.accepted).at(-1)).toBe('The password for site1 expires in 7 days');
    expect(log.lines.filter((line) => line.includes('Alert: The password'))).toHaveLength(2);
  });

  test('is told by no mail where expiry_days is 0, and stays known', async () => {
    const server = await start();
    const quiet = { ...ALERTS, expiryDays: 0 };
    const alerts = fresh(config(emailConfig(server.port), { alerts: quiet }));
    await alerts.record(warned(1), null);
    await alerts.deliver(never);
    expect(server.accepted).toEqual([]);
    expect(openState(dir, system, log).state.sites.get('site1')?.expiry?.at).toBe(
      new Date(system.now().getTime() + 24 * 3600_000).toISOString(),
    );
  });
});

describe('a certificate that expires', () => {
  const seen = (site: string, fingerprint: string, days: number) => {
    const from = new Date('2018-01-01');
    const until = new Date(system.now().getTime() + days * 24 * 3600_000);
    const certificate = { owner: 'gateway', fingerprint, from, until, wrongName: null } as const;
    return { ...up(system.now(), site), certificates: [{ owner: 'gateway', certificate } as const] };
  };

  test('is told once, also over a restart, and its renewal once; the log has the change', async () => {
    const server = await start();
    const settings = config(emailConfig(server.port));
    const first = fresh(settings);
    await first.record(seen('site1', 'AA', 10), null);
    await first.deliver(never);
    const second = fresh(settings);
    for (const result of [seen('site1', 'AA', 10), up(system.now()), seen('site1', 'AA', 9)]) {
      await second.record(result, null);
      await second.deliver(never);
    }
    expect(subjects(server.accepted)).toEqual([
      'The certificate of the gateway for site1 expires in 10 days',
    ]);
    await second.record(seen('site1', 'BB', 90), null);
    await second.deliver(never);
    const third = fresh(settings);
    await third.record(seen('site1', 'BB', 90), null);
    await third.deliver(never);
    expect(subjects(server.accepted).slice(1)).toEqual([
      'The certificate of the gateway for site1 was renewed, and is valid for 90 days',
    ]);
    expect(log.lines.filter((line) => line.includes('has changed'))).toEqual([
      expect.stringMatching(
        /^WARNING site1: the certificate of the gateway has changed: SHA-256 BB, valid from .*; before: AA, valid to /,
      ),
    ]);
  });

  test('of several sites within one cycle is one mail, and touches no outage', async () => {
    const server = await start();
    const grouped = { ...ALERTS, after: 1, groupSeconds: 300 };
    const alerts = fresh(config(emailConfig(server.port), { alerts: grouped }));
    await alerts.record({ ...seen('site1', 'AA', 10), stages: down(system.now()).stages }, null);
    await alerts.record(seen('site2', 'CC', 2), null);
    alerts.endCycle();
    await alerts.deliver(never);
    expect(subjects(server.accepted)).toEqual([
      'VPN: 1 of 2 sites DOWN: site1; 2 with a certificate that expires: site1, site2',
    ]);
    await alerts.record(up(system.now()), null);
    alerts.endCycle();
    await alerts.deliver(never);
    expect(header(server.accepted[1], 'In-Reply-To')).toBe(header(server.accepted[0], 'Message-ID'));
  });
});

describe('a step of the wall clock', () => {
  const DAY = 24 * 3600_000;
  const step = (ms: number) => {
    system.clock = new Date(system.clock.getTime() + ms);
  };
  const remindEachHour = { alerts: { ...ALERTS, after: 2, remindHours: 1, recovery: true } };

  test.each([-DAY, DAY])('by %d ms ends no streak', async (ms) => {
    const server = await start();
    const alerts = fresh(config(emailConfig(server.port)));
    await cycle(alerts, '+-');
    step(ms);
    await cycle(alerts, '-');
    expect(subjects(server.accepted)).toEqual(['2 consecutive failures for site1']);
  });

  test.each([-DAY, DAY])('by %d ms brings and moves no reminder', async (ms) => {
    const server = await start();
    const alerts = fresh(config(emailConfig(server.port), remindEachHour));
    await cycle(alerts, '--');
    step(ms);
    await cycle(alerts, '-----');
    expect(subjects(server.accepted)).toEqual(['2 consecutive failures for site1']);
    await cycle(alerts, '-');
    expect(server.accepted).toHaveLength(2);
    expect(subjects(server.accepted)[1]).toContain('site1 is still down');
  });

  test.each([-DAY, DAY])('by %d ms moves no reminder that began before a restart either', async (ms) => {
    const server = await start();
    const settings = config(emailConfig(server.port), remindEachHour);
    await cycle(fresh(settings), '---');
    const alerts = fresh(settings);
    await cycle(alerts, '-');
    step(ms);
    await cycle(alerts, '---');
    expect(server.accepted).toHaveLength(1);
    await cycle(alerts, '-');
    expect(server.accepted).toHaveLength(2);
  });

  test('in a test that a fault of this host makes void ends no streak', async () => {
    const server = await start();
    const alerts = fresh(config(emailConfig(server.port)));
    await cycle(alerts, '-');
    const host = new Map([['cleaning', 'java lives']] as const);
    await alerts.record(result(system.now(), [OK, REJECTED, OK], { host }), null);
    step(DAY);
    minutes(10);
    await cycle(alerts, '-');
    expect(subjects(server.accepted)).toContain('2 consecutive failures for site1');
  });
});

describe('another config', () => {
  const renamed = (settings: Config, changes: Partial<Config['sites'][number]>): Config => ({
    ...settings,
    sites: settings.sites.map((site) => (site.name === 'site1' ? { ...site, ...changes } : site)),
  });

  test('forgets a site that was taken out once its mail is out', async () => {
    const port = await freePort();
    const settings = config(emailConfig(port));
    const store = openState(dir, system, log);
    const alerts = fresh(settings, store);
    await cycle(alerts, '--');
    await alerts.use(renamed(settings, { name: 'other' }), noRedact);
    expect([...store.state.sites.keys()]).toEqual(['site1']);
    const server = await start(port);
    await alerts.deliver(never);
    expect(server.accepted).toHaveLength(1);
    expect([...store.state.sites.keys()]).toEqual([]);
    expect([...openState(dir, system, log).state.sites.keys()]).toEqual([]);
  });

  test('lets a site that was disabled start afresh', async () => {
    const server = await start();
    const settings = config(emailConfig(server.port));
    const alerts = fresh(settings);
    await cycle(alerts, '-');
    await alerts.use(renamed(settings, { enabled: false }), noRedact);
    await alerts.use(settings, noRedact);
    await cycle(alerts, '-');
    expect(server.accepted).toEqual([]);
  });

  test('tries a waiting mail at once, by the new server', async () => {
    const alerts = fresh(config(emailConfig(await freePort())));
    await cycle(alerts, '--');
    await alerts.deliver(never);
    const server = await start();
    await alerts.use(config(emailConfig(server.port)), noRedact);
    await alerts.deliver(never);
    expect(subjects(server.accepted)).toEqual(['2 consecutive failures for site1']);
  });
});

describe('a fault of this host', () => {
  const missing: HostReport = new Map([['client startct', 'the client startct is not in PATH']]);
  const unmeasured = (site: string) => result(system.now(), [OK, REJECTED, OK], { site, host: missing });

  test('is one mail, not one a site, over restarts too, and one when it is over', async () => {
    const server = await start();
    const settings = config(emailConfig(server.port));
    for (const site of ['site1', 'site2', 'site1', 'site2']) {
      const alerts = fresh(settings);
      await alerts.record(unmeasured(site), null);
      await alerts.deliver(never);
      minutes(3);
    }
    const alerts = fresh(settings);
    const well = result(system.now(), [OK, OK, OK], { host: new Map([['client startct', null]]) });
    await alerts.record(well, null);
    await alerts.deliver(never);
    expect(subjects(server.accepted)).toEqual([
      'the monitor on monitor1 cannot test: the client startct is not in PATH',
      'the monitor on monitor1 can test again (after 12 min)',
    ]);
    expect(header(server.accepted[1], 'In-Reply-To')).toBe(header(server.accepted[0], 'Message-ID'));
  });

  test('in the records is found, and over, between two tests', async () => {
    const server = await start();
    const store = memoryStore();
    const alerts = fresh(config(emailConfig(server.port)), store);
    expect(await alerts.checkRecords(null)).toBeNull();
    expect(store.saves).toBe(0);
    expect(await alerts.checkRecords('rows: ENOSPC')).toBe('rows: ENOSPC');
    store.fault = "the state can't be written: ENOSPC";
    await alerts.record(up(system.now()), null);
    expect(await alerts.checkRecords('log: ENOSPC')).toBe("log: ENOSPC; the state can't be written: ENOSPC");
    minutes(12);
    store.fault = null;
    expect(await alerts.checkRecords(null)).toBeNull();
    await alerts.deliver(never);
    expect(subjects(server.accepted)).toEqual([
      'the monitor on monitor1 cannot test: rows: ENOSPC',
      'the monitor on monitor1 can test again (after 12 min)',
    ]);
  });

  test('is over when no site uses the client any longer', async () => {
    const server = await start();
    const settings = config(emailConfig(server.port));
    const alerts = fresh(settings);
    await alerts.record(unmeasured('site1'), null);
    await alerts.use(
      {
        ...settings,
        sites: settings.sites.map((site) => ({ ...site, client: { ...site.client, name: 'other' } })),
      },
      noRedact,
    );
    await alerts.record(up(system.now()), null);
    await alerts.deliver(never);
    expect(subjects(server.accepted)).toEqual([
      'the monitor on monitor1 cannot test: the client startct is not in PATH',
      'the monitor on monitor1 can test again (after 0 s)',
    ]);
  });

  test('of the pings of a site is over when that site is tested no more', async () => {
    const server = await start();
    const settings = config(emailConfig(server.port));
    const alerts = fresh(settings);
    const host: HostReport = new Map([
      ['ping', null],
      ['ping site1', 'ping is not permitted'],
    ]);
    await alerts.record(result(system.now(), [OK, REJECTED, OK], { host }), null);
    const others = settings.sites.map((site) => ({ ...site, enabled: site.name !== 'site1' }));
    await alerts.use({ ...settings, sites: others }, noRedact);
    await alerts.record(up(system.now()), null);
    await alerts.deliver(never);
    expect(subjects(server.accepted)).toEqual([
      'the monitor on monitor1 cannot test: ping is not permitted',
      'the monitor on monitor1 can test again (after 0 s)',
    ]);
  });

  test('that keeps rows and state from the disk is one mail, sent though it cannot be stored', async () => {
    const server = await start();
    const store = memoryStore();
    const alerts = fresh(config(emailConfig(server.port)), store);
    store.fault = "the state can't be written: ENOSPC";
    await alerts.record(up(system.now()), 'rows: ENOSPC');
    await alerts.record(up(system.now()), 'rows: ENOSPC');
    await alerts.deliver(never);
    expect(subjects(server.accepted)).toEqual([
      "the monitor on monitor1 cannot test: rows: ENOSPC; the state can't be written: ENOSPC",
    ]);
    minutes(12);
    await alerts.record(up(system.now()), null);
    store.fault = null;
    await alerts.record(up(system.now()), null);
    await alerts.deliver(never);
    expect(subjects(server.accepted).slice(1)).toEqual([
      'the monitor on monitor1 can test again (after 12 min)',
    ]);
    expect(log.lines.filter((line) => !/Alert|Mail/.test(line))).toEqual([
      "CRITICAL the state can't be written: ENOSPC",
      'INFO the state can be written again',
    ]);
  });

  test('in the records alone does not excuse a gateway', async () => {
    const server = await start();
    const alerts = fresh(config(emailConfig(server.port)));
    for (const _ of [1, 2]) await alerts.record(down(system.now()), 'rows: ENOSPC');
    await alerts.deliver(never);
    expect(subjects(server.accepted)).toEqual([
      'the monitor on monitor1 cannot test: rows: ENOSPC',
      '2 consecutive failures for site1',
    ]);
  });
});

test('mails do not pile up without end: the oldest goes, and the log says so', async () => {
  const store = memoryStore();
  const fates: string[] = [];
  const alerts = fresh(
    config(emailConfig(await freePort()), {
      alerts: { ...ALERTS, after: 1, remindHours: 0, recovery: false },
    }),
    store,
    (event) => void (event.kind === 'mailed' && fates.push(event.fate)),
  );
  await alerts.record(down(system.now()), null);
  const [first] = store.state.outbox;
  if (first === undefined) throw new Error('no message');
  store.state.outbox = Array.from({ length: 1000 }, (_, n) => ({ ...first, subject: `mail ${n}` }));
  await alerts.record(down(system.now(), 'site2'), null);
  expect(store.state.outbox).toHaveLength(1000);
  expect(log.lines).toContain('CRITICAL Mail given up, more than 1000 are waiting: "mail 0"');
  expect(fates).toEqual(['lost']);
});

describe('a mail that cannot be built', () => {
  /** Whether nodemailer, say, can't be loaded. */
  let broken: boolean;
  beforeEach(() => {
    broken = true;
  });

  class BreakableMailer extends Mailer {
    override async prepare(entry: OutboxEntry): ReturnType<Mailer['prepare']> {
      return broken ? failed('nodemailer is gone') : super.prepare(entry);
    }
  }
  const secureContext = () => trust(undefined, system);
  const channels: Channels = ({ logging: { email } }, redact) =>
    new Map(
      email && [
        [MAIL, new BreakableMailer(email, { system, redact, secureContext, attachments: '/nonexistent' })],
      ],
    );
  const starting = (settings: Config, measure?: Measure) => fresh(settings, undefined, measure, channels);
  const critical = () => log.lines.filter((line) => line.startsWith('CRITICAL'));

  test('is a failed try: it costs a line in the log and no test, and is tried again with back-off', async () => {
    const server = await start();
    const fates: string[] = [];
    const alerts = starting(config(emailConfig(server.port)), (event) => {
      if (event.kind === 'mailed') fates.push(event.fate);
    });
    await alerts.record(down(system.now()), null);
    await alerts.record(down(system.now()), null);
    const waits: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      await alerts.deliver(never);
      const wait = (alerts.nextDue(system.now())?.getTime() ?? 0) - system.now().getTime();
      waits.push(wait / 1000);
      await alerts.deliver(never);
      system.advance(wait);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1800, 1800]);
    expect(critical()).toEqual([
      'CRITICAL The mail "2 consecutive failures for site1" can\'t be built: nodemailer is gone',
    ]);
    expect(fates).toEqual(Array(8).fill('failed'));
    expect(server.connections).toBe(0);
    broken = false;
    await alerts.deliver(never);
    expect(subjects(server.accepted)).toEqual(['2 consecutive failures for site1']);
  });

  test('is given up as any other, and the log says so', async () => {
    const store = memoryStore();
    const alerts = fresh(config(emailConfig(await freePort())), store, undefined, channels);
    for (const _ of [1, 2]) await alerts.record(down(system.now()), null);
    store.state.outbox = store.state.outbox.map((entry) => ({ ...entry, tries: 99 }));
    minutes(7 * 24 * 60);
    await alerts.deliver(never);
    expect(store.state.outbox).toEqual([]);
    expect(critical().at(-1)).toBe(
      'CRITICAL Mail given up after 100 tries: "2 consecutive failures for site1": nodemailer is gone',
    );
  });

  test('is sent as it was at its event, and its recovery answers it', async () => {
    const server = await start();
    const alerts = starting(config(emailConfig(server.port)));
    await cycle(alerts, '+--');
    broken = false;
    await cycle(alerts, '--+');
    expect(subjects(server.accepted)).toEqual([
      '2 consecutive failures for site1',
      'site1 is back (down 40 min)',
    ]);
    expect(server.accepted.map((raw) => header(raw, 'Date'))).toEqual([
      'Wed, 14 Nov 2018 04:38:02 +0000',
      'Wed, 14 Nov 2018 05:08:02 +0000',
    ]);
    expect(header(server.accepted[1], 'In-Reply-To')).toBe(header(server.accepted[0], 'Message-ID'));
  });

  test.each(['a start', 'a reload'])('is tried at once after %s', async (what) => {
    const server = await start();
    const settings = config(emailConfig(server.port));
    const before = starting(settings);
    await cycle(before, '--');
    for (const _ of [1, 2, 3, 4]) {
      await before.deliver(never);
      minutes(5);
    }
    broken = false;
    const after = what === 'a start' ? starting(settings) : before;
    if (what === 'a reload') await after.use(settings, noRedact);
    expect(after.nextDue(system.now())).toEqual(system.now());
    await after.deliver(never);
    expect(subjects(server.accepted)).toEqual(['2 consecutive failures for site1']);
  });

  test('of an outage that is over meanwhile is sent with the recovery, in order', async () => {
    const server = await start();
    const settings = config(emailConfig(server.port));
    await cycle(starting(settings), '--+');
    broken = false;
    await starting(settings).deliver(never);
    expect(subjects(server.accepted)).toEqual([
      '2 consecutive failures for site1',
      'site1 is back (down 20 min)',
    ]);
  });

  test('of a reminder and of a recovery are sent too', async () => {
    const server = await start();
    const settings = config(emailConfig(server.port), {
      alerts: { ...ALERTS, after: 2, remindHours: 1, recovery: true },
    });
    broken = false;
    const alerts = starting(settings);
    await cycle(alerts, '+--');
    broken = true;
    await cycle(alerts, '------+');
    expect(server.accepted).toHaveLength(1);
    broken = false;
    await starting(settings).deliver(never);
    expect(subjects(server.accepted)).toEqual([
      '2 consecutive failures for site1',
      'site1 is still down (since 05:28, 1 h 10 min)',
      'site1 is back (down 1 h 20 min)',
    ]);
    const [first, ...others] = server.accepted;
    for (const raw of others) expect(header(raw, 'In-Reply-To')).toBe(header(first, 'Message-ID'));
    expect(others[1]).toMatch(/^Last success before: +2018-11-14 05:18:02/m);
  });

  test('about this host is sent once, and said once', async () => {
    const server = await start();
    const settings = config(emailConfig(server.port));
    const alerts = starting(settings);
    for (const _ of [1, 2, 3]) {
      await alerts.checkRecords('rows: ENOSPC');
      await alerts.deliver(never);
    }
    expect(log.lines).toHaveLength(2);
    minutes(12);
    await alerts.checkRecords(null);
    broken = false;
    await alerts.deliver(never);
    expect(subjects(server.accepted)).toEqual([
      'the monitor on monitor1 cannot test: rows: ENOSPC',
      'the monitor on monitor1 can test again (after 12 min)',
    ]);
  });
});

test('after a threshold that was lowered below a streak, its end is told', async () => {
  const server = await start();
  const settings = (after: number) =>
    config(emailConfig(server.port), { alerts: { ...ALERTS, after, remindHours: 24, recovery: true } });
  const alerts = fresh(settings(5));
  await cycle(alerts, '+--');
  await alerts.use(settings(2), noRedact);
  await cycle(alerts, '++');
  expect(subjects(server.accepted)).toEqual(['site1 is back (down 20 min)']);
});
