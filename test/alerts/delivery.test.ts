import { beforeEach, describe, expect, test } from 'vitest';
import { RunAlerts } from '../../src/alerts/alerts.ts';
import type { Channel, ChannelFailure, SendOutcome } from '../../src/alerts/channel.ts';
import type { ChannelConfig, Config } from '../../src/config/config.ts';
import { NO_METRICS } from '../../src/model/metrics-event.ts';
import { DONE, failed, good } from '../../src/model/result.ts';
import {
  formatState,
  type OutboxEntry,
  type Prepared,
  parseState,
  type ToldEvent,
} from '../../src/state/format.ts';
import { clockTime } from '../../src/words/time.ts';
import { never } from '../support/never.ts';
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

/** A channel that keeps in memory what it was given to send, and fails as it is told. */
class MemoryChannel implements Channel {
  readonly name: string;
  readonly sent: Prepared[] = [];
  /** How often it was prepared, by subject. */
  readonly prepared: string[] = [];
  unreachable = false;
  /** How long it asks to be left alone when it takes no message, in ms; 0: it takes them. */
  overloadedFor = 0;
  /** What it was repeated of, each time. */
  readonly repeated: (readonly ToldEvent[])[] = [];
  repeating: Channel['repeating'] = undefined;
  /** Subjects that it can't prepare. */
  unfit: RegExp | undefined;
  /** What the state held when a connection was opened. */
  readonly storedAtOpen: (string | undefined)[] = [];
  #keys = 0;

  constructor(name: string) {
    this.name = name;
  }

  newKey() {
    this.#keys += 1;
    return `${this.name}-${this.#keys}`;
  }

  async prepare(entry: OutboxEntry) {
    if (typeof entry.content?.['body'] === 'string') return good(entry.content);
    if (this.unfit?.test(entry.subject)) return failed('it is unfit');
    this.prepared.push(entry.subject);
    const { key, subject, text, replyTo } = entry;
    return good({ recipients: [this.name], key, subject, body: text, replyTo });
  }

  async open() {
    this.storedAtOpen.push(saved.at(-1));
    const failure: ChannelFailure = { words: `${this.name} is away`, setting: null, permanent: false };
    if (this.unreachable) return failed(failure);
    const send = async (content: Prepared): Promise<SendOutcome> => {
      if (this.overloadedFor > 0) {
        const busy = { words: 'it is overloaded', setting: null, permanent: false };
        return {
          kind: 'disconnected',
          failure: { ...busy, retryAfterMs: this.overloadedFor },
          sent: 'part',
        };
      }
      this.sent.push(content);
      return { kind: 'delivered', reply: 'ok', refused: [] };
    };
    return good({ warnings: [], usable: true, send, close: async () => undefined });
  }

  /** Forgets what it is not told again within a minute. */
  forgets(): this {
    this.repeating = {
      everyMs: 60_000,
      send: async (open) => {
        this.repeated.push(open);
        return this.unreachable ? failed({ words: 'it is away', setting: null, permanent: false }) : DONE;
      },
    };
    return this;
  }

  subjects() {
    return this.sent.map(({ subject }) => subject);
  }
}

let system: TestSystem;
let log: ReturnType<typeof recordingLog>;
let store: ReturnType<typeof memoryStore>;
let pager: MemoryChannel;
let siren: MemoryChannel;
/** The texts that the state file has had. */
let saved: string[];
beforeEach(() => {
  system = testSystem('2018-11-14T04:18:02.000Z');
  log = recordingLog();
  store = memoryStore();
  saved = [];
  pager = new MemoryChannel('pager');
  siren = new MemoryChannel('siren');
});

function start(...channels: readonly MemoryChannel[]): RunAlerts {
  return startWith({}, ...channels);
}

function startWith(more: Partial<Config>, ...channels: readonly MemoryChannel[]): RunAlerts {
  const save = () => {
    saved.push(formatState(store.state));
    return store.save();
  };
  return new RunAlerts(config(undefined, more), noRedact, {
    control: NO_ORDERS,
    store: { state: store.state, save },
    channels: () => new Map(channels.map((channel) => [channel.name, channel])),
    system,
    log,
    measure: NO_METRICS.measure,
    version: '1.0.0',
  });
}

/** The state as it is after a kill: what was saved last. */
function kill(): void {
  const parsed = parseState(saved.at(-1) ?? '');
  if (!parsed.ok) throw new Error('no state was saved');
  store = memoryStore(parsed.value);
}

async function fail(alerts: RunAlerts, site = 'site1'): Promise<void> {
  for (const _ of [1, 2]) await alerts.record(down(system.now(), site), null);
}

