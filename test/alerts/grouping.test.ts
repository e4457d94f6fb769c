import { beforeEach, describe, expect, test } from 'vitest';
import { RunAlerts } from '../../src/alerts/alerts.ts';
import { groupMessage } from '../../src/alerts/grouping.ts';
import { NO_METRICS } from '../../src/model/metrics-event.ts';
import { formatState, freshState, type PendingEvent, parseState } from '../../src/state/format.ts';
import { recordingLog } from '../support/recording-log.ts';
import {
  ALERTS,
  config,
  down,
  memoryStore,
  NO_ORDERS,
  noRedact,
  type TestSystem,
  testSystem,
  up,
} from './support.ts';

const foot = '\nResults:  /r\n';

function event(about: string, kind: PendingEvent['kind'], note: string): PendingEvent {
  const subject = `VPN ${about} ${kind}`;
  const created = '2018-11-14T05:18:02.000Z';
  const told = { first: {}, since: created, cause: null };
  return { about, kind, note, subject, text: `About ${about}.\n${foot}`, foot, created, ...told };
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `site${index}`);
const nobody = new Set<string>();

describe('the message about several events', () => {
  test('gives the causes first, then each', () => {
    const events = [
      event('oslo', 'failure', 'credentials rejected'),
      event('bern', 'recovery', 'down 47 min, log-in hangs'),
      event('rome', 'failure', 'gateway unreachable'),
      event('paris', 'failure', 'credentials rejected'),
    ];
    expect(groupMessage(events, names(12), nobody)).toEqual({
      subject: 'VPN: 3 of 12 sites DOWN: oslo, rome, paris; 1 back: bern',
      text: `VPN: 3 of 12 sites DOWN: oslo, rome, paris; 1 back: bern

3 DOWN:
  credentials rejected: oslo, paris
  gateway unreachable: rome
1 back:
  bern: down 47 min, log-in hangs

== VPN oslo failure

About oslo.

== VPN bern recovery

About bern.

== VPN rome failure

About rome.

== VPN paris failure

About paris.

Results:  /r
`,
    });
  });

  test.each<[string, PendingEvent[]]>([
    [
      'VPN: 2 of 3 sites still DOWN: a, b',
      [event('a', 'reminder', 'down 24 h'), event('b', 'reminder', 'down 24 h')],
    ],
    ['VPN: 2 of 3 sites back: a, b', [event('a', 'recovery', 'x'), event('b', 'recovery', 'x')]],
    [
      'VPN: 1 of 3 sites DOWN: a; 1 with a password that expires: b',
      [event('b', 'expiry', 'in 5 days'), event('a', 'failure', 'x')],
    ],
  ])('has the subject %s', (subject, events) => {
    const message = groupMessage(events, names(3), nobody);
    expect(message.subject).toBe(subject);
    expect(message.text).not.toContain('in common');
  });

  test('says that all sites failed', () => {
    const events = [event('a', 'failure', 'x'), event('b', 'failure', 'x')];
    const { text } = groupMessage(events, ['a', 'b'], nobody);
    expect(text).toContain('\n\n2 of 2 failed: suspect what they have in common.\n\n');
  });

  test('says so of a single event, too, whose subject and first line stay', () => {
    const only = event('a', 'failure', 'x');
    expect(groupMessage([only], ['a', 'b'], new Set(['a', 'b']))).toEqual({
      subject: only.subject,
      text: 'About a.\n\n2 of 2 failed: suspect what they have in common.\n\nResults:  /r\n',
    });
  });

  test.each<[string, PendingEvent['kind'], string[], string[]]>([
    ['one has not failed', 'failure', ['a', 'b'], ['a']],
    ['there is no other site', 'failure', ['a'], ['a']],
    ['one is back', 'recovery', ['a', 'b'], ['b']],
    ['people know of all outages', 'reminder', ['a', 'b'], ['a', 'b']],
  ])('says nothing of that if %s', (_, kind, sites, failed) => {
    expect(groupMessage([event('a', kind, 'x')], sites, new Set(failed)).text).not.toContain('in common');
  });

  test('has a subject of one line that ends', () => {
    const events = Array.from({ length: 50 }, (_, index) =>
      event(`a\nvery long name ${index}`, 'failure', 'x'),
    );
    const { subject } = groupMessage(events, names(50), nobody);
    expect(subject).toMatch(/^VPN: 50 of 50 sites DOWN: a very long name 0, .*\.\.\.$/);
    expect(subject).toHaveLength(200);
  });

  test('that is one event is its own message', () => {
    const only = event('a', 'failure', 'x');
    expect(groupMessage([only], names(3), nobody)).toEqual({ subject: only.subject, text: only.text });
  });
});

