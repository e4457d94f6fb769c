import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Heartbeat } from '../../src/heartbeat/heartbeat.ts';
import { Secret } from '../../src/model/secret.ts';
import { freshState, type State } from '../../src/state/store.ts';
import { type TestSystem, testSystem } from '../alerts/support.ts';
import { answering, type HttpReceiver, startReceiver } from '../support/http-receiver.ts';
import { recordingLog } from '../support/recording-log.ts';
import { until } from '../support/until.ts';

let system: TestSystem;
let log: ReturnType<typeof recordingLog>;
let state: State;
let receiver: HttpReceiver;
beforeEach(async () => {
  system = testSystem();
  log = recordingLog();
  state = freshState();
  receiver = await startReceiver();
});

function heartbeat(everyMs: number | null): Heartbeat {
  const secureContext = () => {
    throw new Error('not needed');
  };
  const config = { url: new Secret(receiver.url), everyMs };
  const made = new Heartbeat(config, { state, system, log, secureContext });
  onTestFinished(() => made.end());
  return made;
}

const urls = () => receiver.received.map(({ method, url }) => `${method} ${url}`);

/** Waits until so many were received, and the last of them was answered. */
async function received(count: number, beats: Heartbeat): Promise<void> {
  await until(`${count} beats`, () => receiver.received.length === count && beats.nextMs() !== null);
}

describe('a heartbeat', () => {
  test('of each cycle is sent at its end alone', async () => {
    const beats = heartbeat(null);
    beats.beat('between');
    beats.beat('cycle');
    await until('a beat', () => receiver.received.length === 1);
    expect(urls()).toEqual(['GET /hook/t0p-secret']);
    expect(beats.nextMs()).toBeNull();
  });

  test('of so many seconds is sent between tests, and not more often', async () => {
    const beats = heartbeat(60_000);
    expect(beats.nextMs()).toBe(0);
    beats.beat('between');
    await received(1, beats);
    beats.beat('cycle');
    system.advance(59_000);
    beats.beat('between');
    expect(beats.nextMs()).toBeGreaterThan(0);
    system.advance(1000);
    beats.beat('between');
    await received(2, beats);
    expect(urls()).toHaveLength(2);
  });

  test('says that this host can not test, and not that its records can not be written', async () => {
    const beats = heartbeat(10_000);
    const host = (kind: 'ping' | 'records') =>
      ({
        since: '2018-11-14T05:18:02.000Z',
        first: {},
        announced: [],
        faults: [{ kind, words: '' }],
      }) as const;
    state.host = { ...host('ping'), announced: [], faults: [{ kind: 'ping', words: '' }] };
    beats.beat('between');
    await received(1, beats);
    state.host = { ...host('records'), announced: [], faults: [{ kind: 'records', words: '' }] };
    system.advance(10_000);
    beats.beat('between');
    await received(2, beats);
    expect(urls()).toEqual(['GET /hook/t0p-secret/fail', 'GET /hook/t0p-secret']);
  });

  test('that fails is said once, without its URL, and so is that it works again', async () => {
    const beats = heartbeat(10_000);
    receiver.answer = answering(500);
    for (let count = 1; count <= 2; count++) {
      beats.beat('between');
      await received(count, beats);
      system.advance(10_000);
    }
    receiver.answer = answering(200);
    beats.beat('between');
    await received(3, beats);
    expect(log.lines).toEqual([
      'WARNING The heartbeat was not sent: the server answers 500 Internal Server Error (see heartbeat.url)',
      'INFO The heartbeat is sent again',
    ]);
  });

  test('that is not answered is waited for by nobody, and by no second one', async () => {
    const beats = heartbeat(10_000);
    receiver.answer = () => undefined;
    beats.beat('between');
    await until('a beat', () => receiver.received.length === 1);
    system.advance(20_000);
    beats.beat('between');
    expect(beats.nextMs()).toBeNull();
    await beats.end();
    expect(receiver.received).toHaveLength(1);
    expect(log.lines).toEqual([]);
  });
});