describe('two channels', () => {
  test('each get the message, under keys of their own, and a reply to their own first one', async () => {
    const alerts = start(pager, siren);
    await fail(alerts);
    await alerts.record(up(system.now()), null);
    await alerts.deliver(never);
    expect(pager.sent).toMatchObject([
      { key: 'pager-1', replyTo: null, subject: '2 consecutive failures for site1' },
      { key: 'pager-2', replyTo: 'pager-1', subject: 'site1 is back (down 0 s)' },
    ]);
    expect(siren.sent).toMatchObject([
      { key: 'siren-1', replyTo: null },
      { key: 'siren-2', replyTo: 'siren-1' },
    ]);
    expect(store.state.outbox).toEqual([]);
  });

  test('do not wait for each other', async () => {
    pager.unreachable = true;
    const alerts = start(pager, siren);
    await fail(alerts);
    await alerts.deliver(never);
    expect(siren.subjects()).toEqual(['2 consecutive failures for site1']);
    expect(log.lines.slice(1)).toEqual([
      expect.stringMatching(
        /^ERROR Message to pager not sent: pager is away; 1 waiting, next try at \d\d:\d\d$/,
      ),
      'INFO Message to siren sent: "2 consecutive failures for site1": ok',
    ]);
    const wait = (alerts.nextDue(system.now())?.getTime() ?? 0) - system.now().getTime();
    expect(Math.round(wait / 1000)).toBe(30);
    pager.unreachable = false;
    system.advance(30_000);
    await alerts.deliver(never);
    expect(pager.subjects()).toEqual(['2 consecutive failures for site1']);
    expect(siren.sent).toHaveLength(1);
  });

  test('one that asks to be left alone is, with all its messages, and the log says until when', async () => {
    pager.overloadedFor = 10 * 60_000;
    const alerts = start(pager, siren);
    await fail(alerts);
    await alerts.deliver(never);
    const next = clockTime(new Date(system.now().getTime() + 10 * 60_000));
    expect(log.lines).toContain(
      `ERROR Message to pager not sent: "2 consecutive failures for site1": it is overloaded; next try at ${next}`,
    );
    pager.overloadedFor = 0;
    await fail(alerts, 'site2');
    system.advance(9 * 60_000);
    await alerts.deliver(never);
    expect(pager.sent).toEqual([]);
    system.advance(60_000);
    await alerts.deliver(never);
    expect(pager.sent).toHaveLength(2);
  });

  test('one that was configured later answers nothing that it did not send', async () => {
    await fail(start(pager));
    const alerts = start(pager, siren);
    await alerts.record(up(system.now()), null);
    await alerts.deliver(never);
    expect(pager.sent).toMatchObject([{ replyTo: null }, { replyTo: 'pager-1' }]);
    expect(siren.sent).toMatchObject([{ replyTo: null, subject: 'site1 is back (down 0 s)' }]);
  });

  test('one that is no longer configured keeps what waits for it', async () => {
    await fail(start(pager, siren));
    const without = start(siren);
    await without.deliver(never);
    expect(without.nextDue(system.now())).toBeNull();
    expect(store.state.outbox).toMatchObject([{ channel: 'pager', tries: 0 }]);
    await start(pager, siren).deliver(never);
    expect(pager.subjects()).toEqual(['2 consecutive failures for site1']);
    expect(siren.sent).toHaveLength(1);
  });
});

describe('what a channel prepares', () => {
  test('is stored before it connects, and is sent after a kill as it was', async () => {
    const alerts = start(pager);
    await fail(alerts);
    pager.unreachable = true;
    await alerts.deliver(never);
    const stored = parseState(pager.storedAtOpen[0] ?? '');
    expect(stored.ok && stored.value.outbox.map(({ content }) => content?.['body'])).toEqual([
      expect.stringContaining('site1'),
    ]);
    kill();
    const next = new MemoryChannel('pager');
    await start(next).deliver(never);
    expect(next.prepared).toEqual([]);
    expect(next.sent).toEqual(stored.ok && stored.value.outbox.map(({ content }) => content));
  });

  test('is prepared once, also where the event was stored and the program was killed before any try', async () => {
    await fail(start(pager));
    kill();
    await start(pager).deliver(never);
    expect(pager.sent).toMatchObject([{ key: 'pager-1' }]);
    expect(pager.prepared).toHaveLength(1);
  });

  test('is prepared again where what is stored is none of its own', async () => {
    await fail(start(pager));
    store.state.outbox = store.state.outbox.map((entry) => ({ ...entry, content: { recipients: ['x'] } }));
    await start(pager).deliver(never);
    expect(pager.sent).toMatchObject([{ key: 'pager-1', recipients: ['pager'] }]);
  });

  test('goes out beside a message that it can not prepare, of the same site too', async () => {
    pager.unfit = /^2 consecutive/;
    const alerts = start(pager);
    await fail(alerts);
    await alerts.record(up(system.now()), null);
    pager.unfit = /^2 consecutive failures for site1$/;
    await fail(alerts, 'site2');
    await alerts.deliver(never);
    expect(pager.subjects()).toEqual(['site1 is back (down 0 s)', '2 consecutive failures for site2']);
    expect(store.state.outbox).toMatchObject([{ key: 'pager-1', tries: 1, content: null }]);
    expect(log.lines).toContain(
      'CRITICAL The message to pager "2 consecutive failures for site1" can\'t be built: it is unfit',
    );
    pager.unfit = undefined;
    system.advance(30_000);
    await alerts.deliver(never);
    expect(pager.sent.at(-1)).toMatchObject({ key: 'pager-1' });
  });

  test('costs no try where a stop comes in between', async () => {
    const alerts = start(pager);
    await fail(alerts);
    const stop = new AbortController();
    stop.abort();
    await alerts.deliver(stop.signal);
    expect(store.state.outbox).toMatchObject([{ tries: 0, nextTry: null, content: null }]);
    expect(pager.storedAtOpen).toEqual([]);
  });
});

