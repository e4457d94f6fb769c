import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RunAlerts } from '../../src/alerts/alerts.ts';
import type { Config } from '../../src/config/config.ts';
import type { GivenOrder } from '../../src/control/order.ts';
import { NO_METRICS } from '../../src/model/metrics-event.ts';
import { DONE } from '../../src/model/result.ts';
import { formatState, freshState, parseState, type State } from '../../src/state/format.ts';
import type { System } from '../../src/system/system.ts';
import { CASES } from '../support/property.ts';
import { recordingLog } from '../support/recording-log.ts';
import { REJECTED } from '../support/results.ts';
import { ALERTS, config, down, memoryStore, noRedact, OK, result, up } from './support.ts';

/** What may happen, in an order of its own for each case. */
type Step =
  | { readonly does: 'up' | 'down' | 'spoilt'; readonly site: string; readonly afterMs: number }
  | { readonly does: 'restart' }
  /** A maintenance window of both sites begins. */
  | { readonly does: 'window'; readonly forMs: number }
  /** Somebody silences both sites. */
  | { readonly does: 'silence'; readonly forMs: number }
  /** Somebody acknowledges a site. */
  | { readonly does: 'ack'; readonly on: string }
  | { readonly does: 'clock'; readonly byMs: number };

const HOUR = 3600_000;
const PERIOD = 24 * HOUR;
const MOST = 60;

const tested = fc.record({
  does: fc.constantFrom('up', 'down', 'down', 'down', 'spoilt'),
  site: fc.constantFrom('site1', 'site2'),
  // All together less than three periods, so that no streak is stale: that has a property of its own.
  afterMs: fc.integer({ min: 1, max: (3 * PERIOD) / MOST }),
});
const window = fc.record({ does: fc.constant('window'), forMs: fc.integer({ min: 1, max: PERIOD }) });
const silence = fc.record({ does: fc.constant('silence'), forMs: fc.integer({ min: 1, max: PERIOD }) });
const ack = fc.record({ does: fc.constant('ack'), on: fc.constantFrom('site1', 'site2') });
const restart = fc.record({ does: fc.constant('restart') });
const stepOfTheClock = fc.record({
  does: fc.constant('clock'),
  byMs: fc.integer({ min: -400 * 24 * HOUR, max: 400 * 24 * HOUR }),
});
/** Over a restart the wall clock is all that there is: it is stepped only where there is none. */
const steps: fc.Arbitrary<readonly Step[]> = fc.oneof(
  fc.array(fc.oneof({ weight: 9, arbitrary: tested }, restart, window, silence, ack), { maxLength: MOST }),
  fc.array(fc.oneof({ weight: 9, arbitrary: tested }, stepOfTheClock, window, silence, ack), {
    maxLength: MOST,
  }),
) as fc.Arbitrary<readonly Step[]>;

const settings = fc.record({
  after: fc.integer({ min: 1, max: 5 }),
  recoverAfter: fc.integer({ min: 1, max: 3 }),
  remindHours: fc.oneof(fc.constant(0), fc.constantFrom(0.1, 0.5, 1, 24)),
  recovery: fc.boolean(),
});

/** A mail that was due: which, about which site, and when on the monotonic clock. */
interface Told {
  readonly kind: 'failure' | 'reminder' | 'recovery';
  readonly site: string;
  readonly clock: number;
}

/** What keeps people from being told at a test. */
interface Quiet {
  readonly planned: boolean;
  readonly silenced: boolean;
  readonly acknowledged: boolean;
}

/** Plays the steps through the alerts, a restart by the text of the state file, and calls `look` after each test. */
async function play(
  played: readonly Step[],
  alerts: Pick<Config['alerts'], 'after' | 'recoverAfter' | 'remindHours' | 'recovery'>,
  look: (step: Step, state: State, told: readonly Told[], clock: number, quiet: Quiet) => void,
): Promise<void> {
  let clock = 1000;
  let ahead = Date.parse('2018-11-14T05:18:02.000Z');
  let state = freshState();
  const system = { monotonic: () => clock, now: () => new Date(ahead + clock), hostname: 'h' } as System;
  const log = recordingLog();
  let maintenance: Config['maintenance'] = [];
  let windowEnds = Number.NEGATIVE_INFINITY;
  let windowBegins = 0;
  const orders = new Map<string, GivenOrder>();
  const wall = () => ahead + clock;
  const quiet = (site: string): Quiet => ({
    planned: windowBegins <= wall() && wall() < windowEnds,
    silenced: [...orders.values()].some(
      (order) => order.kind === 'silence' && order.from <= wall() && wall() < order.until,
    ),
    acknowledged: [...orders.values()].some((order) => order.kind === 'ack' && order.site === site),
  });
  const control = {
    read: () => ({ orders: [...orders.values()], problems: [] }),
    remove: (id: string) => {
      orders.delete(id);
      return DONE;
    },
  };
  const settings = () =>
    config(undefined, { alerts: { ...ALERTS, ...alerts }, frequency: PERIOD / 1000, maintenance });
  const start = () =>
    new RunAlerts(settings(), noRedact, {
      control,
      store: memoryStore(state),
      channels: () => new Map(),
      system,
      log,
      measure: NO_METRICS.measure,
      version: '1.0.0',
    });
  let running = start();
  for (const step of played) {
    if (step.does === 'clock') {
      ahead += step.byMs;
      continue;
    }
    if (step.does === 'window') {
      windowBegins = ahead + clock;
      windowEnds = windowBegins + step.forMs;
      const times = { kind: 'once', from: windowBegins, to: windowEnds } as const;
      maintenance = [{ times, sites: null, reason: null }];
      await running.use(settings(), noRedact);
      continue;
    }
    if (step.does === 'silence' || step.does === 'ack') {
      const id = `order ${orders.size} ${clock}`;
      const given = { version: 1, id, author: 'alice', from: wall() } as const;
      if (step.does === 'ack') orders.set(id, { ...given, kind: 'ack', site: step.on, note: null });
      else
        orders.set(id, { ...given, kind: 'silence', sites: null, until: wall() + step.forMs, reason: null });
      continue;
    }
    if (step.does === 'restart') {
      const parsed = parseState(formatState(state));
      if (!parsed.ok) throw new Error('the state was not read again');
      state = parsed.value;
      running = start();
      continue;
    }
    clock += step.afterMs;
    const time = system.now();
    log.lines.length = 0;
    const quietNow = quiet(step.site);
    await running.record(resultOf(step.does, time, step.site), null);
    look(
      step,
      state,
      log.lines.map(toldBy(step.site, clock)).filter((each) => each !== undefined),
      clock,
      quietNow,
    );
  }
}