describe('the events of a cycle', () => {
  let system: TestSystem;
  let store: ReturnType<typeof memoryStore>;
  beforeEach(() => {
    system = testSystem();
    store = memoryStore();
  });

  function start(groupSeconds = 300): RunAlerts {
    const keys = ['key-1', 'key-2', 'key-3'];
    const channel = { newKey: () => keys.shift() } as never;
    return new RunAlerts(config(undefined, { alerts: { ...ALERTS, after: 1, groupSeconds } }), noRedact, {
      control: NO_ORDERS,
      store,
      channels: () => new Map([['mail', channel]]),
      system,
      log: recordingLog(),
      measure: NO_METRICS.measure,
      version: '1.0.0',
    });
  }

  const record = (alerts: RunAlerts, site: string, isUp = false) =>
    alerts.record(isUp ? up(system.now(), site) : down(system.now(), site), null);
  const waiting = () => store.state.outbox.map(({ subject, about, also }) => [subject, about, ...also]);

  test('wait for its end, and are one message', async () => {
    const alerts = start();
    await record(alerts, 'site1');
    expect(waiting()).toEqual([]);
    expect(alerts.nextDue(system.now())).toBeNull();
    await record(alerts, 'site2');
    alerts.endCycle();
    expect(waiting()).toEqual([['VPN: 2 of 2 sites DOWN: site1, site2', 'site1', 'site2']]);
    alerts.endCycle();
    expect(waiting()).toHaveLength(1);
  });

  test('are stored while they wait: a kill loses none, and the next start sends them', async () => {
    await record(start(), 'site1');
    const stored = parseState(formatState(store.state));
    if (!stored.ok) throw new Error('the state was not read');
    store = memoryStore(stored.value);
    start();
    expect(waiting()).toEqual([['1 consecutive failure for site1', 'site1']]);
  });

  test('do not wait longer than alerts.group_seconds after the first', async () => {
    const alerts = start();
    await record(alerts, 'site1');
    system.advance(300_000);
    await record(alerts, 'site2');
    expect(waiting()).toEqual([['VPN: 2 of 2 sites DOWN: site1, site2', 'site1', 'site2']]);
  });

  test('are a message each if alerts.group_seconds is 0', async () => {
    const alerts = start(0);
    await record(alerts, 'site1');
    await record(alerts, 'site2');
    expect(waiting().map(([subject]) => subject)).toEqual([
      '1 consecutive failure for site1',
      '1 consecutive failure for site2',
    ]);
  });

  test('say that all sites failed in it, also if each is a message, or the others were told before', async () => {
    const alerts = start(0);
    const common = () => store.state.outbox.map(({ text }) => text.includes('2 of 2 failed: suspect'));
    await record(alerts, 'site1');
    alerts.endCycle();
    await record(alerts, 'site2');
    expect(common()).toEqual([false, false]);
    alerts.endCycle();
    await record(alerts, 'site2', true);
    await record(alerts, 'site1');
    await record(alerts, 'site2');
    expect(common()).toEqual([false, false, false, true]);
  });

  test('keep the thread of each outage: a recovery answers the message that announced it', async () => {
    const alerts = start();
    await record(alerts, 'site1');
    await record(alerts, 'site2');
    alerts.endCycle();
    await record(alerts, 'site1', true);
    alerts.endCycle();
    await record(alerts, 'site2', true);
    alerts.endCycle();
    expect(store.state.outbox.map(({ key, replyTo }) => [key, replyTo])).toEqual([
      ['key-1', null],
      ['key-2', 'key-1'],
      ['key-3', 'key-1'],
    ]);
  });

  test('of a site that is taken out of the config keep it known until they are sent', async () => {
    const alerts = start();
    await record(alerts, 'site2');
    await alerts.use(config(undefined, { alerts: ALERTS, sites: [] }), noRedact);
    expect([...store.state.sites.keys()]).toEqual(['site2']);
    expect(freshState().pending).toEqual([]);
  });
});