/** A channel of the list `channels`; which way it is plays no part here. */
function listed(name: string, more: Partial<ChannelConfig>): ChannelConfig {
  const way = { kind: 'command', command: { run: ['/bin/true'], timeout: 30 } } as const;
  return { name, events: null, sites: null, group: true, way, ...more };
}

describe('a channel of the list', () => {
  test('gets the events and sites that it asks for, a group without the others', async () => {
    const channels = [listed('pager', { events: ['down'] }), listed('siren', { sites: ['site2'] })];
    const alerts = startWith(
      { channels, alerts: { ...ALERTS, groupSeconds: 300, subjects: 'cause' } },
      pager,
      siren,
    );
    await fail(alerts);
    await fail(alerts, 'site2');
    alerts.endCycle();
    await alerts.record(up(system.now()), null);
    await alerts.record(up(system.now(), 'site2'), null);
    alerts.endCycle();
    await alerts.deliver(never);
    expect(pager.subjects()).toEqual(['VPN: 2 of 2 sites DOWN: site1, site2']);
    expect(siren.sent).toMatchObject([
      { subject: 'VPN site2 DOWN: credentials rejected', replyTo: null },
      { subject: 'VPN site2 is back (down 0 s; credentials rejected)', replyTo: 'siren-1' },
    ]);
  });

  test('without group gets a message for each event', async () => {
    const channels = [listed('pager', { group: false })];
    const alerts = startWith({ channels, alerts: { ...ALERTS, groupSeconds: 300 } }, pager);
    await fail(alerts);
    await fail(alerts, 'site2');
    alerts.endCycle();
    await alerts.deliver(never);
    expect(pager.subjects()).toEqual([
      '2 consecutive failures for site1',
      '2 consecutive failures for site2',
    ]);
  });

  test('that is not in the config any more: its messages are given up after 7 days', async () => {
    await fail(start(pager));
    system.advance(7 * 24 * 3600_000 - 1000);
    start(siren);
    expect(store.state.outbox).toHaveLength(1);
    system.advance(1000);
    start(siren);
    expect(store.state.outbox).toEqual([]);
    expect(log.lines.at(-1)).toBe(
      'CRITICAL Message to pager given up, the config has no such channel: "2 consecutive failures for site1"',
    );
  });

  test('keeps with its message what programs want to know of it', async () => {
    const alerts = start(pager);
    const since = system.now().toISOString();
    await fail(alerts);
    const told = { kind: 'failure', site: 'site1', since, at: since, cause: 'credentials-rejected' };
    expect(store.state.outbox).toMatchObject([{ events: [told] }]);
  });
});

describe('a channel that forgets', () => {
  const repeated = () => pager.repeated.map((open) => open.map(({ site }) => site));

  test('is told each minute of what is wrong until it is over, also after a restart', async () => {
    const alerts = start(pager.forgets());
    await alerts.deliver(never);
    expect(alerts.nextDue(system.now())).toBeNull();
    await fail(alerts);
    await alerts.deliver(never);
    expect(repeated()).toEqual([['site1']]);
    const due = (alerts.nextDue(system.now())?.getTime() ?? 0) - system.now().getTime();
    expect(Math.round(due / 1000)).toBe(60);
    await alerts.deliver(never);
    expect(repeated()).toHaveLength(1);
    system.advance(60_000);
    await alerts.deliver(never);
    expect(repeated()).toHaveLength(2);
    kill();
    const next = start(pager);
    await next.deliver(never);
    expect(repeated()).toHaveLength(3);
    await next.record(up(system.now()), null);
    system.advance(60_000);
    await next.deliver(never);
    expect(repeated()).toHaveLength(3);
    expect(pager.sent).toHaveLength(2);
    expect(next.nextDue(system.now())).toBeNull();
  });

  test('hears nothing of sites that are not its own', async () => {
    const alerts = startWith({ channels: [listed('pager', { sites: ['site2'] })] }, pager.forgets());
    await fail(alerts);
    await alerts.deliver(never);
    expect(pager.repeated).toEqual([]);
  });

  test('and is away: said once, and tried again with back-off', async () => {
    const alerts = start(pager.forgets());
    await fail(alerts);
    await alerts.deliver(never);
    pager.unreachable = true;
    for (let count = 0; count < 3; count++) {
      system.advance(3600_000);
      await alerts.deliver(never);
    }
    pager.unreachable = false;
    system.advance(3600_000);
    await alerts.deliver(never);
    expect(log.lines.filter((line) => line.includes('still wrong'))).toEqual([
      "WARNING Message to pager: what is still wrong can't be sent again: it is away",
      'INFO Message to pager: what is still wrong can be sent again',
    ]);
    expect(pager.repeated).toHaveLength(5);
  });
});
