import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Channel, ChannelFailure, ChannelSession, SendOutcome } from '../../src/alerts/channel.ts';
import { Delivery } from '../../src/alerts/delivery.ts';
import { newEntry } from '../../src/alerts/outbox.ts';
import { NO_METRICS } from '../../src/model/metrics-event.ts';
import { failed, good, type Result } from '../../src/model/result.ts';
import {
  formatState,
  freshState,
  type OutboxEntry,
  type Prepared,
  parseState,
  type State,
} from '../../src/state/format.ts';
import { never } from '../support/never.ts';
import { CASES } from '../support/property.ts';
import { recordingLog } from '../support/recording-log.ts';
import { type TestSystem, testSystem } from './support.ts';

const HOUR = 3600_000;

/** What the receiver does with a connection, or with a message. */
type Act =
  | 'good'
  | 'no-connection'
  | 'not-now'
  | 'never'
  | 'breaks-before'
  | 'breaks-within'
  | 'breaks-after';

type Step =
  | { readonly does: 'post'; readonly about: string }
  | { readonly does: 'deliver'; readonly acts: readonly Act[] }
  | { readonly does: 'pass'; readonly ms: number }
  | { readonly does: 'restart' };

const act = fc.constantFrom<Act>(
  'good',
  'no-connection',
  'not-now',
  'never',
  'breaks-before',
  'breaks-within',
  'breaks-after',
  'breaks-after',
);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant('post' as const), about: fc.constantFrom('site1', 'site2') }),
    fc.record({ does: fc.constant('deliver' as const), acts: fc.array(act, { maxLength: 4 }) }),
    fc.record({
      does: fc.constant('pass' as const),
      ms: fc.constantFrom(1000, 30_000, HOUR / 2, HOUR, 12 * HOUR),
    }),
    fc.record({ does: fc.constant('restart' as const) }),
  ),
  { maxLength: 40 },
);

/** A message that was given to the receiver whole, or in part. */
interface Try {
  readonly key: string;
  readonly act: Act;
  /** On the monotonic clock, in ms. */
  readonly at: number;
}

/** A receiver that does what it is told with each connection and message, then all well. */
class Receiver implements Channel {
  readonly tries: Try[] = [];
  acts: Act[] = [];
  readonly #system: TestSystem;

  constructor(system: TestSystem) {
    this.#system = system;
  }

  newKey = () => '';

  async prepare({ key, content }: OutboxEntry): Promise<Result<Prepared>> {
    return good(content ?? { recipients: ['a'], key });
  }

  async open(): Promise<Result<ChannelSession, ChannelFailure>> {
    const failure = { words: 'away', setting: null, permanent: false };
    if (this.acts[0] === 'no-connection') {
      this.acts.shift();
      return failed(failure);
    }
    const session = {
      warnings: [],
      usable: true,
      close: async () => undefined,
      send: async ({ key }: Prepared): Promise<SendOutcome> => {
        const act = this.acts.shift() ?? 'good';
        this.tries.push({ key: String(key), act, at: this.#system.monotonic() });
        switch (act) {
          case 'not-now':
          case 'never':
            session.usable = false;
            return { kind: 'refused', failure: { ...failure, permanent: act === 'never' }, refused: [] };
          case 'breaks-before':
          case 'no-connection':
            return { kind: 'disconnected', failure, sent: 'nothing' };
          case 'breaks-within':
            return { kind: 'disconnected', failure, sent: 'part' };
          case 'breaks-after':
            return { kind: 'disconnected', failure, sent: 'all' };
          case 'good':
            return { kind: 'delivered', reply: 'ok', refused: [] };
        }
      },
    };
    return good(session);
  }
}

test('a message is delivered once, or sent whole three times: an hour and twelve hours apart, in order, over restarts', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (played) => {
      const system = testSystem();
      const receiver = new Receiver(system);
      let state: State = freshState();
      const unconfirmed: string[] = [];
      const start = () =>
        new Delivery('mail', receiver, {
          state,
          system,
          log: recordingLog(),
          measure: NO_METRICS.measure,
          save: () => undefined,
          warned: new Set(),
          unconfirmed: ({ key }) => void unconfirmed.push(key),
          open: () => [],
        });
      let delivery = start();
      const posted: { readonly key: string; readonly about: string }[] = [];
      for (const step of played) {
        switch (step.does) {
          case 'post': {
            const key = String(posted.length);
            posted.push({ key, about: step.about });
            const created = system.now().toISOString();
            state.outbox.push(
              newEntry({
                key,
                channel: 'mail',
                about: step.about,
                subject: key,
                text: '',
                created,
                replyTo: null,
              }),
            );
            break;
          }
          case 'deliver':
            receiver.acts = [...step.acts];
            await delivery.deliver(never);
            break;
          case 'pass':
            system.advance(step.ms);
            break;
          case 'restart': {
            const parsed = parseState(formatState(state));
            if (!parsed.ok) throw new Error('the state is damaged');
            state = parsed.value;
            delivery = start();
          }
        }
      }
      receiver.acts = [];
      for (const ms of [HOUR, 12 * HOUR, HOUR]) {
        system.advance(ms);
        await delivery.deliver(never);
      }
      expect(state.outbox).toEqual([]);
      for (const { key } of posted) {
        const own = receiver.tries.filter((each) => each.key === key);
        const whole = own.filter((each) => each.act === 'good' || each.act === 'breaks-after');
        const delivered = own.findIndex((each) => each.act === 'good');
        if (delivered >= 0) expect(delivered).toBe(own.length - 1);
        else expect([whole.length, unconfirmed.filter((each) => each === key).length]).toEqual([3, 1]);
        expect(whole.length).toBeLessThanOrEqual(3);
        for (const [index, { act, at }] of own.entries()) {
          const next = own[index + 1];
          if (act !== 'breaks-after' || next === undefined) continue;
          const doubts = own.slice(0, index + 1).filter((each) => each.act === 'breaks-after').length;
          // The clock of the tests goes on by itself, too.
          expect(next.at - at).toBeGreaterThan((doubts === 1 ? 1 : 12) * HOUR - 1000);
        }
      }
      for (const [index, { key, at }] of receiver.tries.entries()) {
        const about = posted.find((each) => each.key === key)?.about;
        const before = posted.filter((each) => each.about === about && Number(each.key) < Number(key));
        for (const earlier of before) {
          const own = receiver.tries.slice(0, index).filter((each) => each.key === earlier.key);
          // Delivered, perhaps delivered, or refused for good.
          const free = own.some(({ act }) => ['good', 'breaks-after', 'never'].includes(act));
          expect(free, `${key} at ${at} before ${earlier.key}`).toBe(true);
        }
      }
    }),
    { ...CASES, numRuns: Math.min(CASES.numRuns, 300) },
  );
});