function resultOf(does: 'up' | 'down' | 'spoilt', time: Date, site: string) {
  if (does === 'up') return up(time, site);
  if (does === 'down') return down(time, site);
  return result(time, [OK, REJECTED, OK], { site, host: new Map([['cleaning', 'java lives']]) });
}

/** The line of the log that goes with every mail, also where none is configured. */
function toldBy(site: string, clock: number) {
  return (line: string): Told | undefined => {
    const subject = /^WARNING Alert: (.*) \(no mail: /.exec(line)?.[1];
    if (subject === undefined || subject.startsWith('the monitor on ')) return undefined;
    if (/^\d+ consecutive failures? for /.test(subject) && subject.endsWith(` ${site}`))
      return { kind: 'failure', site, clock };
    if (subject.startsWith(`${site} is still down (`)) return { kind: 'reminder', site, clock };
    if (subject.startsWith(`${site} is back (`)) return { kind: 'recovery', site, clock };
    throw new Error(`an unknown subject: ${subject}`);
  };
}

test('any sequence of results, windows, silences and acks: each outage has one announcement or one reason for none, and one end', async () => {
  await fc.assert(
    fc.asyncProperty(steps, settings, async (played, alerts) => {
      // The whole policy in words of its own: how many failures in a row, and when it was last said that a site is down;
      // not known to people: never.
      const streaks = new Map<string, number>();
      const said = new Map<string, number>();
      const successes = new Map<string, number>();
      await play(played, alerts, (step, state, told, clock, { planned, silenced, acknowledged }) => {
        if (!('site' in step)) throw new Error('no test');
        let withheld: string | null = null;
        const failures = streaks.get(step.site) ?? 0;
        const expected: Told['kind'][] = [];
        if (step.does === 'up') {
          const inARow = (successes.get(step.site) ?? 0) + 1;
          successes.set(step.site, inARow);
          if (failures < alerts.after || inARow >= alerts.recoverAfter) {
            if (said.has(step.site) && alerts.recovery) expected.push('recovery');
            said.delete(step.site);
            streaks.set(step.site, 0);
          }
        } else if (step.does === 'down') {
          streaks.set(step.site, failures + 1);
          successes.set(step.site, 0);
          const last = said.get(step.site);
          if (last === undefined) {
            if (failures + 1 < alerts.after) withheld = 'below-threshold';
            else if (planned) withheld = 'maintenance';
            else if (silenced) withheld = 'silenced';
            else expected.push('failure');
          } else if (planned || silenced || acknowledged) {
            // No reminder.
          } else if (alerts.remindHours > 0 && clock - last >= alerts.remindHours * HOUR) {
            expected.push('reminder');
          }
          if (expected.length > 0) said.set(step.site, clock);
        }
        expect(told.map(({ kind }) => kind)).toEqual(expected);
        const known = state.sites.get(step.site);
        expect(known?.consecutiveFailures ?? 0).toBe(streaks.get(step.site) ?? 0);
        expect(known?.announced != null).toBe(said.has(step.site));
        if (step.does === 'down') expect(known?.withheld).toBe(withheld);
      });
    }),
    CASES,
  );
});

test('any pauses: a streak that nobody was told about is dropped after three periods over a restart, and else never', async () => {
  const pauses = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 6 * PERIOD }),
      restarts: fc.boolean(),
    }),
    { maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(pauses, async (given) => {
      const played = given.flatMap(({ afterMs, restarts }): Step[] => [
        ...(restarts ? [{ does: 'restart' } as const] : []),
        { does: 'down', site: 'site1', afterMs },
      ]);
      let streak = 0;
      let interval = 0;
      const expected = given.map(({ afterMs, restarts }, index) => {
        streak = restarts && afterMs > 3 * Math.max(PERIOD, interval) ? 1 : streak + 1;
        if (!restarts && index > 0) interval = afterMs;
        return streak;
      });
      const streaks: (number | undefined)[] = [];
      await play(
        played,
        { after: 1000, recoverAfter: 1, remindHours: 1, recovery: true },
        (_, state, told) => {
          streaks.push(state.sites.get('site1')?.consecutiveFailures);
          expect(told).toEqual([]);
        },
      );
      expect(streaks).toEqual(expected);
    }),
    CASES,
  );
});
